// Takes away what a user's access hangs on: sessions, grants, codes, refresh tokens and links, and queues the
// back-channel logout of each application he is signed in to. This is tidying: every door reads the user's state,
// the organization's and `tokens_valid_from` by itself; the caller sets those in the same transaction.
import type { Ctx } from '../context.ts';
import { enqueue, type JobHandler } from '../database/jobs.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { encodeSubject } from '../users/subject.ts';
import { grantRef } from './artefact-hash.ts';

export const BACKCHANNEL_LOGOUT = 'backchannel-logout';
export const END_ORGANIZATION_ACCESS = 'end-organization-access';
const CHUNK = 200;

export type SignedOut = { clientId: string; sub: string; sid: string | null };

type SessionPayload = { authorizations?: Record<string, { sid?: string; grantId?: string }> };

export type EndAccessInput = {
  organizationId: string;
  userId: string;
  /** Uid of a session that stays, with what it granted: the one in which the person acts. */
  exceptSession?: string;
};

/** Works in the ambient transaction, so that it happens exactly if the change does. */
export async function endAccess(_ctx: Ctx, input: EndAccessInput): Promise<void> {
  await transaction(() => clear(input));
}

async function clear({ organizationId, userId, exceptSession }: EndAccessInput): Promise<void> {
  const gone = await query<{ model: string; payload: SessionPayload }>(
    `delete from oidc_artefacts where organization_id = $1 and user_id = $2
       and ($3::text is null or model <> 'Session' or uid <> $3) and (grant_id is null or grant_id <> all($4::text[]))
     returning model, payload`,
    [organizationId, userId, exceptSession ?? null, exceptSession ? await grantsOf(exceptSession) : []],
  );
  await query('delete from links where organization_id = $1 and user_id = $2 and used_at is null', [
    organizationId,
    userId,
  ]);
  const sub = encodeSubject(organizationId, userId);
  const signedOut = gone
    .filter(({ model }) => model === 'Session')
    .flatMap(({ payload }) => Object.entries(payload.authorizations ?? {}))
    .map(([clientId, { sid }]) => ({ clientId, sub, sid: sid ?? null }));
  await queueLogouts(signedOut);
}

async function grantsOf(sessionUid: string): Promise<string[]> {
  const kept = await queryOne<{ payload: SessionPayload }>(
    "select payload from oidc_artefacts where model = 'Session' and uid = $1",
    [sessionUid],
  );
  return Object.values(kept?.payload.authorizations ?? {}).flatMap(({ grantId }) =>
    grantId ? [grantRef(grantId)] : [],
  );
}

/** One job for each application that listens. */
export async function queueLogouts(signedOut: readonly SignedOut[]): Promise<void> {
  if (signedOut.length === 0) return;
  const listening = await query<{ client_id: string }>(
    "select client_id from clients where client_id = any($1) and ended_at is null and metadata ->> 'backchannel_logout_uri' is not null",
    [[...new Set(signedOut.map(({ clientId }) => clientId))]],
  );
  const ids = new Set(listening.map((row) => row.client_id));
  for (const job of signedOut) if (ids.has(job.clientId)) await enqueue(BACKCHANNEL_LOGOUT, job);
}

/** Queues the tidying for a whole organization, in the transaction that suspends or closes it. */
export async function endOrganizationAccess(_ctx: Ctx, organizationId: string): Promise<void> {
  await enqueue(END_ORGANIZATION_ACCESS, { organizationId });
}

/** Chunk by chunk, each in its own transaction; a stop in between is resumed by the job's next run. */
export const endOrganizationAccessJob: JobHandler = {
  run: async (data) => {
    const organizationId = String(data['organizationId']);
    for (;;) {
      const users = await query<{ user_id: string }>(
        `select user_id from oidc_artefacts where organization_id = $1 and user_id is not null
         union select user_id from links where organization_id = $1 and used_at is null limit $2`,
        [organizationId, CHUNK],
      );
      if (users.length === 0) return;
      await transaction(async () => {
        for (const { user_id: userId } of users) await clear({ organizationId, userId });
      });
    }
  },
};
