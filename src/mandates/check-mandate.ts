// Who may give a mandate, and how much: by holders of the right that an application's catalogue marks for it, else by
// chief administrators, within their ceiling, and when passed on within the very mandate it hangs on.
import { findApplication } from '../applications/catalogue.ts';
import type { Acting } from '../entitlements/acting.ts';
import type { Box } from '../entitlements/box.ts';
import { checkLimit, checkSpan } from '../entitlements/check-limit.ts';
import { mayGive } from '../entitlements/giving.ts';
import { orThrow } from '../entitlements/refusal.ts';
import { HubError } from '../errors.ts';
import { customerAccountNotFound } from '../organizations/find-customer-account.ts';
import { checkChain, mostOnward, type ChainLink } from './check-chain.ts';
import { limitsThrough, mandating } from './mandating.ts';
import type { MandateBox } from './find-mandate.ts';

export type MandateTerms = {
  readonly boxes: readonly MandateBox[];
  readonly onward?: number;
  readonly validFrom?: Date | null;
  readonly validUntil?: Date | null;
};

const MOST_BOXES = 64;

const invalid = (path: string, message: string) =>
  new HubError('invalid_input', message, { issues: [{ path, message }] });

/** The boxes in normal form. Throws HubError `not_found` (account), `invalid_input`, `too_many`, `unknown_application`, `unknown_value`. */
export function acceptedTerms(
  acting: Acting,
  customerAccountId: string,
  terms: MandateTerms,
): { boxes: MandateBox[]; limits: Box[] } {
  const account = acting.snapshot.accounts.get(customerAccountId.toLowerCase());
  if (!account) throw customerAccountNotFound(customerAccountId);
  const { onward = 0, validFrom = null, validUntil = null } = terms;
  if (!Number.isInteger(onward) || onward < 0 || onward > 3)
    throw invalid('onward', 'A mandate can be passed on 0 to 3 times.');
  if (terms.boxes.length === 0) throw invalid('boxes', 'Choose what the mandate allows.');
  if (terms.boxes.length > MOST_BOXES) throw new HubError('too_many', `A mandate has at most ${MOST_BOXES} parts.`);
  checkSpan(validFrom, validUntil);
  const boxes = terms.boxes.map(({ application, values }) => ({
    application,
    values: checkLimit(findApplication(acting.snapshot.catalogue, application), values, account.resources),
  }));
  const validity = { from: validFrom?.getTime() ?? null, until: validUntil?.getTime() ?? null };
  const limits = boxes.map((box) => ({ ...box, customerAccount: account.id, validity }));
  return { boxes, limits };
}

/**
 * Whether the actor may give, or take back, mandates in these applications. On a customer's account the right may be held on an own
 * account or on that one. Throws HubError `not_permitted`.
 */
export function checkMandator(acting: Acting, customerAccountId: string, applications: readonly string[]): void {
  const mayMandate = mandating(acting);
  for (const key of new Set(applications)) {
    if (mayMandate(customerAccountId, key)) continue;
    throw new HubError('not_permitted', `You do not have the right to give mandates in ${key}.`, { application: key });
  }
}

/** Boxes that are to be allowed anew. Throws HubError `grantor_lacks_right`, `outlasts_ceiling`. */
export function checkWithinLimits(
  acting: Acting,
  gained: readonly Box[],
  parentId: string | null,
  receiverOrganizationId: string,
): void {
  const at = acting.snapshot.at;
  const gains = [{ receiverUserId: receiverOrganizationId, boxes: gained }];
  orThrow(mayGive({ at, ceiling: acting.ceiling, chief: acting.unbounded, gains }));
  if (parentId === null) return;
  orThrow(mayGive({ at, ceiling: limitsThrough(acting, parentId), chief: acting.unbounded, gains }));
}

/** Throws HubError `mandate_cycle`, `mandate_not_onward`. */
export function checkPath(before: readonly ChainLink[], link: ChainLink): void {
  const code = checkChain([...before, link]);
  if (code === 'mandate_cycle') {
    throw new HubError(
      code,
      'This organization stands in the chain of mandates already: a mandate cannot come back to it.',
    );
  }
  if (code !== null) throw new HubError('mandate_not_onward', 'This mandate may not be passed on.');
  if (link.onward <= mostOnward(before)) return;
  throw new HubError(
    'mandate_not_onward',
    `This mandate may be passed on at most ${mostOnward(before)} times further.`,
    {
      most: mostOnward(before),
    },
  );
}
