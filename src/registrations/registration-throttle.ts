// Keeps the public form from being used to flood a mailbox or the operator's queue: so many an hour per visitor's network
// and per mailbox. Counted with the failed sign-ins, under keyed hashes of their own.
import { createHmac } from 'node:crypto';
import { secrets } from '../credentials/secrets.ts';
import { query } from '../database/query.ts';
import { HubError } from '../errors.ts';

const MOST_AN_HOUR = { address: 10, mailbox: 3 } as const;
const HOUR_S = 3600;

type Counted = { readonly by: keyof typeof MOST_AN_HOUR; readonly value: string };

const bucket = ({ by, value }: Counted) =>
  createHmac('sha256', secrets().derive('throttle'))
    .update(JSON.stringify(['registration', by, value]))
    .digest();

/** Counts one form. Throws HubError `throttled`. */
export async function countRegistration(counted: readonly Counted[], now: Date): Promise<void> {
  const rows = await query<{ bucket: Buffer; failures: number }>(
    `insert into sign_in_throttles as t (bucket, kind, failures, since, last_at, blocked_until)
     select bucket, 'address', 1, $2, $2, null from unnest($1::bytea[]) as bucket
     on conflict (bucket) do update set last_at = excluded.last_at,
       failures = case when t.since < excluded.since - interval '1 hour' then 1 else t.failures + 1 end,
       since = case when t.since < excluded.since - interval '1 hour' then excluded.since else t.since end
     returning bucket, failures`,
    [counted.map(bucket), now],
  );
  const over = counted.some(
    (one) => (rows.find((row) => row.bucket.equals(bucket(one)))?.failures ?? 0) > MOST_AN_HOUR[one.by],
  );
  if (over) throw new HubError('throttled', 'Too many registrations were sent from here.', { retryAfter: HOUR_S });
}
