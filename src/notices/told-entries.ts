// Which entries of the operator's queues his staff were told of. An entry that leaves its queue is forgotten, so that they hear
// of it again if it comes back.
import type { Ctx } from '../context.ts';
import { query } from '../database/query.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import type { StaffTopic } from './topics.ts';

/** Answers which of them nobody was told of yet; from now on they count as told. In the ambient transaction. */
export async function markTold(
  { now }: Pick<Ctx, 'now'>,
  topic: StaffTopic,
  entries: readonly string[],
): Promise<ReadonlySet<string>> {
  if (entries.length === 0) return new Set();
  const fresh = await query<{ entry: string }>(
    `insert into told_entries (organization_id, topic, entry, told_at) select $1::uuid, $2::text, e, $4::timestamptz from unnest($3::text[]) e
     on conflict do nothing returning entry`,
    [OPERATOR_ORGANIZATION_ID, topic, entries, now],
  );
  return new Set(fresh.map(({ entry }) => entry));
}

/** All of the topic but these. */
export const forgetOthers = (topic: StaffTopic, entries: readonly string[]): Promise<unknown> =>
  query('delete from told_entries where organization_id = $1 and topic = $2 and entry <> all($3::text[])', [
    OPERATOR_ORGANIZATION_ID,
    topic,
    entries,
  ]);
