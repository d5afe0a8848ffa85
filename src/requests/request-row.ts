// Requests for access as they are stored and read. A request asks for one application, and may name a customer account and
// what is wanted; what is given in the end stands in the assignments that the approval made.
import type { Dimension } from '../applications/application.ts';
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { HubError } from '../errors.ts';
import type { Document } from '../provisioning/attribute.ts';
import { isId } from '../users/is-id.ts';
import { nameOf } from '../users/user-row.ts';
import type { RequestState } from './request-states.ts';

/** dimension -> chosen values of the application's lists; what is absent was left to the administrator. */
export type Wanted = Readonly<Partial<Record<Dimension, readonly string[]>>>;

export type AccessRequest = {
  readonly id: string;
  readonly userId: string;
  readonly application: string;
  readonly customerAccountId: string | null;
  /** What the asker typed, where it is no number of an account that the organization may act on. */
  readonly accountText: string;
  readonly wanted: Wanted;
  readonly wantedText: string;
  readonly reason: string;
  readonly state: RequestState;
  readonly askedAt: Date;
  readonly expiresAt: Date;
  /** Since when nobody in the organization can give it. */
  readonly operatorSince: Date | null;
  readonly decidedAt: Date | null;
  readonly decidedBy: { readonly kind: string; readonly id: string; readonly label: string } | null;
  /** What the administrator told the asker. */
  readonly answer: string;
  readonly assignments: readonly string[];
  readonly askerName: string;
  readonly askerUserName: string;
  readonly customerNumber: string | null;
};

type Row = Omit<AccessRequest, 'askerName'> & { document: Document };

const COLUMNS = `r.id, r.user_id as "userId", r.application, r.customer_account_id as "customerAccountId", r.account_text as "accountText",
  r.wanted, r.wanted_text as "wantedText", r.reason, r.state, r.asked_at as "askedAt", r.expires_at as "expiresAt",
  r.operator_since as "operatorSince", r.decided_at as "decidedAt", r.decided_by as "decidedBy", r.answer, r.assignments,
  u.user_name as "askerUserName", u.document, n.number as "customerNumber"`;

const FROM = `from access_requests r join users u on u.organization_id = r.organization_id and u.id = r.user_id
  left join customer_account_numbers n on n.customer_account_id = r.customer_account_id`;

const read = ({ document, ...row }: Row): AccessRequest => ({ ...row, askerName: nameOf(document) });

export const requestNotFound = (id: string) => new HubError('not_found', `There is no request ${id}.`);

/** Whoever asks: who may see it is asked elsewhere. `lock`: against a second answer at the same time. Throws HubError `not_found`. */
export async function findRequest(
  ctx: OrganizationCtx,
  id: string,
  { lock = false }: { readonly lock?: boolean } = {},
): Promise<AccessRequest> {
  const row = isId(id)
    ? await queryOne<Row>(
        `select ${COLUMNS} ${FROM} where r.organization_id = $1 and r.id = $2${lock ? ' for update of r' : ''}`,
        [ctx.organizationId, id],
      )
    : undefined;
  if (!row) throw requestNotFound(id);
  return read(row);
}

/** The youngest first. */
export const requestsOf = async (ctx: OrganizationCtx, userId: string): Promise<AccessRequest[]> =>
  (
    await query<Row>(
      `select ${COLUMNS} ${FROM} where r.organization_id = $1 and r.user_id = $2 order by r.id desc limit 100`,
      [ctx.organizationId, userId],
    )
  ).map(read);

/** Waiting requests of somebody by application, for pages that offer to ask: the youngest counts. */
export async function waitingByApplication(
  organizationId: string,
  userId: string,
): Promise<Map<string, { readonly id: string; readonly askedAt: Date }>> {
  const rows = await query<{ id: string; application: string; askedAt: Date }>(
    `select id, application, asked_at as "askedAt" from access_requests
     where organization_id = $1 and user_id = $2 and state = 'waiting' order by id`,
    [organizationId, userId],
  );
  return new Map(rows.map(({ application, ...one }) => [application, one]));
}

/** A page of requests that a condition names, with its values from $2 on. */
export const selectRequests = async (
  organizationId: string,
  where: string,
  values: readonly unknown[],
): Promise<AccessRequest[]> =>
  (
    await query<Row>(`select ${COLUMNS} ${FROM} where r.organization_id = $1 and ${where}`, [organizationId, ...values])
  ).map(read);
