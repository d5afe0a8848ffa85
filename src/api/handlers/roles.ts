// Roles; see ../operations/roles.ts. The rules of giving are the domain's: here the operator acts, bounded by the
// organization's limits only.
import {
  addToRole,
  changeRole,
  createRole,
  endRole,
  endRoleEntitlement,
  replaceRoleEntitlement,
} from '../../entitlements/change-role.ts';
import { findRole, listRoles, roleEntitlements, type RoleEntitlement } from '../../entitlements/find-role.ts';
import { listRoleHolders } from '../../entitlements/role-pages.ts';
import { compact } from '../compact.ts';
import { boxAnswer, isoSpan } from '../entitlement-answer.ts';
import type { Handlers } from '../operation.ts';
import type { roleOperations } from '../operations/roles.ts';
import { afterId, limitOf, page } from '../page.ts';

const shownRoleEntitlement = ({ id, entitlement }: RoleEntitlement) => ({
  id,
  ...boxAnswer(entitlement),
  ...isoSpan(entitlement.validity),
});

export const roleHandlers: Handlers<typeof roleOperations> = {
  'role.create': (ctx, { body }) => createRole(ctx, compact(body)),
  'role.list': async (ctx, { query }) =>
    page(await listRoles(ctx), query, ({ id, name }) => `${name.toLowerCase()} ${id}`),
  'role.get': (ctx, { params }) => findRole(ctx, params.role),
  'role.change': (ctx, { params, body }) => changeRole(ctx, params.role, body),
  'role.end': (ctx, { params }) => endRole(ctx, params.role),
  'role-entitlement.add': async (ctx, { params, body }) => {
    const added = await addToRole(ctx, {
      roleId: params.role,
      entitlements: compact(body.entitlements),
      consent: body.consent === true,
    });
    return { items: added.map(shownRoleEntitlement) };
  },
  'role-entitlement.list': async (ctx, { params, query }) => {
    const role = await findRole(ctx, params.role);
    const { items, next } = page(await roleEntitlements(ctx, role.id), query, ({ id }) => id);
    return { items: items.map(shownRoleEntitlement), next };
  },
  'role-entitlement.replace': async (ctx, { params, body: { consent = false, ...entitlement } }) =>
    shownRoleEntitlement(
      await replaceRoleEntitlement(ctx, { id: params.roleEntitlement, entitlement: compact(entitlement), consent }),
    ),
  'role-entitlement.end': (ctx, { params }) => endRoleEntitlement(ctx, params.roleEntitlement),
  'role-holder.list': async (ctx, { params, query }) => {
    const { holders, next } = await listRoleHolders(ctx, params.role, { after: afterId(query), size: limitOf(query) });
    return { items: holders, next };
  },
};
