// Organizations: admission, what they are, and whether they may work.
import { z } from 'zod';
import { ORGANIZATION_ATTRIBUTES } from '../../applications/application.ts';
import { ERASE_DAYS, SETTING_BOUNDS } from '../../organizations/organization-record.ts';
import { LIMIT_BOUNDS } from '../../credentials/session-limits.ts';
import { operations } from '../operation.ts';
import { instant, optionalText, pageOf, pageQuery, text } from '../shapes.ts';

const attributes = <T extends z.ZodType>(of: T) =>
  Object.fromEntries(ORGANIZATION_ATTRIBUTES.map((name) => [name, of])) as Record<
    (typeof ORGANIZATION_ATTRIBUTES)[number],
    T
  >;

/** What a chief administrator sees of them as well. */
export const chiefSettingsAnswer = {
  idleMinutesAdministrators: z.int(),
  idleMinutesUsers: z.int(),
  sessionHours: z.int(),
  passwordPolicy: z.enum(['standard', 'classic']),
  passwordHistory: z.int(),
  invitationReminderDays: z.int(),
  tellProvisionedDeactivation: z.boolean(),
};

export const organization = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: z.enum(['customer', 'operator']),
    state: z.enum(['active', 'suspended', 'closed']),
    attributes: z.object(attributes(z.boolean())),
    settings: z.object({
      deactivateOnly: z.boolean(),
      deactivateOnlyIn: z.record(z.string(), z.boolean()),
      ftp: z.boolean(),
      username: z.enum(['free', 'email']),
      router: z.boolean(),
      address: z.string(),
      showPeopleBy: z.enum(['name', 'number']),
      eraseAfterDays: z.int(),
      ...chiefSettingsAnswer,
    }),
    createdAt: instant,
    updatedAt: instant,
  })
  .meta({ id: 'Organization' });

const between = ({ least, most }: { least: number; most: number }, description: string) =>
  z.int().min(least).max(most).meta({ description });

/** What a chief administrator may set as well. */
export const chiefSettings = {
  idleMinutesAdministrators: between(
    LIMIT_BOUNDS.idleMinutesAdministrators,
    'Minutes without use after which a session of an administrator ends; 30 without it.',
  ),
  idleMinutesUsers: between(
    LIMIT_BOUNDS.idleMinutesUsers,
    'Minutes without use after which any other session ends; 480 without it.',
  ),
  sessionHours: between(LIMIT_BOUNDS.sessionHours, 'Hours after which every session ends; 24 without it.'),
  passwordPolicy: z
    .enum(['standard', 'classic'])
    .meta({ description: 'What a new password must be; `classic`: 7 characters, a capital and a small letter.' }),
  passwordHistory: between(
    SETTING_BOUNDS.passwordHistory,
    'So many former passwords may not come back; 0 without it, and then none is kept.',
  ),
  invitationReminderDays: between(
    SETTING_BOUNDS.invitationReminderDays,
    'Days before an invitation expires that its person is reminded; 2 without it, 0 for never.',
  ),
  tellProvisionedDeactivation: z
    .boolean()
    .meta({ description: 'Whoever a directory deactivates gets a mail about it.' }),
};

const change = {
  attributes: z.strictObject(attributes(z.boolean())).partial().optional(),
  settings: z
    .strictObject({
      deactivateOnly: z
        .boolean()
        .meta({ description: 'No person takes rights away; he deactivates the user instead.' }),
      deactivateOnlyIn: z
        .record(text(64), z.boolean().nullable())
        .meta({ description: 'The same by application, over deactivateOnly; null returns it to that.' }),
      ftp: z.boolean().meta({ description: 'The file server is switched on.' }),
      username: z.enum(['free', 'email']).meta({ description: 'What a username may look like.' }),
      router: z
        .boolean()
        .meta({ description: 'It stands on the list of sub-contractors; a conventional router always does.' }),
      address: optionalText(300).meta({ description: 'Its address on the list of sub-contractors.' }),
      showPeopleBy: z
        .enum(['name', 'number'])
        .meta({ description: 'How organizations for which its people act see them.' }),
      eraseAfterDays: z
        .int()
        .min(ERASE_DAYS.least)
        .max(ERASE_DAYS.most)
        .meta({ description: "Days from a user's deletion to the erasure of his personal data; 90 without it." }),
      ...chiefSettings,
    })
    .partial()
    .optional(),
};

const reason = z.strictObject({ reason: optionalText(500).optional() });
const COLUMNS = ['id', 'name', 'kind', 'state', 'createdAt'];

export const organizationOperations = operations({
  'organization.create': {
    noun: 'organization',
    verb: 'create',
    method: 'post',
    path: '/organizations',
    summary: 'Admits an organization. It has no customer account, limit or user yet.',
    needs: 'organizations.write',
    body: z.strictObject({ name: text(200), ...change }),
    answer: organization,
    status: 201,
    refusals: ['unknown_application'],
    example: '--name "Noordzee Media"',
  },
  'organization.list': {
    noun: 'organization',
    verb: 'list',
    method: 'get',
    path: '/organizations',
    summary: 'Lists organizations, the newest first.',
    needs: 'organizations.read',
    query: z.strictObject({
      name: text(200).optional().meta({ description: 'A part of the name.' }),
      customerNumber: text(64).optional().meta({ description: 'The whole number of one of its customer accounts.' }),
      state: z.enum(['active', 'suspended', 'closed']).optional(),
      withoutChief: z
        .enum(['true'])
        .optional()
        .meta({ description: 'Only active customers without an active chief administrator.' }),
      ...pageQuery,
    }),
    answer: pageOf(organization),
    columns: COLUMNS,
    example: '--name media --state active',
  },
  'organization.get': {
    noun: 'organization',
    verb: 'get',
    method: 'get',
    path: '/organizations/{organization}',
    summary: 'Reads an organization.',
    needs: 'organizations.read',
    answer: organization,
    example: '019391c2-7a5e-7c11-9a63-0c5f7a2f9f10',
  },
  'organization.export': {
    noun: 'organization',
    verb: 'export',
    method: 'post',
    path: '/organizations/{organization}/export',
    summary:
      'Sends all that is kept about an organization, its people, rights and history, and no secret; the history keeps that it was asked for.',
    needs: 'organizations.close',
    answer: z
      .looseObject({ exportedAt: z.string(), organization: z.looseObject({ id: z.string(), name: z.string() }) })
      .meta({ id: 'OrganizationExport', description: 'Beside these one list for each kind of thing.' }),
    streams: true,
    example: '019391c2-7a5e-7c11-9a63-0c5f7a2f9f10',
  },
  'organization.change': {
    noun: 'organization',
    verb: 'change',
    method: 'patch',
    path: '/organizations/{organization}',
    summary: 'Changes the name, attributes and settings; what is absent stays.',
    needs: 'organizations.write',
    body: z.strictObject({ name: text(200).optional(), ...change }),
    answer: organization,
    refusals: ['unknown_application'],
    example: '019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 --name "Noordzee Media NV"',
  },
  'organization.suspend': {
    noun: 'organization',
    verb: 'suspend',
    method: 'post',
    path: '/organizations/{organization}/suspend',
    summary: 'Suspends an organization: nobody of it has access from then on, and what it passed on gives nothing.',
    needs: 'organizations.suspend',
    body: reason,
    answer: organization,
    refusals: ['conflict', 'not_permitted'],
    example: '019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 --reason "unpaid invoices"',
  },
  'organization.resume': {
    noun: 'organization',
    verb: 'resume',
    method: 'post',
    path: '/organizations/{organization}/resume',
    summary: 'Lets a suspended organization in again: its rights are what they were, its sessions are not.',
    needs: 'organizations.suspend',
    body: reason,
    answer: organization,
    refusals: ['conflict'],
    example: '019391c2-7a5e-7c11-9a63-0c5f7a2f9f10',
  },
});
