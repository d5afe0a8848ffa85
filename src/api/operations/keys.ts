// The keys that tokens are signed with, and the move of stored secrets to a new secrets key.
import { z } from 'zod';
import { operations } from '../operation.ts';
import { instant } from '../shapes.ts';

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
