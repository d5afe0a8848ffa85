// Gives entitlements and roles to a user or a group: the door of the rights screen, of imports, of approved requests
// and of a directory's group that is mapped to a role. The rule is in check-giving.ts.
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { userNotFound } from '../users/find-user.ts';
import { loadActing, notPermitted, toBeCovered, type Acting } from './acting.ts';
import {
  entitlementOf,
  insertAssignment,
  listAssignments,
  type Assignment,
  type NewAssignment,
} from './assignment-row.ts';
import type { Box } from './box.ts';
import { checkGiving } from './check-giving.ts';
import { checkSeparation } from './check-separation.ts';
import { checkSpan } from './check-limit.ts';
import {
  acceptedEntitlement,
  checkNumber,
  checkProfiles,
  type EntitlementInput,
  type Span,
} from './entitlement-input.ts';
import { findRole, roleEntitlements, within } from './find-role.ts';
import { findSubject, type FoundSubject, type Subject } from './find-subject.ts';
import { gainOf, MAX_PER_SAVE } from './giving.ts';
import { insertAssignments } from './insert-assignments.ts';

/** Either a role of the organization or one entitlement. */
export type Gift = (EntitlementInput | { readonly roleId: string }) & Span;

type Assign = {
  readonly subject: Subject;
  readonly gifts: readonly Gift[];
  /** A chief's tick: whomever a directory puts into this group gets it. */
  readonly consent?: boolean;
};

/**
 * One act: all or nothing. Throws HubError `not_found`, `too_many`, what acceptance refuses with (see accept.ts),
 * `profile_conflict`, and the refusals of giving (see check-giving.ts).
 */
export async function assign(
  ctx: OrganizationCtx,
  input: Assign,
  /** Where it was loaded already. */
  actor?: Acting,
): Promise<Assignment[]> {
  if (input.gifts.length > MAX_PER_SAVE)
    throw new HubError('too_many', `At most ${MAX_PER_SAVE} rights can be given in one save.`);
  return transaction(async () => {
    const subject = await findSubject(ctx, input.subject);
    if (ctx.actor.kind === 'connection') return assignOpenedRoles(ctx, subject, input.gifts);
    return giveTo(ctx, actor ?? (await loadActing(ctx)), subject, input);
  });
}

/** The act itself, for doors that have found subject and actor already. Call in a transaction. */
export async function giveTo(
  ctx: OrganizationCtx,
  acting: Acting,
  subject: FoundSubject,
  {
    gifts,
    consent = false,
    replaces,
  }: Pick<Assign, 'gifts' | 'consent'> & { readonly replaces?: readonly Assignment[] },
): Promise<Assignment[]> {
  const prepared: Awaited<ReturnType<typeof prepare>>[] = [];
  for (const gift of gifts) prepared.push(await prepare(ctx, acting, subject, gift));
  const boxes = prepared.flatMap((one) => one.boxes);
  const replaced = (replaces ?? []).flatMap(entitlementOf);
  const whole = prepared.flatMap((one) => one.whole);
  await checkGiving(ctx, acting, {
    boxes: replaced.length === 0 ? boxes : gainOf(replaced, boxes),
    whole: { given: whole, gained: replaced.length === 0 ? whole : gainOf(replaced, whole) },
    ...(subject.kind === 'user' ? { users: [subject.id] } : { groups: [subject.id] }),
    consent,
  });
  const ended = new Set(replaces?.map(({ id }) => id));
  const standing = (await listAssignments(ctx, subject)).filter(({ id }) => !ended.has(id)).flatMap(entitlementOf);
  const fresh = prepared.flatMap(({ row: { gives } }) => ('entitlement' in gives ? [gives.entitlement] : []));
  checkProfiles(acting, [...standing, ...fresh]);
  const given: Assignment[] = [];
  for (const { row } of prepared) {
    given.push(
      await insertAssignment(ctx, { ...row, consent, ...(replaces?.[0] ? { replaces: replaces[0].id } : {}) }),
    );
  }
  await checkNumber({
    organizationId: ctx.organizationId,
    now: ctx.now,
    ...(subject.kind === 'user' ? { userId: subject.id } : { groupIds: [subject.id] }),
  });
  return given;
}

/**
 * Gives a role to many users, from now on and without end, as one act. The number of each one's entitlements is left to the
 * caller (checkNumber). Throws HubError `not_found`, and the refusals of giving.
 */
export function assignRole(
  ctx: OrganizationCtx,
  { roleId, userIds }: { readonly roleId: string; readonly userIds: readonly string[] },
): Promise<void> {
  return transaction(async () => {
    const acting = await loadActing(ctx);
    const role = await findRole(ctx, roleId);
    const entitlements = (await roleEntitlements(ctx, role.id)).map(({ entitlement }) => entitlement);
    await checkGiving(ctx, acting, {
      boxes: toBeCovered(acting, entitlements),
      whole: { given: entitlements, gained: entitlements },
      users: userIds,
    });
    await insertAssignments(ctx, [{ gives: { roleId: role.id }, validFrom: null, validUntil: null, userIds }]);
  });
}

async function prepare(
  ctx: OrganizationCtx,
  acting: Acting,
  subject: Subject,
  gift: Gift,
): Promise<{ row: NewAssignment; boxes: readonly Box[]; whole: readonly Box[] }> {
  const span = { validFrom: gift.validFrom ?? null, validUntil: gift.validUntil ?? null };
  if (!('roleId' in gift)) {
    const entitlement = acceptedEntitlement(acting, gift, span);
    return { row: { subject, gives: { entitlement }, ...span }, boxes: [entitlement], whole: [entitlement] };
  }
  checkSpan(span.validFrom, span.validUntil);
  const role = await findRole(ctx, gift.roleId);
  const entitlements = (await roleEntitlements(ctx, role.id)).map(({ entitlement }) => entitlement);
  const validity = { from: span.validFrom?.getTime() ?? null, until: span.validUntil?.getTime() ?? null };
  const whole = within(entitlements, validity);
  return {
    row: { subject, gives: { roleId: role.id }, ...span },
    boxes: toBeCovered(acting, whole),
    whole,
  };
}

/** A directory gives its own users the roles that a chief opened to it, and nothing else. */
async function assignOpenedRoles(
  ctx: OrganizationCtx,
  subject: FoundSubject,
  gifts: readonly Gift[],
): Promise<Assignment[]> {
  if (subject.connectionId !== ctx.actor.id) throw userNotFound(subject.id);
  const given: Assignment[] = [];
  for (const gift of gifts) {
    if (!('roleId' in gift) || subject.kind !== 'user')
      throw notPermitted('A directory can give opened roles to its users only.');
    const role = await findRole(ctx, gift.roleId);
    const opened = await query(
      'select 1 from connection_openings where organization_id = $1 and connection_id = $2 and target_id = $3',
      [ctx.organizationId, ctx.actor.id, role.id],
    );
    if (opened.length === 0) {
      throw new HubError(
        'grantor_lacks_right',
        `No chief administrator has opened the role "${role.name}" to this directory.`,
        {
          role: role.id,
        },
      );
    }
    const span = { validFrom: gift.validFrom ?? null, validUntil: gift.validUntil ?? null };
    const gives = (await roleEntitlements(ctx, role.id)).map(({ entitlement }) => entitlement);
    await checkSeparation(ctx, { given: gives, users: [subject.id] });
    given.push(await insertAssignment(ctx, { subject, gives: { roleId: role.id }, ...span }));
  }
  await checkNumber({ organizationId: ctx.organizationId, userId: subject.id, now: ctx.now });
  return given;
}
