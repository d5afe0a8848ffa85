// Remembers the day on which a user last received a token for an application: at most one write a day.
import { prepared, query } from '../database/query.ts';

const UPSERT = prepared(
  'application_use',
  `insert into application_uses as known (organization_id, user_id, application, last_used_on) values ($1, $2, $3, $4::date)
   on conflict (organization_id, user_id, application) do update set last_used_on = excluded.last_used_on
   where known.last_used_on < excluded.last_used_on`,
);

type ApplicationUse = { organizationId: string; userId: string; application: string; now: Date };

// Only saves statements: the database decides. Emptied at midnight and when it grows too large.
const MAX_REMEMBERED = 100_000;
let day = '';
const remembered = new Set<string>();

/** Days are UTC. */
export async function recordApplicationUse({
  organizationId,
  userId,
  application,
  now,
}: ApplicationUse): Promise<void> {
  const today = now.toISOString().slice(0, 10);
  if (today !== day || remembered.size >= MAX_REMEMBERED) remembered.clear();
  day = today;
  const key = `${organizationId} ${userId} ${application}`;
  if (remembered.has(key)) return;
  await query(UPSERT, [organizationId, userId, application, today]);
  remembered.add(key);
}
