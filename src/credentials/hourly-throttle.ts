// Keeps public forms from being used to flood a mailbox or a queue: so many an hour of each kind of thing that is counted,
// known or unknown alike. Counted in the table of failed sign-ins, under keyed hashes, because people type anything.
import { query } from '../database/query.ts';
import { throttleTag } from './throttle-tag.ts';

export type HourlyCount<By extends string> = { readonly by: By; readonly value: string };

const COUNT = `insert into sign_in_throttles as t (bucket, kind, failures, since, last_at, blocked_until)
     select bucket, 'address', 1, $2, $2, null from unnest($1::bytea[]) as bucket
     on conflict (bucket) do update set last_at = excluded.last_at,
       failures = case when t.since < excluded.since - interval '1 hour' then 1 else t.failures + 1 end,
       since = case when t.since < excluded.since - interval '1 hour' then excluded.since else t.since end
     returning bucket, failures`;

/** Counts one form of the purpose in each, and says whether it is within `most` of all. */
export async function countHourly<By extends string>(
  { purpose, most, now }: { purpose: string; most: Readonly<Record<By, number>>; now: Date },
  counted: readonly HourlyCount<By>[],
): Promise<boolean> {
  const buckets = counted.map(({ by, value }) => throttleTag([purpose, by, value]));
  const rows = await query<{ bucket: Buffer; failures: number }>(COUNT, [buckets, now]);
  return counted.every(({ by }, i) => (rows.find((row) => buckets[i]?.equals(row.bucket))?.failures ?? 0) <= most[by]);
}
