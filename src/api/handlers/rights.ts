// Roles, assignments and administration rights; see ../operations/rights.ts. The rules of giving are the domain's: here the operator
// acts, bounded by the organization's limits only.
import { endAssignment } from '../../entitlements/end-assignment.ts';
import { administrationRightsOf } from '../../entitlements/administration-rights-of.ts';
import { findAssignment, listAssignments, type Assignment } from '../../entitlements/assignment-row.ts';
import { addToRole, createRole, endRole, endRoleEntitlement } from '../../entitlements/change-role.ts';
import { findRole, listRoles, roleEntitlements, type RoleEntitlement } from '../../entitlements/find-role.ts';
import { findSubject } from '../../entitlements/find-subject.ts';
import { endAdministrationRight, giveAdministrationRight } from '../../entitlements/give-administration-right.ts';
import { assign } from '../../entitlements/give-rights.ts';
import { findUser } from '../../users/find-user.ts';
import { compact } from '../compact.ts';
import { effectiveOfUser } from '../effective-answer.ts';
import { boxAnswer, isoSpan } from '../entitlement-answer.ts';
import type { Handlers } from '../operation.ts';
import type { rightsOperations } from '../operations/rights.ts';
import { page } from '../page.ts';

const shownRoleEntitlement = ({ id, entitlement }: RoleEntitlement) => ({ id, ...boxAnswer(entitlement), ...isoSpan(entitlement.validity) });

type GiverKind = 'user' | 'connection' | 'operator' | 'system';
const shownAssignment = ({ givenBy, ...one }: Assignment) => ({
  ...one,
  givenBy: { ...givenBy, kind: givenBy.kind as GiverKind },
});

export const rightsHandlers: Handlers<typeof rightsOperations> = {
  'role.create': (ctx, { body }) => createRole(ctx, compact(body)),
  'role.list': async (ctx, { query }) => page(await listRoles(ctx), query, ({ id, name }) => `${name.toLowerCase()} ${id}`),
  'role.get': (ctx, { params }) => findRole(ctx, params.role),
  'role.end': (ctx, { params }) => endRole(ctx, params.role),
  'role-entitlement.add': async (ctx, { params, body }) => {
    const added = await addToRole(ctx, { roleId: params.role, entitlements: compact(body.entitlements) });
    return { items: added.map(shownRoleEntitlement) };
  },
  'role-entitlement.list': async (ctx, { params, query }) => {
    const role = await findRole(ctx, params.role);
    const { items, next } = page(await roleEntitlements(ctx, role.id), query, ({ id }) => id);
    return { items: items.map(shownRoleEntitlement), next };
  },
  'role-entitlement.end': (ctx, { params }) => endRoleEntitlement(ctx, params.roleEntitlement),
  'assignment.give': async (ctx, { body }) => {
    const { subjectKind, subjectId, gifts, consent = false } = body;
    const given = await assign(ctx, { subject: { kind: subjectKind, id: subjectId }, gifts: compact(gifts), consent });
    return { items: given.map(shownAssignment) };
  },
  'assignment.list': async (ctx, { query }) => {
    const subject = await findSubject(ctx, { kind: query.subjectKind, id: query.subjectId });
    const all = await listAssignments(ctx, subject, { expired: query.expired === 'true' });
    const { items, next } = page(all, query, ({ id }) => id);
    return { items: items.map(shownAssignment), next };
  },
  'assignment.get': async (ctx, { params }) => shownAssignment(await findAssignment(ctx, params.assignment)),
  'assignment.end': (ctx, { params }) => endAssignment(ctx, params.assignment),
  'administration-right.give': async (ctx, { body }) => {
    const { subjectKind, subjectId, ...right } = compact(body);
    return { id: await giveAdministrationRight(ctx, { subject: { kind: subjectKind, id: subjectId }, ...right }) };
  },
  'administration-right.list': async (ctx, { params, query }) => {
    const { id } = await findUser(ctx, params.user);
    const held = (await administrationRightsOf(ctx, [id])).get(id) ?? [];
    return page(held, query, (right) => `${right.id} ${right.groupId ?? ''}`);
  },
  'administration-right.end': (ctx, { params }) => endAdministrationRight(ctx, params.administrationRight),
  'entitlement.effective': (ctx, { params, query }) => effectiveOfUser(ctx, params.user, query.application),
};
