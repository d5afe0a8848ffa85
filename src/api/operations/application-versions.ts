// An application's text: its draft, what publishing it would do, its published versions; and its logo.
import { z } from 'zod';
import { operations } from '../operation.ts';
import { id, instant, text } from '../shapes.ts';

const APP = '/applications/{application}';
const reason = z.strictObject({ reason: text(500) });
const fault = z.object({ line: z.int(), rule: z.string(), message: z.string() });
const most = z
  .array(z.object({ id, name: z.string(), count: z.int() }))
  .meta({ description: 'The five organizations with most of them.' });

export const applicationVersionOperations = operations({
  'application.source': {
    noun: 'application',
    verb: 'source',
    method: 'get',
    path: `${APP}/source`,
    summary: 'Reads the text (YAML) of an application as published, and its draft.',
    needs: 'applications.read',
    answer: z.object({
      key: z.string(),
      published: z.string(),
      version: z.int().meta({ description: '0: the file that the hub came with.' }),
      draft: z
        .object({ source: z.string(), changedBy: z.object({ label: z.string() }), changedAt: instant })
        .nullable(),
    }),
    example: 'emasspost',
  },
  'application.draft': {
    noun: 'application',
    verb: 'draft',
    method: 'put',
    path: `${APP}/draft`,
    summary: 'Keeps a text as draft where it has no fault; else answers each fault with its line and keeps nothing.',
    needs: 'applications.write',
    body: z.strictObject({ source: z.string().min(1).max(500_000) }),
    answer: z.object({ faults: z.array(fault) }),
    example: 'emasspost --input draft.json',
  },
  'application.drop-draft': {
    noun: 'application',
    verb: 'drop-draft',
    method: 'delete',
    path: `${APP}/draft`,
    summary: 'Discards the draft of an application.',
    needs: 'applications.write',
    example: 'emasspost',
  },
  'application.effect': {
    noun: 'application',
    verb: 'effect',
    method: 'get',
    path: `${APP}/draft/effect`,
    summary: 'Tells what publishing the draft would do to what was given.',
    needs: 'applications.read',
    answer: z.object({
      missing: z.array(z.object({ name: z.string(), uses: z.int() })),
      entitlements: z.int(),
      losing: z.int(),
      broken: z.int().meta({ description: 'Entitlements that give nothing any more.' }),
      organizations: z.int().meta({ description: 'In which entitlements lose something or all.' }),
      most,
      pairs: z
        .array(
          z.object({
            between: z.record(z.string(), z.string()).meta({ description: 'The pair in words, by language.' }),
            mode: z.enum(['refuse', 'report']),
            people: z.int().meta({ description: 'To whom both were given already. They keep both.' }),
            organizations: z.int(),
            most,
          }),
        )
        .meta({ description: 'Rights that are kept apart anew.' }),
      addedValues: z.array(z.string()),
      retiredValues: z.array(z.string()),
    }),
    example: 'emasspost',
  },
  'application.publish': {
    noun: 'application',
    verb: 'publish',
    method: 'post',
    path: `${APP}/publish`,
    summary: 'Asks to publish the draft; a second person confirms it.',
    needs: 'applications.write',
    body: reason,
    refusals: ['still_in_use', 'conflict'],
    example: 'emasspost --reason "the price list of 2030"',
  },
  'application.confirm-publish': {
    noun: 'application',
    verb: 'confirm-publish',
    method: 'post',
    path: `${APP}/publish/confirm`,
    summary: 'Publishes, as a second person, the draft that was asked for, as a version that never changes.',
    needs: 'applications.write',
    answer: z.object({ version: z.int() }),
    refusals: ['four_eyes', 'still_in_use', 'conflict'],
    example: 'emasspost',
  },
  'application.refuse-publish': {
    noun: 'application',
    verb: 'refuse-publish',
    method: 'post',
    path: `${APP}/publish/refuse`,
    summary: 'Refuses, or takes back, the publishing that was asked for.',
    needs: 'applications.write',
    example: 'emasspost',
  },
  'application.versions': {
    noun: 'application',
    verb: 'versions',
    method: 'get',
    path: `${APP}/versions`,
    summary: 'Lists the published versions of an application, the newest first.',
    needs: 'applications.read',
    answer: z.object({
      items: z.array(
        z.object({
          version: z.int(),
          note: z.string(),
          publishedBy: z.object({ label: z.string() }),
          confirmedBy: z.object({ label: z.string() }),
          publishedAt: instant,
        }),
      ),
    }),
    example: 'emasspost',
  },
  'application.set-logo': {
    noun: 'application',
    verb: 'set-logo',
    method: 'put',
    path: `${APP}/logo`,
    summary: 'Sets the logo of an application (PNG, JPEG or WebP, 256 KB at most), or takes it away.',
    needs: 'applications.write',
    body: z.strictObject({
      picture: z
        .string()
        .max(400_000)
        .regex(/^[A-Za-z0-9+/]*={0,2}$/, 'must be base64')
        .nullable()
        .meta({ description: 'In base64; null takes the logo away.' }),
    }),
    refusals: ['unknown_application'],
    example: 'emasspost --input logo.json',
  },
});
