// /Roles and /Entitlements: what the connection may assign (draft-ietf-scim-roles-entitlements). Read-only; exactly the
// roles that a chief administrator opened to it. Entitlements reach people by roles, so their list is empty.
import { listOpenedRoles, type AssignableRole } from '../entitlements/provisioned-roles.ts';
import { ROLE } from '../provisioning/schemas.ts';
import { isId } from '../users/is-id.ts';
import { ScimError } from './errors.ts';
import type { Answer, Exchange } from './exchange.ts';
import { LIST_SCHEMA } from './render.ts';

const resource = (role: AssignableRole, baseUrl: string) => ({
  schemas: [ROLE.id],
  id: role.id,
  value: role.name,
  display: role.description === '' ? role.name : role.description,
  type: role.applications.join(' '),
  supported: true,
  limitedAssignmentsPermitted: false,
  meta: { resourceType: 'Role', location: `${baseUrl}/Roles/${role.id}` },
});

function listed({ query }: Exchange, resources: readonly object[]): Answer {
  if (query.has('filter'))
    throw new ScimError(403, undefined, 'This endpoint cannot be filtered: the list is always whole.');
  return {
    status: 200,
    body: JSON.stringify({
      schemas: [LIST_SCHEMA],
      totalResults: resources.length,
      startIndex: 1,
      itemsPerPage: resources.length,
      Resources: resources,
    }),
  };
}

export const listRoles = async (exchange: Exchange): Promise<Answer> =>
  listed(
    exchange,
    (await listOpenedRoles(exchange.ctx)).map((role) => resource(role, exchange.baseUrl)),
  );

export async function getRole({ ctx, baseUrl }: Exchange, id: string): Promise<Answer> {
  const [role] = isId(id) ? await listOpenedRoles(ctx, id) : [];
  if (!role) throw new ScimError(404, undefined, `There is no role ${id.slice(0, 80)}.`);
  return { status: 200, body: JSON.stringify(resource(role, baseUrl)) };
}

export const listEntitlements = (exchange: Exchange): Promise<Answer> => Promise.resolve(listed(exchange, []));

export const getEntitlement = (_exchange: Exchange, id: string): Promise<Answer> =>
  Promise.reject(new ScimError(404, undefined, `There is no entitlement ${id.slice(0, 80)}.`));
