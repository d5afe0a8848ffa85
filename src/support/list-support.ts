// Who let support act for whom, and who of the operator's staff did so when and why: for the chiefs of the organization and
// for the operator.
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { loadActing, notPermitted } from '../entitlements/acting.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import { HubError } from '../errors.ts';
import { isId } from '../users/is-id.ts';
import type { VisitOutcome } from './end-visit.ts';

export type SupportConsent = {
  readonly id: string;
  readonly administratorId: string;
  readonly administrator: string;
  readonly givenBy: string;
  readonly givenAt: Date;
  readonly expiresAt: Date;
  readonly withdrawnAt: Date | null;
  /** Support can act with it now. */
  readonly valid: boolean;
};

export type SupportVisit = {
  readonly id: string;
  readonly administratorId: string;
  readonly administrator: string;
  readonly staffId: string;
  readonly staff: string;
  readonly reason: string;
  readonly startedAt: Date;
  /** Null: it goes on. */
  readonly endedAt: Date | null;
  readonly outcome: VisitOutcome | null;
  /** How many changes are on record. */
  readonly changes: number;
};

export type SupportAdministrator = { readonly id: string; readonly name: string };

type Portion = { readonly after?: string; readonly limit: number };
type Page<T> = { readonly items: T[]; readonly next: string | null };

const USUAL: Portion = { limit: 50 };

async function checkMaySee(ctx: OrganizationCtx): Promise<void> {
  if (ctx.actor.kind === 'operator' || ctx.actor.kind === 'system') return;
  if (!(await loadActing(ctx)).unbounded) throw notPermitted();
}

const NAME = (alias: string) => `coalesce(${alias}.document ->> 'displayName', ${alias}.user_name)`;
const past = ({ after }: Portion): string | null => (after !== undefined && isId(after) ? after : null);

function pageOf<T extends { readonly id: string }>(rows: T[], { limit }: Portion): Page<T> {
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

const VALID = 'c.withdrawn_at is null and c.expires_at > $2 and u.active and u.deleted_at is null';
const CONSENTS = `select c.id, c.administrator_id as "administratorId", ${NAME('u')} as administrator,
     coalesce(${NAME('g')}, c.given_by ->> 'label') as "givenBy", c.given_at as "givenAt", c.expires_at as "expiresAt",
     c.withdrawn_at as "withdrawnAt", ${VALID} as valid
   from support_consents c join users u on (u.organization_id, u.id) = (c.organization_id, c.administrator_id)
   left join users g on g.organization_id = c.organization_id and g.id = (c.given_by ->> 'id')::uuid
   where c.organization_id = $1`;

/** The newest first. Throws HubError `not_permitted`. */
export async function listSupportConsents(
  ctx: OrganizationCtx,
  portion: Portion = USUAL,
): Promise<Page<SupportConsent>> {
  await checkMaySee(ctx);
  const rows = await query<SupportConsent>(
    `${CONSENTS} and ($3::uuid is null or c.id < $3) order by c.id desc limit $4`,
    [ctx.organizationId, ctx.now, past(portion), portion.limit + 1],
  );
  return pageOf(rows, portion);
}

/** Those with which support can act now, by the administrator's name. Throws HubError `not_permitted`. */
export async function openSupportConsents(ctx: OrganizationCtx): Promise<SupportConsent[]> {
  await checkMaySee(ctx);
  return query<SupportConsent>(`${CONSENTS} and ${VALID} order by u.display_name_key, c.id limit 100`, [
    ctx.organizationId,
    ctx.now,
  ]);
}

const visits = (which: string) => `select v.id, c.administrator_id as "administratorId", ${NAME('u')} as administrator,
     v.staff_id as "staffId", ${NAME('s')} as staff, v.reason, v.started_at as "startedAt", v.ended_at as "endedAt", v.outcome,
     (select count(*)::int from audit_events e where e.organization_id = v.organization_id
        and e.actor #>> '{actedBy,visit}' = v.id::text) as changes
   from (select * from support_visits where organization_id = $1 and ${which}) v
   join support_consents c on (c.organization_id, c.id) = (v.organization_id, v.consent_id)
   join users u on (u.organization_id, u.id) = (c.organization_id, c.administrator_id)
   join users s on s.organization_id = '${OPERATOR_ORGANIZATION_ID}' and s.id = v.staff_id
   order by v.id desc`;

/** The newest first. Throws HubError `not_permitted`. */
export async function listSupportVisits(ctx: OrganizationCtx, portion: Portion = USUAL): Promise<Page<SupportVisit>> {
  await checkMaySee(ctx);
  const rows = await query<SupportVisit>(visits('($2::uuid is null or id < $2) order by id desc limit $3'), [
    ctx.organizationId,
    past(portion),
    portion.limit + 1,
  ]);
  return pageOf(rows, portion);
}

/** Throws HubError `not_permitted`, `not_found`. */
export async function findSupportVisit(ctx: OrganizationCtx, id: string): Promise<SupportVisit> {
  await checkMaySee(ctx);
  const found = isId(id) ? await queryOne<SupportVisit>(visits('id = $2'), [ctx.organizationId, id]) : undefined;
  if (!found) throw new HubError('not_found', `There is no support visit ${id}.`);
  return found;
}

/** For whom a chief can let support act, by name. Throws HubError `not_permitted`. */
export async function supportableAdministrators(ctx: OrganizationCtx): Promise<SupportAdministrator[]> {
  await checkMaySee(ctx);
  return query<SupportAdministrator>(
    `with recursive holders(id) as (
       select subject_id from administration_rights where organization_id = $1 and ended_at is null
         and (valid_until is null or valid_until > $2) and name in ('chief_administrator', 'manage_administrators', 'manage_users')
       union
       select m.id from holders h join lateral (
         select g.user_id as id from group_users g where g.organization_id = $1 and g.group_id = h.id
         union all select n.child_id from group_groups n where n.organization_id = $1 and n.parent_id = h.id
       ) m on true
     )
     select u.id, ${NAME('u')} as name from holders h join users u on u.organization_id = $1 and u.id = h.id
     where u.active and u.deleted_at is null and u.kind = 'person' order by u.display_name_key, u.id limit 500`,
    [ctx.organizationId, ctx.now],
  );
}

/** How many consents stand, for a line on another page. */
export async function countOpenConsents({ organizationId, now }: OrganizationCtx): Promise<number> {
  const row = await queryOne<{ count: number }>(
    `select count(*)::int as count from support_consents where organization_id = $1 and withdrawn_at is null and expires_at > $2`,
    [organizationId, now],
  );
  return row?.count ?? 0;
}
