// What stands above any assignment on a customer account: on an own one the subscription, on a foreign one each
// chain of mandates, cut by every link and by the owner's subscription. Nothing is copied down: this is computed anew.
import { checkChain } from '../mandates/check-chain.ts';
import type { Box, Validity } from './box.ts';
import { intersectUnion, withoutContained } from './intersect.ts';
import type { AccountSnapshot, MandateLink, RightsSnapshot } from './snapshot.ts';
import { intersectValidity, isValidAt } from './validity.ts';

/** `via`: ids of the mandates from the owner's down to the one received; empty on an own customer account. */
export type Limit = { readonly boxes: readonly Box[]; readonly via: readonly string[] };

/** The limits whose union bounds the organization's people on the account now. Boxes that do not hold at `at` are left out. */
export function limitsAbove(
  account: AccountSnapshot,
  snapshot: Pick<RightsSnapshot, 'at' | 'user'>,
  application?: string,
): Limit[] {
  const { organization } = snapshot.user;
  if (account.owner.state !== 'active') return [];
  const subscription = account.subscription.filter(
    (box) =>
      box.customerAccount === account.id &&
      (application === undefined || box.application === application) &&
      isValidAt(box.validity, snapshot.at),
  );
  if (account.owner.id === organization.id) return subscription.length === 0 ? [] : [{ boxes: subscription, via: [] }];
  return account.chains.flatMap((chain): Limit[] => {
    if (!leads(chain, account.owner.id, organization.id)) return [];
    const boxes = chain
      .reduce<readonly Box[]>(
        (left, link) => withoutContained(clip(link.boxes, link.validity).flatMap((box) => intersectUnion(box, left))),
        subscription,
      )
      .filter((box) => isValidAt(box.validity, snapshot.at));
    return boxes.length === 0 ? [] : [{ boxes, via: chain.map((link) => link.id) }];
  });
}

/** The boxes within a span of time. */
export function clip<T extends Box>(boxes: readonly T[], validity: Validity): T[] {
  return boxes.flatMap((box) => {
    const common = intersectValidity(box.validity, validity);
    return common === null ? [] : [{ ...box, validity: common }];
  });
}

/** A link narrowed or a giver suspended afterwards must end what hangs below it, so this is asked at each read. */
function leads(chain: readonly MandateLink[], owner: string, receiver: string): boolean {
  return (
    checkChain(chain) === null &&
    chain[0]?.fromOrganization === owner &&
    chain.at(-1)?.toOrganization === receiver &&
    chain.every((link) => link.fromState === 'active')
  );
}
