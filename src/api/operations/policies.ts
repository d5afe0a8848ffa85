// What an organization's chief administrators decide about signing in, and its terms of use.
import { z } from 'zod';
import { LANGUAGES } from '../../applications/application.ts';
import { operations } from '../operation.ts';
import { instant, text } from '../shapes.ts';
import { chiefSettings, chiefSettingsAnswer } from './organizations.ts';

const ORGANIZATION = '019391c2-7a5e-7c11-9a63-0c5f7a2f9f10';
const rule = z.enum(['administrators', 'everyone']);
const policy = z
  .object({
    secondFactor: z.object({ rule, applications: z.record(z.string(), rule) }),
    deactivateOnly: z.boolean(),
    deactivateOnlyIn: z.record(z.string(), z.boolean()),
    username: z.enum(['free', 'email']),
    ...chiefSettingsAnswer,
  })
  .meta({ id: 'SecurityPolicy' });
const terms = z
  .object({ version: z.int(), texts: z.record(z.enum(LANGUAGES), z.string()), publishedAt: instant })
  .meta({ id: 'Terms' });
// Paragraphs are separated by empty lines, which `text` would refuse; the domain checks the lengths.
const longText = z
  .string()
  .min(1)
  .max(50_000)
  .refine((value) => value.isWellFormed() && !value.includes('\u0000'), 'must be text');

export const policyOperations = operations({
  'policy.get': {
    noun: 'policy',
    verb: 'get',
    method: 'get',
    path: '/organizations/{organization}/policy',
    summary: "Reads an organization's security policy: what its chief administrators may set themselves.",
    needs: 'organizations.read',
    answer: policy,
    example: `--organization ${ORGANIZATION}`,
  },
  'policy.change': {
    noun: 'policy',
    verb: 'change',
    method: 'patch',
    path: '/organizations/{organization}/policy',
    summary: 'Changes the security policy; what is absent stays.',
    needs: 'organizations.write',
    body: z
      .strictObject({
        secondFactor: z
          .strictObject({
            rule: rule.meta({ description: 'Who must give a second factor, beside administrators.' }),
            applications: z
              .record(text(64), rule.nullable())
              .meta({ description: "The same by application; null returns it to the organization's own rule." }),
          })
          .partial(),
        deactivateOnly: z.boolean(),
        deactivateOnlyIn: z.record(text(64), z.boolean().nullable()),
        username: z.enum(['free', 'email']),
        ...chiefSettings,
      })
      .partial(),
    answer: policy,
    refusals: ['unknown_application'],
    example: `--organization ${ORGANIZATION} --idle-minutes-users 60`,
  },
  'terms.get': {
    noun: 'terms',
    verb: 'get',
    method: 'get',
    path: '/organizations/{organization}/terms',
    summary: 'Reads the newest terms that people of an organization accept.',
    needs: 'organizations.read',
    answer: terms,
    example: `--organization ${ORGANIZATION}`,
  },
  'terms.publish': {
    noun: 'terms',
    verb: 'publish',
    method: 'post',
    path: '/organizations/{organization}/terms',
    summary: 'Publishes a new version of the terms, which everybody is asked to accept.',
    needs: 'organizations.write',
    body: z.strictObject({ texts: z.strictObject({ nl: longText, fr: longText, de: longText, en: longText }) }),
    answer: terms,
    status: 201,
    refusals: ['conflict'],
    example: `--organization ${ORGANIZATION} --input terms.json`,
  },
});
