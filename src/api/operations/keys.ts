// The keys that tokens are signed with, and the move of stored secrets to a new secrets key.
import { z } from 'zod';
import { operations } from '../operation.ts';
import { instant, text } from '../shapes.ts';

const key = z
  .object({
    kid: z.string(),
    algorithm: z.enum(['RS256', 'ES256']),
    state: z.enum(['next', 'active', 'retiring']).meta({
      description: '`next` is published and does not sign yet, `retiring` is published until its last token has ended.',
    }),
    createdAt: instant,
    activatedAt: instant.nullable(),
    retireAt: instant.nullable().meta({ description: 'When a retiring key goes.' }),
    usableFrom: instant
      .nullable()
      .meta({ description: 'From when a `next` key may sign: a day after it was published.' }),
  })
  .meta({ id: 'SigningKey' });

const KEY = '/keys/{kid}/destroy';
const EXAMPLE = 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs';

const COLUMNS = ['kid', 'algorithm', 'state', 'createdAt', 'activatedAt', 'usableFrom', 'retireAt'];

export const keyOperations = operations({
  'keys.list': {
    noun: 'keys',
    verb: 'list',
    method: 'get',
    path: '/keys',
    summary: 'Lists the published signing keys, those that sign first.',
    needs: 'keys.read',
    answer: z.object({ items: z.array(key) }),
    columns: COLUMNS,
    example: '',
  },
  'keys.rotate': {
    noun: 'keys',
    verb: 'rotate',
    method: 'post',
    path: '/keys/rotate',
    summary:
      'Lets the next signing keys take over now if they have been published for a day, and publishes new ones. No token fails.',
    needs: 'keys.write',
    answer: z.object({
      rotated: z.array(z.string()).meta({ description: 'The keys that became active; none: see `usableFrom`.' }),
      items: z.array(key),
    }),
    columns: COLUMNS,
    example: '',
  },
  'keys.effect': {
    noun: 'keys',
    verb: 'effect',
    method: 'get',
    path: KEY,
    summary: 'Tells what destroying a signing key would do.',
    needs: 'keys.read',
    answer: z.object({
      key,
      successor: z
        .object({
          kid: z.string(),
          publishedAt: instant,
          fresh: z.boolean().meta({
            description:
              'Published for less than a day: an application that has not read the keys since refuses what it signs until it does.',
          }),
        })
        .nullable()
        .meta({ description: 'The next key that signs from then on, in place of an active one.' }),
      refused: z.boolean().meta({ description: 'It signs and there is no next key: rotate first.' }),
      sessions: z.int().meta({ description: 'Browser sessions that live, counted up to 10,000. They stay.' }),
    }),
    example: EXAMPLE,
  },
  'keys.destroy': {
    noun: 'keys',
    verb: 'destroy',
    method: 'post',
    path: KEY,
    summary:
      'Asks to destroy a signing key that may be in other hands; a second person confirms it. What it signed is refused from then on.',
    needs: 'keys.write',
    body: z.strictObject({ reason: text(500) }),
    refusals: ['no_successor', 'conflict'],
    example: `${EXAMPLE} --reason "a copy of the database was lost"`,
  },
  'keys.confirm-destroy': {
    noun: 'keys',
    verb: 'confirm-destroy',
    method: 'post',
    path: `${KEY}/confirm`,
    summary: 'Destroys, as a second person, the key that was asked for; of an active one the next key takes over.',
    needs: 'keys.write',
    answer: z.object({ items: z.array(key) }),
    columns: COLUMNS,
    refusals: ['four_eyes', 'no_successor', 'conflict'],
    example: EXAMPLE,
  },
  'keys.refuse-destroy': {
    noun: 'keys',
    verb: 'refuse-destroy',
    method: 'post',
    path: `${KEY}/refuse`,
    summary: 'Refuses, or takes back, the destruction that was asked for.',
    needs: 'keys.write',
    example: EXAMPLE,
  },
  'keys.rewrap': {
    noun: 'keys',
    verb: 'rewrap',
    method: 'post',
    path: '/keys/rewrap',
    summary:
      'Moves stored secrets from the former secrets key to the present one, 20,000 at a time; at `remaining` 0 the former key may go.',
    needs: 'keys.write',
    answer: z.object({ keyId: z.string(), rewrapped: z.int(), remaining: z.int() }),
    refusals: ['conflict'],
    example: '',
  },
});
