// Makes a role, changes what it gives and ends it. What a role gains, everybody who has it gains: that is giving.
import { v7 as uuidv7 } from 'uuid';
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne, violates } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { noteRightsChange, noteRoleChange, type ChangedEntitlement } from '../notices/note-rights-change.ts';
import { checkText } from '../organizations/check-settings.ts';
import { fold } from '../provisioning/fold.ts';
import { isId } from '../users/is-id.ts';
import { effectivePart, loadActing, notPermitted, type Acting } from './acting.ts';
import { checkGiving } from './check-giving.ts';
import {
  acceptedEntitlement,
  checkNumber,
  checkProfiles,
  type EntitlementInput,
  type Span,
} from './entitlement-input.ts';
import { findRole, roleEntitlements, roleHolders, roleNotFound, type Role, type RoleEntitlement } from './find-role.ts';
import { gainOf, MAX_PER_SAVE } from './giving.ts';
import { MAX_EFFECTIVE } from './effective.ts';
import { checkTakingAway } from './revocation.ts';

const MAX_NAME = 100;

/** A new role gives nothing. Throws HubError `not_permitted`, `invalid_input`, `uniqueness`. */
export async function createRole(ctx: OrganizationCtx, input: { name: string; description?: string }): Promise<Role> {
  checkText('name', input.name, MAX_NAME);
  return transaction(async () => {
    const acting = await loadActing(ctx);
    if (acting.rank === 'none') throw notPermitted('You do not have the right to make roles.');
    const role = { id: uuidv7(), name: input.name.trim(), description: input.description?.trim() ?? '' };
    try {
      await query(
        `insert into roles (organization_id, id, name, name_key, description, created_by, created_at) values ($1, $2, $3, $4, $5, $6, $7)`,
        [ctx.organizationId, role.id, role.name, fold(role.name), role.description, JSON.stringify(ctx.actor), ctx.now],
      );
    } catch (error) {
      throw asTaken(error, role.name);
    }
    await recordAudit(ctx, { action: 'role.created', targetKind: 'role', targetId: role.id, after: role });
    return role;
  });
}

/** Another name or description. Throws HubError `not_found`, `not_permitted`, `invalid_input`, `uniqueness`. */
export async function changeRole(
  ctx: OrganizationCtx,
  id: string,
  change: { readonly name?: string | undefined; readonly description?: string | undefined },
): Promise<Role> {
  if (change.name !== undefined) checkText('name', change.name, MAX_NAME);
  return transaction(async () => {
    const before = await findRole(ctx, id, { lock: true });
    if ((await loadActing(ctx)).rank === 'none') throw notPermitted('You do not have the right to change roles.');
    const after = {
      ...before,
      ...(change.name === undefined ? {} : { name: change.name.trim() }),
      ...(change.description === undefined ? {} : { description: change.description.trim() }),
    };
    try {
      await query(
        'update roles set name = $3, name_key = $4, description = $5 where organization_id = $1 and id = $2',
        [ctx.organizationId, before.id, after.name, fold(after.name), after.description],
      );
    } catch (error) {
      throw asTaken(error, after.name);
    }
    await recordAudit(ctx, { action: 'role.changed', targetKind: 'role', targetId: before.id, before, after });
    return after;
  });
}

const asTaken = (error: unknown, name: string): unknown =>
  violates(error, 'roles_name')
    ? new HubError('uniqueness', `There is a role "${name}" already.`, { attribute: 'name' })
    : error;

type RoleGiving = {
  readonly entitlements: readonly (EntitlementInput & Span)[];
  /** A chief's tick: whomever a directory puts into a group that has the role gets it. */
  readonly consent?: boolean;
};

/**
 * Throws HubError `not_found`, `too_many`, what acceptance refuses with, `profile_conflict`, and the refusals of giving:
 * whoever has the role gains, the actor among them (`self_assignment`).
 */
export async function addToRole(
  ctx: OrganizationCtx,
  input: { readonly roleId: string } & RoleGiving,
): Promise<RoleEntitlement[]> {
  return transaction(async () => {
    const role = await findRole(ctx, input.roleId, { lock: true });
    return giveByRole(ctx, await loadActing(ctx), role, input, []);
  });
}

/**
 * Ends one entitlement of a role and begins another in its place, in one act: only what comes in addition must lie within
 * the ceiling, and only what goes counts as taken away. Throws as addToRole and endRoleEntitlement do; `not_found` for one
 * that has ended meanwhile.
 */
export async function replaceRoleEntitlement(
  ctx: OrganizationCtx,
  input: { readonly id: string; readonly entitlement: EntitlementInput & Span; readonly consent?: boolean },
): Promise<RoleEntitlement> {
  const { entitlement, consent = false } = input;
  return transaction(async () => {
    const acting = await loadActing(ctx);
    const roleId = await markEnded(ctx, input.id);
    const role = await findRole(ctx, roleId, { lock: true });
    const replaced = await roleEntitlements(ctx, role.id, [input.id.toLowerCase()]);
    const [given] = await giveByRole(ctx, acting, role, { entitlements: [entitlement], consent }, replaced);
    if (!given) throw new Error('A role entitlement was not inserted');
    await checkLoss(ctx, role.id, [input.id.toLowerCase()], given.id);
    return given;
  });
}

/** Call in a transaction that holds the role; `replaced` has been ended in it. */
async function giveByRole(
  ctx: OrganizationCtx,
  acting: Acting,
  role: Role,
  { entitlements, consent = false }: RoleGiving,
  replaced: readonly RoleEntitlement[],
): Promise<RoleEntitlement[]> {
  if (entitlements.length > MAX_PER_SAVE)
    throw new HubError('too_many', `At most ${MAX_PER_SAVE} rights can be given in one save.`);
  const fresh = entitlements.map((one) => acceptedEntitlement(acting, one, one));
  const { users, groups } = await roleHolders(ctx, role.id);
  // A role is not a person: rank is asked where it is given to one.
  const self = users.filter((id) => id === acting.userId);
  const before = replaced.map(({ entitlement }) => entitlement);
  const boxes = before.length === 0 ? fresh : gainOf(before, fresh);
  await checkGiving(ctx, acting, {
    boxes,
    whole: { given: fresh, gained: boxes },
    users: self,
    holders: users,
    groups,
    consent,
  });
  const standing = (await roleEntitlements(ctx, role.id)).map(({ entitlement }) => entitlement);
  checkProfiles(acting, [...standing, ...fresh]);
  for (const [application, all] of Map.groupBy([...standing, ...fresh], (one) => one.application)) {
    if (all.length > MAX_EFFECTIVE)
      throw new HubError('too_many', `A role can hold at most ${MAX_EFFECTIVE} entitlements in ${application}.`);
  }
  const added: RoleEntitlement[] = [];
  for (const entitlement of fresh)
    added.push(await insertRoleEntitlement(ctx, role.id, entitlement, { consent, replaces: replaced[0]?.id }));
  await noteRoleChange(ctx, role.id, replaced.length > 0 ? 'role_changed' : 'role_extended', fresh.map(changedOf));
  if (users.length <= MAX_PER_SAVE) {
    for (const userId of users) await checkNumber({ organizationId: ctx.organizationId, userId, now: ctx.now });
  }
  return added;
}

async function insertRoleEntitlement(
  ctx: OrganizationCtx,
  roleId: string,
  entitlement: RoleEntitlement['entitlement'],
  { consent, replaces }: { readonly consent: boolean; readonly replaces: string | undefined },
): Promise<RoleEntitlement> {
  const id = uuidv7();
  const { from, until } = entitlement.validity;
  await query(
    `insert into role_entitlements (organization_id, id, role_id, application, customer_account_id, profile, "values", valid_from,
       valid_until, given_by, given_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      ctx.organizationId,
      id,
      roleId,
      entitlement.application,
      entitlement.customerAccount,
      entitlement.profile ?? null,
      JSON.stringify(entitlement.values),
      from === null ? null : new Date(from),
      until === null ? null : new Date(until),
      JSON.stringify(ctx.actor),
      ctx.now,
    ],
  );
  await recordAudit(ctx, {
    action: 'role.entitlement_added',
    targetKind: 'role',
    targetId: roleId,
    after: {
      roleEntitlement: id,
      entitlement,
      ...(consent ? { consent } : {}),
      ...(replaces === undefined ? {} : { replaces }),
    },
  });
  return { id, roleId, entitlement, givenBy: ctx.actor, givenAt: ctx.now };
}

/** Throws HubError `not_found`, `not_permitted`, `revocation_off`, `grantor_lacks_right`. */
export function endRoleEntitlement(ctx: OrganizationCtx, id: string): Promise<void> {
  return transaction(async () => {
    const roleId = await markEnded(ctx, id);
    await checkLoss(ctx, roleId, [id.toLowerCase()]);
    const ended = await roleEntitlements(ctx, roleId, [id.toLowerCase()]);
    await noteRoleChange(
      ctx,
      roleId,
      'role_narrowed',
      ended.map(({ entitlement }) => changedOf(entitlement)),
    );
  });
}

const changedOf = ({ application, customerAccount }: RoleEntitlement['entitlement']): ChangedEntitlement => ({
  application,
  customerAccountId: customerAccount,
});

/** The role of what was ended. Throws HubError `not_found`. */
async function markEnded(ctx: OrganizationCtx, id: string): Promise<string> {
  const row = isId(id)
    ? await queryOne<{ role_id: string }>(
        `update role_entitlements set ended_at = $3, ended_by = $4 where organization_id = $1 and id = $2 and ended_at is null returning role_id`,
        [ctx.organizationId, id, ctx.now, JSON.stringify(ctx.actor)],
      )
    : undefined;
  if (!row) throw new HubError('not_found', `There is no role entitlement ${id}.`);
  await recordAudit(ctx, {
    action: 'role.entitlement_ended',
    targetKind: 'role',
    targetId: row.role_id,
    before: { roleEntitlement: id.toLowerCase() },
  });
  return row.role_id;
}

/** What the role gave by these, ended in this transaction, is lost to whoever has it; to nobody if nobody has it. `instead`: what came in their place. */
async function checkLoss(
  ctx: OrganizationCtx,
  roleId: string,
  gone: readonly string[],
  instead?: string,
): Promise<void> {
  const acting = await loadActing(ctx);
  if (acting.rank === 'none') throw notPermitted('You do not have the right to change roles.');
  const { users, groups } = await roleHolders(ctx, roleId);
  const receiver = users[0] ?? groups[0];
  if (receiver === undefined) return;
  const standing = await roleEntitlements(ctx, roleId);
  const left = standing.map(({ entitlement }) => entitlement);
  const stayed = standing.flatMap(({ id, entitlement }) => (id === instead ? [] : [entitlement]));
  const ended = await roleEntitlements(ctx, roleId, gone);
  const before = effectivePart(acting, [...stayed, ...ended.map(({ entitlement }) => entitlement)]);
  await checkTakingAway(ctx, acting, [
    { receiverUserId: receiver, boxes: gainOf(effectivePart(acting, left), before) },
  ]);
}

/** Ends the role, what it gives and every assignment of it. Throws as endRoleEntitlement does. */
export function endRole(ctx: OrganizationCtx, id: string): Promise<void> {
  return transaction(async () => {
    const role = await findRole(ctx, id, { lock: true });
    const values = [ctx.organizationId, role.id, ctx.now, JSON.stringify(ctx.actor)];
    const ended = await query<{ id: string }>(
      'update role_entitlements set ended_at = $3, ended_by = $4 where organization_id = $1 and role_id = $2 and ended_at is null returning id',
      values,
    );
    await checkLoss(
      ctx,
      role.id,
      ended.map((row) => row.id),
    );
    const held = await query<{ kind: 'user' | 'group'; id: string }>(
      `update assignments set ended_at = $3, ended_by = $4 where organization_id = $1 and role_id = $2 and ended_at is null
       returning subject_kind as kind, subject_id as id`,
      values,
    );
    for (const kind of ['user', 'group'] as const) {
      const ids = held.flatMap((one) => (one.kind === kind ? [one.id] : []));
      await noteRightsChange(ctx, { kind, ids: [...new Set(ids)] }, { change: 'ended', roleId: role.id });
    }
    await query('delete from connection_openings where organization_id = $1 and target_id = $2', values.slice(0, 2));
    const [row] = await query(
      'update roles set ended_at = $3 where organization_id = $1 and id = $2 and ended_at is null returning id',
      values.slice(0, 3),
    );
    if (!row) throw roleNotFound(id);
    await recordAudit(ctx, { action: 'role.ended', targetKind: 'role', targetId: role.id, before: role });
  });
}
