// "Copy all my rights": what the actor holds in one application at this moment is given to somebody else as it is.
// Never administration rights, none longer than his own, and nothing that the other was given already.
import type { OrganizationCtx } from '../context.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { findApplication } from '../applications/catalogue.ts';
import { loadActing, notPermitted, type Acting } from './acting.ts';
import { entitlementOf, listAssignments, type Assignment } from './assignment-row.ts';
import type { Box, Entitlement } from './box.ts';
import { addToRole } from './change-role.ts';
import { covers } from './covers.ts';
import { effectiveEntitlements, type EffectiveEntitlement } from './effective.ts';
import { roleEntitlements, type RoleEntitlement } from './find-role.ts';
import { findSubject, type Subject } from './find-subject.ts';
import { giveTo, type Gift } from './give-rights.ts';
import { MAX_PER_SAVE } from './giving.ts';
import type { Holder } from './holder.ts';
import { withoutContained } from './intersect.ts';

/** A gift that is no role. */
export type EntitlementGift = Exclude<Gift, { readonly roleId: string }>;

export const boxOfGift = (gift: EntitlementGift): Box & { profile?: string } => ({
  application: gift.application,
  customerAccount: gift.customerAccountId,
  values: gift.values,
  validity: { from: gift.validFrom?.getTime() ?? null, until: gift.validUntil?.getTime() ?? null },
  ...(gift.profile === undefined ? {} : { profile: gift.profile }),
});

/** What would be given, for a preview. Throws as copyRights does. */
export async function rightsToCopy(
  ctx: OrganizationCtx,
  input: { application: string; subject: Holder },
  actor?: Acting,
): Promise<EntitlementGift[]> {
  const acting = actor ?? (await loadActing(ctx));
  if (acting.userId === null) throw notPermitted('Only a person has rights of his own to copy.');
  const application = findApplication(acting.snapshot.catalogue, input.application);
  const { effective } = effectiveEntitlements(acting.snapshot, { application: application.key });
  const standing = await standingOf(ctx, input.subject);
  return giftsOf(effective, standing, acting.snapshot.at);
}

const standingOf = async (ctx: OrganizationCtx, holder: Holder): Promise<Entitlement[]> =>
  holder.kind === 'role'
    ? (await roleEntitlements(ctx, holder.id)).map(({ entitlement }) => entitlement)
    : (await listAssignments(ctx, { kind: holder.kind, id: holder.id })).flatMap(entitlementOf);

/** What somebody holds, as it can be given from now on to one to whom `standing` was given already; none longer than it is held. */
export function giftsOf(
  effective: readonly EffectiveEntitlement[],
  standing: readonly Entitlement[],
  at: number,
): EntitlementGift[] {
  const alike = Map.groupBy(
    effective.map(({ entitlement }) => entitlement),
    ({ profile }) => profile ?? '',
  );
  const gifts = [...alike.values()].flatMap((some) =>
    // He holds it from now on, whatever its beginning was.
    withoutContained(some.map((one) => ({ ...one, validity: { from: null, until: one.validity.until } }))).filter(
      (one) =>
        !covers(
          standing.filter(({ profile }) => profile === one.profile),
          { ...one, validity: { from: at, until: one.validity.until } },
        ),
    ),
  );
  return gifts.map(({ application: key, customerAccount, profile, values, validity }) => ({
    application: key,
    customerAccountId: customerAccount,
    values,
    ...(profile === undefined ? {} : { profile }),
    validUntil: validity.until === null ? null : new Date(validity.until),
  }));
}

/** Throws HubError `not_found`, `unknown_application`, `too_many`, and the refusals of giving (see check-giving.ts). */
export function copyRights(
  ctx: OrganizationCtx,
  input: { readonly application: string; readonly subject: Subject; readonly consent?: boolean },
  /** Where it was loaded already. */
  actor?: Acting,
): Promise<Assignment[]> {
  return transaction(async () => {
    const subject = await findSubject(ctx, input.subject);
    const acting = actor ?? (await loadActing(ctx));
    const gifts = await rightsToCopy(ctx, { application: input.application, subject }, acting);
    if (gifts.length > MAX_PER_SAVE)
      throw new HubError('too_many', `At most ${MAX_PER_SAVE} rights can be given in one save.`);
    return giveTo(ctx, acting, subject, { gifts, consent: input.consent === true });
  });
}

/** The same into a role: whoever has it gains. Throws as copyRights and addToRole do. */
export function copyToRole(
  ctx: OrganizationCtx,
  input: { readonly application: string; readonly roleId: string; readonly consent?: boolean },
): Promise<RoleEntitlement[]> {
  const { application, roleId, consent = false } = input;
  return transaction(async () => {
    const entitlements = await rightsToCopy(ctx, { application, subject: { kind: 'role', id: roleId } });
    return addToRole(ctx, { roleId, entitlements, consent });
  });
}
