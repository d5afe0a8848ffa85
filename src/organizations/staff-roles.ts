// What the operator's own people may do: roles from the same table as those of API tokens. Somebody of the operator's
// organization without a role may sign in and sees nothing of the operator's pages.
import { recordAudit } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { prepared, query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import type { Document } from '../provisioning/attribute.ts';
import { isId } from '../users/is-id.ts';
import { emailOf, nameOf } from '../users/user-row.ts';
import { API_ROLES, type ApiRole } from './api-token.ts';
import { checkOperator } from './check-operator.ts';
import { invalid } from './check-settings.ts';
import { OPERATOR_ORGANIZATION_ID } from './operator-organization.ts';

type StaffMember = {
  readonly id: string;
  readonly userName: string;
  readonly name: string;
  readonly email: string | null;
  readonly roles: readonly ApiRole[];
  readonly active: boolean;
  readonly lastSignInAt: Date | null;
};

const FIND = prepared(
  'staff_roles_find',
  `select s.roles from staff_roles s join users u on (u.organization_id, u.id) = (s.organization_id, s.user_id)
   where s.organization_id = $1 and s.user_id = $2 and u.active and u.deleted_at is null`,
);

/** None for somebody who is no active member of staff. */
export async function staffRolesOf(userId: string): Promise<readonly ApiRole[]> {
  const row = await queryOne<{ roles: ApiRole[] }>(FIND, [OPERATOR_ORGANIZATION_ID, userId]);
  return row?.roles ?? [];
}

type Row = {
  id: string;
  document: Document;
  roles: ApiRole[] | null;
  active: boolean;
  lastSignInAt: Date | null;
};

/** All people of the operator's organization, those without a role too, by name. Throws HubError `not_permitted`. */
export async function listStaff(ctx: Ctx): Promise<StaffMember[]> {
  checkOperator(ctx);
  const rows = await query<Row>(
    `select u.id, u.document, s.roles, u.active, u.last_sign_in_at as "lastSignInAt"
     from users u left join staff_roles s on (s.organization_id, s.user_id) = (u.organization_id, u.id)
     where u.organization_id = $1 and u.kind = 'person' and u.deleted_at is null order by u.user_name_key`,
    [OPERATOR_ORGANIZATION_ID],
  );
  return rows.map(({ document, roles, ...row }) => ({
    ...row,
    userName: String(document['userName']),
    name: nameOf(document),
    email: emailOf(document),
    roles: roles ?? [],
  }));
}

/**
 * None takes all of them away. Throws HubError `not_permitted` (operator only), `not_found`, `invalid_input`,
 * `self_assignment` (a person changes nobody's roles but others'), `last_owner`.
 */
export function setStaffRoles(ctx: Ctx, userId: string, roles: readonly ApiRole[]): Promise<void> {
  checkOperator(ctx);
  const unknown = roles.find((role) => !API_ROLES.includes(role));
  if (unknown !== undefined) throw invalid('roles', `"${unknown}" is no role.`);
  if (ctx.actor.kind === 'operator' && ctx.actor.id === userId.toLowerCase())
    throw new HubError('self_assignment', 'Nobody changes his own roles.');
  const wanted = API_ROLES.filter((role) => roles.includes(role));
  return transaction(async () => {
    // One change at a time, so that two owners cannot remove each other.
    await query('select 1 from organizations where id = $1 for no key update', [OPERATOR_ORGANIZATION_ID]);
    const user = isId(userId)
      ? await queryOne<{ id: string; roles: ApiRole[] | null }>(
          `select u.id, s.roles from users u left join staff_roles s on (s.organization_id, s.user_id) = (u.organization_id, u.id)
           where u.organization_id = $1 and u.id = $2 and u.kind = 'person' and u.deleted_at is null`,
          [OPERATOR_ORGANIZATION_ID, userId],
        )
      : undefined;
    if (!user) throw new HubError('not_found', 'There is no such member of staff.');
    const before = user.roles ?? [];
    if (before.includes('owner') && !wanted.includes('owner')) await checkOtherOwner(user.id);
    if (wanted.join() === before.join()) return;
    await query(
      `insert into staff_roles (organization_id, user_id, roles, changed_at) values ($1, $2, $3, $4)
       on conflict (organization_id, user_id) do update set roles = excluded.roles, changed_at = excluded.changed_at`,
      [OPERATOR_ORGANIZATION_ID, user.id, wanted, ctx.now],
    );
    await recordAudit(ctx, {
      action: 'staff_roles.changed',
      targetKind: 'user',
      targetId: user.id,
      organizationId: OPERATOR_ORGANIZATION_ID,
      before: { roles: before },
      after: { roles: wanted },
    });
  });
}

async function checkOtherOwner(userId: string): Promise<void> {
  const other = await queryOne(
    `select 1 from staff_roles s join users u on (u.organization_id, u.id) = (s.organization_id, s.user_id)
     where s.organization_id = $1 and s.user_id <> $2 and 'owner' = any(s.roles) and u.active and u.deleted_at is null limit 1`,
    [OPERATOR_ORGANIZATION_ID, userId],
  );
  if (!other) throw new HubError('last_owner', 'Somebody has to be owner of the hub.');
}
