// What the clock does to waiting requests: a reminder after three and after seven days, the end after fourteen, and a look
// at whether anybody can still answer them. Each in its own transaction; a stop in between loses nothing.
import type { Logger } from 'pino';
import type { JobHandler } from '../database/jobs.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { close } from './answer-request.ts';
import { mailAnswerers, noteAnswerers, systemCtx } from './request-notice.ts';
import { findRequest } from './request-row.ts';

const DAY_MS = 86_400_000;
/** Days after which the first and the second reminder go out. */
const REMINDERS = [3, 7] as const;
const CHUNK = 200;

type Place = { organizationId: string; id: string; askedAt: Date };

async function tendOne({ organizationId, id }: Place, now: Date, log: Logger): Promise<void> {
  const ctx = systemCtx(organizationId, log, now);
  await transaction(async () => {
    const request = await findRequest(ctx, id, { lock: true });
    if (request.state !== 'waiting') return;
    if (request.expiresAt <= now) return close(ctx, request, { state: 'expired', answer: '' });
    const days = (now.getTime() - request.askedAt.getTime()) / DAY_MS;
    const due = REMINDERS.filter((day) => days >= day).length;
    const [row] = await query<{ reminders: number }>(
      `update access_requests set reminders = $3 where organization_id = $1 and id = $2 and reminders < $3 returning reminders`,
      [organizationId, id, due],
    );
    if (row) await mailAnswerers(ctx, request, true);
    else await noteAnswerers(ctx, request);
  });
}

/** Walks over all that waits, oldest first. */
export async function tendRequests(now: Date, log: Logger): Promise<void> {
  let past: Place | undefined;
  for (;;) {
    const places: Place[] = await query<Place>(
      `select organization_id as "organizationId", id, asked_at as "askedAt" from access_requests
       where state = 'waiting' and ($1::timestamptz is null or (asked_at, organization_id, id) > ($1, $2::uuid, $3::uuid))
       order by asked_at, organization_id, id limit ${CHUNK}`,
      [past?.askedAt ?? null, past?.organizationId ?? null, past?.id ?? null],
    );
    for (const place of places) await tendOne(place, now, log);
    past = places.at(-1);
    if (places.length < CHUNK || !past) return;
  }
}

export const tendRequestsJob = (log: Logger): JobHandler => ({
  run: () => tendRequests(new Date(), log),
  cron: '17 * * * *',
});
