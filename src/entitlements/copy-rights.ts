// "Copy all my rights": what the actor holds in one application at this moment is given to somebody else as it is.
// Never administration rights, none longer than his own, and nothing that the other was given already.
import type { OrganizationCtx } from '../context.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { findApplication } from '../applications/catalogue.ts';
import { loadActing, notPermitted } from './acting.ts';
import { entitlementOf, listAssignments, type Assignment } from './assignment-row.ts';
import { covers } from './covers.ts';
import { effectiveEntitlements } from './effective.ts';
import { findSubject, type Subject } from './find-subject.ts';
import { giveTo, type Gift } from './give-rights.ts';
import { MAX_PER_SAVE } from './giving.ts';
import { withoutContained } from './intersect.ts';

/** What would be given, for a preview. Throws as copyRights does. */
export async function rightsToCopy(
  ctx: OrganizationCtx,
  input: { application: string; subject: Subject },
): Promise<Gift[]> {
  const acting = await loadActing(ctx);
  if (acting.userId === null) throw notPermitted('Only a person has rights of his own to copy.');
  const application = findApplication(acting.snapshot.catalogue, input.application);
  const { effective } = effectiveEntitlements(acting.snapshot, { application: application.key });
  const own = Map.groupBy(
    effective.map(({ entitlement }) => entitlement),
    ({ profile }) => profile ?? '',
  );
  const standing = (await listAssignments(ctx, input.subject)).flatMap(entitlementOf);
  const gifts = [...own.values()].flatMap((alike) =>
    // He holds it from now on, whatever its beginning was.
    withoutContained(alike.map((one) => ({ ...one, validity: { from: null, until: one.validity.until } }))).filter(
      (one) =>
        !covers(
          standing.filter(({ profile }) => profile === one.profile),
          { ...one, validity: { from: acting.snapshot.at, until: one.validity.until } },
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
): Promise<Assignment[]> {
  return transaction(async () => {
    const subject = await findSubject(ctx, input.subject);
    const gifts = await rightsToCopy(ctx, { application: input.application, subject });
    if (gifts.length > MAX_PER_SAVE)
      throw new HubError('too_many', `At most ${MAX_PER_SAVE} rights can be given in one save.`);
    return giveTo(ctx, await loadActing(ctx), subject, { gifts, consent: input.consent === true });
  });
}
