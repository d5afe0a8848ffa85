// Notes that a person's session began or was used: in which browser, roughly where, and when; and whether he is an
// administrator now, whose idle limit is shorter. A use is noted at most once a minute, not at each request.
import { prepared, query } from '../database/query.ts';
import { IS_ADMINISTRATOR } from '../entitlements/administration-rights-of.ts';
import { shownPrefix } from './address-prefix.ts';
import { deviceWords } from './user-agent.ts';

export const NOTED_EVERY_MS = 60_000;

const BEGAN = prepared(
  'session_began',
  `insert into sessions as s (organization_id, user_id, started_at, used_at, uid, browser, platform, address_prefix, administrator)
   select $1::uuid, $2::uuid, $3::timestamptz, $3::timestamptz, $4::text, $5::text, $6::text, $7::text, ${IS_ADMINISTRATOR}
   on conflict (organization_id, uid) do update set used_at = greatest(s.used_at, excluded.used_at), browser = excluded.browser,
     platform = excluded.platform, address_prefix = excluded.address_prefix, administrator = excluded.administrator
     where s.user_id = excluded.user_id and s.ended_at is null`,
);

const USED = prepared(
  'session_used',
  `update sessions set used_at = $3::timestamptz, administrator = ${IS_ADMINISTRATOR}
   where organization_id = $1 and user_id = $2 and uid = $4 and ended_at is null and used_at < $3`,
);

export type SessionRef = { readonly organizationId: string; readonly userId: string; readonly uid: string };
export type SeenFrom = { readonly userAgent: string | undefined; readonly address: string | undefined };

/** At a sign-in, and when the provider writes the session again. */
export async function noteSession(session: SessionRef, { userAgent, address }: SeenFrom, now: Date): Promise<void> {
  const { organizationId, userId, uid } = session;
  const { browser, platform } = deviceWords(userAgent);
  await query(BEGAN, [organizationId, userId, now, uid, browser, platform, shownPrefix(address)]);
}

/** `usedAt`: as it was loaded. */
export async function noteUse(session: SessionRef, usedAt: Date, now: Date): Promise<void> {
  if (now.getTime() - usedAt.getTime() < NOTED_EVERY_MS) return;
  await query(USED, [session.organizationId, session.userId, now, session.uid]);
}
