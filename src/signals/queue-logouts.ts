// Notes which applications must hear that a session ended, and queues a job for each, in the ambient transaction: the job
// exists exactly if the session's end does (OpenID Connect Back-Channel Logout 1.0).
import { v7 as uuidv7 } from 'uuid';
import { enqueueAll } from '../database/jobs.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';

export const BACKCHANNEL_LOGOUT = 'backchannel-logout';

export type SignedOut = {
  readonly organizationId: string;
  readonly userId: string;
  readonly clientId: string;
  /** Names the session in the application's tokens. */
  readonly sid: string | null;
};

/** Applications that have no address for it are left out. */
export async function queueLogouts(now: Date, signedOut: readonly SignedOut[]): Promise<void> {
  if (signedOut.length === 0) return;
  await transaction(async () => {
    const queued = await query<{ organizationId: string; id: string; clientId: string }>(
      `insert into logout_deliveries (organization_id, id, user_id, client_id, sid, created_at)
       select s.organization_id, s.id, s.user_id, s.client_id, s.sid, $1
       from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[]) as s(organization_id, id, user_id, client_id, sid)
       join clients c on c.client_id = s.client_id and c.ended_at is null and c.metadata ->> 'backchannel_logout_uri' is not null
       returning organization_id as "organizationId", id, client_id as "clientId"`,
      [
        now,
        signedOut.map(({ organizationId }) => organizationId),
        signedOut.map(() => uuidv7()),
        signedOut.map(({ userId }) => userId),
        signedOut.map(({ clientId }) => clientId),
        signedOut.map(({ sid }) => sid),
      ],
    );
    await enqueueAll(
      BACKCHANNEL_LOGOUT,
      queued.map(({ organizationId, id, clientId }) => ({ data: { organizationId, id }, group: clientId })),
    );
  });
}
