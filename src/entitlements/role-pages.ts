// An organization's roles and their holders a page at a time, as its administrators look through them.
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { pageOf, valuesAsked, type NamesAsked } from '../provisioning/name-cursor.ts';
import { checkAdministers } from './check-administers.ts';
import { findRole } from './find-role.ts';
import type { Giver } from './snapshot.ts';

type ListedRole = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly entitlements: number;
  readonly users: number;
  readonly groups: number;
};

const LIVE = 'ended_at is null and (valid_until is null or valid_until > $2)';

/** By name; `search`: a part of it. Throws HubError `not_permitted`. */
export async function listRolePage(
  ctx: OrganizationCtx,
  asked: NamesAsked,
): Promise<{ roles: ListedRole[]; next: string | null }> {
  await checkAdministers(ctx);
  const rows = await query<ListedRole & { key: string }>(
    `select r.id, r.name, r.name_key as key, r.description,
       (select count(*)::int from role_entitlements e where e.organization_id = $1 and e.role_id = r.id and ${LIVE}) as entitlements,
       (select count(*)::int from assignments a where a.organization_id = $1 and a.role_id = r.id and a.subject_kind = 'user' and ${LIVE}) as users,
       (select count(*)::int from assignments a where a.organization_id = $1 and a.role_id = r.id and a.subject_kind = 'group' and ${LIVE}) as groups
     from roles r where r.organization_id = $1 and r.ended_at is null and strpos(r.name_key, $3) > 0
       and ($4::text is null or (r.name_key, r.id) > ($4::text, $5::uuid))
       and ($7::uuid is null or not exists (select 1 from connection_openings x
         where x.organization_id = $1 and x.connection_id = $7 and x.target_id = r.id))
     order by r.name_key, r.id limit $6`,
    valuesAsked(ctx, asked),
  );
  const { page: roles, next } = pageOf(rows, asked.size, ({ id }) => id);
  return { roles, next };
}

type RoleHolding = {
  readonly assignmentId: string;
  readonly kind: 'user' | 'group';
  readonly id: string;
  readonly name: string;
  readonly active: boolean;
  readonly givenBy: Giver;
  readonly givenAt: Date;
  readonly validFrom: Date | null;
  readonly validUntil: Date | null;
};

/** To whom the role was given, the oldest first. Throws HubError `not_found`, `not_permitted`. */
export async function listRoleHolders(
  ctx: OrganizationCtx,
  roleId: string,
  { after, size }: { readonly after?: string | undefined; readonly size: number },
): Promise<{ holders: RoleHolding[]; next: string | null }> {
  await checkAdministers(ctx);
  const role = await findRole(ctx, roleId);
  const rows = await query<RoleHolding>(
    `select a.id as "assignmentId", a.subject_kind as kind, a.subject_id as id, a.given_by as "givenBy", a.given_at as "givenAt",
       a.valid_from as "validFrom", a.valid_until as "validUntil", coalesce(u.active, true) as active,
       coalesce(g.display_name, u.document ->> 'displayName', u.user_name) as name
     from assignments a
     left join users u on a.subject_kind = 'user' and u.organization_id = $1 and u.id = a.subject_id
     left join groups g on a.subject_kind = 'group' and g.organization_id = $1 and g.id = a.subject_id
     where a.organization_id = $1 and a.role_id = $3 and a.ended_at is null and (a.valid_until is null or a.valid_until > $2)
       and ($4::uuid is null or a.id > $4) order by a.id limit $5`,
    [ctx.organizationId, ctx.now, role.id, after ?? null, size + 1],
  );
  const holders = rows.slice(0, size);
  return { holders, next: rows.length > size ? (holders.at(-1)?.assignmentId ?? null) : null };
}
