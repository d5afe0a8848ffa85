// Takes away what a user's access hangs on: sessions, grants, codes, refresh tokens and links, and queues the
// back-channel logout of each application he is signed in to. This is tidying: every door reads the user's state,
// the organization's and `tokens_valid_from` by itself; the caller sets those in the same transaction.
import type { Ctx } from '../context.ts';
import { enqueue, type JobHandler } from '../database/jobs.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { queueLogouts, type SignedOut } from '../signals/queue-logouts.ts';
import { grantRef } from './artefact-hash.ts';

export const END_ORGANIZATION_ACCESS = 'end-organization-access';
const CHUNK = 200;

export type SessionPayload = { authorizations?: Record<string, { sid?: string; grantId?: string }> };
type Owner = { readonly organizationId: string; readonly userId: string };

type EndAccessInput = {
  organizationId: string;
  userId: string;
  /** Uid of a session that stays, with what it granted: the one in which the person acts. */
  exceptSession?: string;
};

/** Works in the ambient transaction, so that it happens exactly if the change does. */
export async function endAccess(ctx: Ctx, { organizationId, userId, exceptSession }: EndAccessInput): Promise<void> {
  await transaction(() => clear(organizationId, [userId], ctx.now, exceptSession));
}

/** Of whomever, in one go: the same four statements for one person and for a portion of an organization. */
async function clear(organizationId: string, userIds: string[], now: Date, exceptSession?: string): Promise<void> {
  const gone = await query<{ model: string; userId: string; payload: SessionPayload }>(
    `delete from oidc_artefacts where organization_id = $1 and user_id = any($2::uuid[])
       and ($3::text is null or model <> 'Session' or uid <> $3) and (grant_id is null or grant_id <> all($4::text[]))
     returning model, user_id as "userId", case when model = 'Session' then payload end as payload`,
    [organizationId, userIds, exceptSession ?? null, exceptSession ? await grantsOf(exceptSession) : []],
  );
  await query(
    `with ended as (
       update sessions set ended_at = $3 where organization_id = $1 and user_id = any($2::uuid[]) and ended_at is null
         and ($4::text is null or uid <> $4)
     ) delete from links where organization_id = $1 and user_id = any($2::uuid[]) and used_at is null`,
    [organizationId, userIds, now, exceptSession ?? null],
  );
  const sessions = gone.filter(({ model }) => model === 'Session');
  await queueLogouts(
    now,
    sessions.flatMap(({ userId, payload }) => signedOutOf({ organizationId, userId }, payload)),
  );
}

/** The applications that a session was signed in to. */
export const signedOutOf = (owner: Owner, { authorizations }: SessionPayload): SignedOut[] =>
  Object.entries(authorizations ?? {}).map(([clientId, { sid }]) => ({ ...owner, clientId, sid: sid ?? null }));

async function grantsOf(sessionUid: string): Promise<string[]> {
  const kept = await queryOne<{ payload: SessionPayload }>(
    "select payload from oidc_artefacts where model = 'Session' and uid = $1",
    [sessionUid],
  );
  return Object.values(kept?.payload.authorizations ?? {}).flatMap(({ grantId }) =>
    grantId ? [grantRef(grantId)] : [],
  );
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
      const userIds = users.map(({ user_id: userId }) => userId);
      await transaction(() => clear(organizationId, userIds, new Date()));
    }
  },
};
