// One act on many people as it is kept: what is asked, for whom it is possible, and how far the work is. Who may see it:
// whoever administers anybody. The rows of the people are forgotten after a month.
import type { Actor, OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { checkAdministers } from '../entitlements/check-administers.ts';
import { HubError, type ErrorCode } from '../errors.ts';
import { decodeKey, pageOf } from '../provisioning/name-cursor.ts';
import { isId } from '../users/is-id.ts';
import { whatEnds, type WhatEnds } from '../users/what-ends.ts';
import type { BulkActKind } from './bulk-act-kinds.ts';

/** `already`: there is nothing to do. `himself`: it would end the very act; whoever means it does it on his own page. */
export type BulkRefusal = ErrorCode | 'already' | 'himself';

export type BulkAct = {
  readonly id: string;
  readonly act: BulkActKind;
  /** `checked`: nothing has been done, and somebody has to confirm. */
  readonly state: 'checked' | 'running' | 'finished';
  readonly people: number;
  readonly waiting: number;
  readonly done: number;
  readonly refused: number;
  readonly createdBy: Actor;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
};

const COLUMNS = `b.id, b.act, b.state, b.created_by as "createdBy", b.created_at as "createdAt", b.started_at as "startedAt",
  b.ended_at as "endedAt", n.people, n.waiting, n.done, n.refused`;
const FROM = `bulk_acts b cross join lateral (
    select count(*)::int as people, count(*) filter (where p.state = 'waiting')::int as waiting,
      count(*) filter (where p.state = 'done')::int as done, count(*) filter (where p.state = 'refused')::int as refused
    from bulk_act_people p where p.organization_id = b.organization_id and p.bulk_act_id = b.id) n`;

/** Throws HubError `not_found`, `not_permitted`. */
export async function findBulkAct(ctx: OrganizationCtx, id: string): Promise<BulkAct> {
  await checkAdministers(ctx);
  const row = isId(id)
    ? await queryOne<BulkAct>(`select ${COLUMNS} from ${FROM} where b.organization_id = $1 and b.id = $2`, [
        ctx.organizationId,
        id,
      ])
    : undefined;
  if (!row) throw new HubError('not_found', `There is no act on several people ${id}.`);
  return row;
}

/** What would end with the deactivation of those who wait. Throws HubError `not_found`, `not_permitted`. */
export async function whatBulkActEnds(ctx: OrganizationCtx, bulkActId: string): Promise<WhatEnds> {
  const { id } = await findBulkAct(ctx, bulkActId);
  const rows = await query<{ userId: string }>(
    `select user_id as "userId" from bulk_act_people where organization_id = $1 and bulk_act_id = $2 and state = 'waiting'`,
    [ctx.organizationId, id],
  );
  return whatEnds(
    ctx,
    rows.map(({ userId }) => userId),
  );
}

export type BulkPerson = {
  readonly userId: string;
  readonly userName: string;
  readonly name: string;
  readonly state: 'waiting' | 'done' | 'refused';
  readonly code: BulkRefusal | null;
};

type PeopleAsked = {
  readonly state?: BulkPerson['state'] | undefined;
  readonly after?: string | undefined;
  readonly size: number;
};

/** By username. Throws HubError `not_found`, `not_permitted`. */
export async function listBulkPeople(
  ctx: OrganizationCtx,
  bulkActId: string,
  { state, after, size }: PeopleAsked,
): Promise<{ people: BulkPerson[]; next: string | null }> {
  const { id } = await findBulkAct(ctx, bulkActId);
  const from = decodeKey(after);
  const rows = await query<BulkPerson & { key: string }>(
    `select p.user_id as "userId", u.user_name as "userName", coalesce(u.document ->> 'displayName', u.user_name) as name, p.state, p.code,
       u.user_name_key as key
     from bulk_act_people p join users u on u.organization_id = $1 and u.id = p.user_id
     where p.organization_id = $1 and p.bulk_act_id = $2 and ($3::text is null or p.state = $3)
       and ($4::text is null or (u.user_name_key, u.id) > ($4::text, $5::uuid))
     order by u.user_name_key, u.id limit $6`,
    [ctx.organizationId, id, state ?? null, from?.key ?? null, from?.id ?? null, size + 1],
  );
  const { page, next } = pageOf(rows, size, ({ userId }) => userId);
  return { people: page.map(({ key: _key, ...person }) => person), next };
}
