// The attributes of the hub's own extension schema: what users hold in the portal, for directories that ask for it.
// Read-only; read for all users of a page at once.
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import type { Json } from './attribute.ts';
import { PORTAL_SCHEMA } from './schemas.ts';

type Row = { id: string; rights: string[] | null; accounts: { value: string; display: string }[] | null };

// Customer accounts on which an entitlement, a role's entitlement or an administration right was given to the user or to
// a group of his, and has not ended.
const READ = `with recursive reach(user_id, subject_id) as (
    select id, id from unnest($2::uuid[]) as id
    union select m.user_id, m.group_id from group_users m where m.organization_id = $1 and m.user_id = any($2::uuid[])
    union select r.user_id, n.parent_id from reach r join group_groups n on n.organization_id = $1 and n.child_id = r.subject_id
  ), held as (
    select r.user_id, a.name, a.customer_account_id from reach r join administration_rights a on a.organization_id = $1
      and a.subject_id = r.subject_id and a.ended_at is null and (a.valid_until is null or a.valid_until > $3)
  ), given as (
    select r.user_id, a.role_id, a.customer_account_id from reach r join assignments a on a.organization_id = $1
      and a.subject_id = r.subject_id and a.ended_at is null and (a.valid_until is null or a.valid_until > $3)
  ), reached as (
    select user_id, customer_account_id from held union select user_id, customer_account_id from given
    union select g.user_id, e.customer_account_id from given g join role_entitlements e on e.organization_id = $1
      and e.role_id = g.role_id and e.ended_at is null and (e.valid_until is null or e.valid_until > $3)
  )
  select u.id,
    (select array_agg(distinct h.name order by h.name) from held h where h.user_id = u.id) as rights,
    (select json_agg(json_build_object('value', c.number, 'display', c.name) order by c.number) from customer_accounts c
      where c.id in (select customer_account_id from reached x where x.user_id = u.id)) as accounts
  from unnest($2::uuid[]) as u(id)`;

/** By user; absent where he holds nothing. */
export async function portalAttributes(ctx: OrganizationCtx, userIds: readonly string[]): Promise<Map<string, Json>> {
  const rows = await query<Row>(READ, [ctx.organizationId, userIds, ctx.now]);
  return new Map(
    rows.flatMap(({ id, rights, accounts }): [string, Json][] =>
      rights || accounts
        ? [
            [
              id,
              {
                ...(rights ? { administrationRights: rights } : {}),
                ...(accounts ? { customerAccounts: accounts } : {}),
              },
            ],
          ]
        : [],
    ),
  );
}

/** A user's stored document with them, and with their schema among its schemas. */
export function withPortal(document: string, attributes: Json | undefined): string {
  if (attributes === undefined) return document;
  const stored = JSON.parse(document) as { schemas: string[] };
  return JSON.stringify({ ...stored, schemas: [...stored.schemas, PORTAL_SCHEMA], [PORTAL_SCHEMA]: attributes });
}
