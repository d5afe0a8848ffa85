// The shape of config/demo.yaml, as its head describes it, and the file itself: a key that the shape does not know is a fault.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const text = z.string().min(1);
const values = z.union([z.literal('*'), z.array(text).min(1)]);
const limit = z.partialRecord(z.enum(['rights', 'products', 'borderels', 'contracts', 'billing_addresses']), values);
const state = z.enum(['active', 'closed']).default('active');
const resource = { number: text, label: text, address: text.optional(), state };
const entitlement = { application: text, customer_account: text, profile: text.optional(), values: limit };
const days = z.number().int().positive().optional();

export const Demo = z.strictObject({
  contact: z.strictObject({ customer_service: text }),
  operator: z.strictObject({ user_name: text, given_name: text, family_name: text, email: z.email(), language: text }),
  staff: z.array(
    z.strictObject({
      user_name: text,
      given_name: text,
      family_name: text,
      email: z.email(),
      language: text,
      roles: z.array(z.enum(['owner', 'support', 'catalogue', 'security', 'auditor'])).min(1),
    }),
  ),
  registrations: z.array(
    z.strictObject({
      company: text,
      customer_number: text,
      proof: text,
      given_name: text,
      family_name: text,
      email: z.email(),
      phone: z.string(),
      language: text,
      applications: z.array(text).min(1),
    }),
  ),
  organizations: z.array(
    z.strictObject({
      key: text,
      name: text,
      attributes: z.partialRecord(z.enum(['conventional_router', 'etoe_partner']), z.boolean()).default({}),
      settings: z.strictObject({
        username: z.enum(['free', 'email']).default('free'),
        deactivate_only: z.boolean().default(false),
        ftp: z.boolean().default(false),
        router: z.boolean().default(false),
        address: z.string().default(''),
      }),
      customer_accounts: z.array(
        z.strictObject({
          number: text,
          name: text,
          address: text,
          billing_addresses: z.array(z.strictObject(resource)),
          contracts: z.array(
            z.strictObject({ ...resource, master: z.boolean().default(false), services: z.array(text).optional() }),
          ),
          subscriptions: z.array(z.strictObject({ application: text, values: limit })),
        }),
      ),
      connections: z.array(z.strictObject({ name: text, opened_groups: z.array(text), opened_by: text })),
      users: z.array(
        z.strictObject({
          user_name: text,
          given_name: text,
          family_name: text,
          email: z.email(),
          language: z.enum(['nl', 'fr', 'de', 'en']),
          title: text.optional(),
          kind: z
            .enum(['chief_administrator', 'administrator', 'user', 'mail_house_administrator', 'mail_house_user'])
            .default('user'),
          administration_rights: z.array(z.enum(['manage_administrators', 'manage_users', 'ftp_access'])).default([]),
          account_rights: z
            .record(text, z.array(z.enum(['view_account_settings', 'manage_account_settings'])))
            .default({}),
          connection: text.optional(),
          invited: z.boolean().default(false),
          active: z.boolean().default(true),
          service: z.boolean().default(false),
        }),
      ),
      groups: z.array(
        z.strictObject({ name: text, users: z.array(text), groups: z.array(text), connection: text.optional() }),
      ),
      roles: z.array(
        z.strictObject({ name: text, description: text, entitlements: z.array(z.strictObject(entitlement)) }),
      ),
      assignments: z.array(
        z.strictObject({
          to_user: text.optional(),
          to_group: text.optional(),
          by: text,
          role: text.optional(),
          ...z.strictObject(entitlement).partial().shape,
          until_day: days,
        }),
      ),
    }),
  ),
  mandates: z.array(
    z.strictObject({
      from: text,
      to: text,
      by: text,
      customer_account: text,
      onward: z.number().int().min(0).max(3),
      until_day: days,
      boxes: z.array(z.strictObject({ application: text, values: limit })),
    }),
  ),
  news: z.array(
    z.strictObject({
      days_ago: z.int().min(0),
      title: z.record(z.enum(['nl', 'fr', 'de', 'en']), text),
      text: z.record(z.enum(['nl', 'fr', 'de', 'en']), text),
      more_url: z.url().optional(),
    }),
  ),
  clients: z.array(
    z.strictObject({
      client_id: text,
      name: text,
      kind: z.enum(['web', 'native', 'service']),
      application: text,
      redirect_uris: z.array(text).optional(),
      post_logout_redirect_uris: z.array(text).optional(),
      backchannel_logout_uri: text.optional(),
      service_user: z.strictObject({ organization: text, user_name: text }).optional(),
    }),
  ),
});
export type Demo = z.infer<typeof Demo>;
export type DemoOrganization = Demo['organizations'][number];

export function readDemo(): Demo {
  return Demo.parse(parse(readFileSync(new URL('../../config/demo.yaml', import.meta.url), 'utf8')));
}
