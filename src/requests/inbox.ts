// The requests that an administrator may answer, or has seen answered: listed, counted and read one by one.
import type { OrganizationCtx } from '../context.ts';
import { queryOne } from '../database/query.ts';
import { administrationRightsOf, type HeldRight } from '../entitlements/administration-rights-of.ts';
import { isId } from '../users/is-id.ts';
import { loadReach, mayAnswer, reachCondition, reachValues } from './reach.ts';
import { findRequest, requestNotFound, selectRequests, type AccessRequest } from './request-row.ts';
import type { RequestState } from './request-states.ts';

type InboxQuery = {
  /** `waiting`: oldest first. `decided`: all others, youngest first. */
  readonly view: 'waiting' | 'decided';
  readonly application?: string;
  /** Id of the last one of the page before. */
  readonly after?: string;
  readonly size: number;
};
type InboxPage = { readonly requests: AccessRequest[]; readonly next: string | null };

const DECIDED: readonly RequestState[] = ['approved', 'approved_in_part', 'denied', 'cancelled', 'expired', 'closed'];

/** Throws HubError `not_permitted` for somebody who is not active. Whoever can give nothing has an empty inbox. */
export async function listInbox(ctx: OrganizationCtx, asked: InboxQuery): Promise<InboxPage> {
  const reach = await loadReach(ctx);
  const waiting = asked.view === 'waiting';
  const found = await selectRequests(
    ctx.organizationId,
    `r.state = any($2) and ($3::text is null or r.application = $3) and ($4::uuid is null or r.id ${waiting ? '>' : '<'} $4)
     and ${reachCondition(6)} order by r.id ${waiting ? 'asc' : 'desc'} limit $5`,
    [
      waiting ? ['waiting'] : DECIDED,
      asked.application ?? null,
      asked.after !== undefined && isId(asked.after) ? asked.after : null,
      asked.size + 1,
      ...reachValues(reach),
    ],
  );
  const requests = found.slice(0, asked.size);
  return { requests, next: found.length > asked.size ? (requests.at(-1)?.id ?? null) : null };
}

const MOST_COUNTED = 99;

/** SQL: whether any waits in organization $1. */
export const ANY_REQUEST_WAITS = `exists (select 1 from access_requests where organization_id = $1 and state = 'waiting')`;

/** How many wait for this person; 0 for whoever administers nothing. `held`: his administration rights, where they are known. */
export async function countInbox(ctx: OrganizationCtx, held?: readonly HeldRight[]): Promise<number> {
  if (ctx.actor.kind !== 'user') return 0;
  const { id } = ctx.actor;
  const rights = held ?? (await administrationRightsOf(ctx, [id])).get(id.toLowerCase()) ?? [];
  if (rights.every(({ name }) => name === 'recover_password' || name === 'ftp_access')) return 0;
  const row = await queryOne<{ n: number }>(
    `select count(*)::int as n from (
       select 1 from access_requests r where r.organization_id = $1 and r.state = 'waiting' and ${reachCondition(2)} limit ${MOST_COUNTED}
     ) as counted`,
    [ctx.organizationId, ...reachValues(await loadReach(ctx))],
  );
  return row?.n ?? 0;
}

type SeenRequest = {
  readonly request: AccessRequest;
  /** The person is the one who asked. */
  readonly own: boolean;
  /** The person may answer it. */
  readonly answerable: boolean;
};

/** For the asker and for those who may answer. Throws HubError `not_found`. */
export async function seeRequest(ctx: OrganizationCtx, id: string): Promise<SeenRequest> {
  const request = await findRequest(ctx, id);
  const own = ctx.actor.kind === 'user' && ctx.actor.id.toLowerCase() === request.userId;
  const answers = !own && mayAnswer(await loadReach(ctx), request);
  if (!own && !answers) throw requestNotFound(id);
  return { request, own, answerable: answers && request.state === 'waiting' };
}
