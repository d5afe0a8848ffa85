// Keeps recovery from being used to flood a mailbox or the queue: so many requests an hour per name typed, per visitor's
// network and per mailbox, known or unknown alike. Counted in the table of failed sign-ins, under keys of their own; the
// buckets are keyed hashes, because people type anything into that field.
import { createHmac } from 'node:crypto';
import { query } from '../database/query.ts';
import { secrets } from './secrets.ts';

const MOST_AN_HOUR = { identifier: 5, address: 60, mailbox: 5 } as const;

export type Counted = { readonly by: keyof typeof MOST_AN_HOUR; readonly value: string };

const bucket = ({ by, value }: Counted) =>
  createHmac('sha256', secrets().derive('throttle'))
    .update(JSON.stringify(['recovery', by, value]))
    .digest();

/** Counts one request in each, and says whether it is within the limit of all. */
export async function countRecovery(counted: readonly Counted[], now: Date): Promise<boolean> {
  const rows = await query<{ bucket: Buffer; failures: number }>(
    `insert into sign_in_throttles as t (bucket, kind, failures, since, last_at, blocked_until)
     select bucket, 'address', 1, $2, $2, null from unnest($1::bytea[]) as bucket
     on conflict (bucket) do update set last_at = excluded.last_at,
       failures = case when t.since < excluded.since - interval '1 hour' then 1 else t.failures + 1 end,
       since = case when t.since < excluded.since - interval '1 hour' then excluded.since else t.since end
     returning bucket, failures`,
    [counted.map(bucket), now],
  );
  return counted.every(
    (one) => (rows.find((row) => row.bucket.equals(bucket(one)))?.failures ?? 0) <= MOST_AN_HOUR[one.by],
  );
}
