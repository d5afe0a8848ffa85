// The seed that is shown to somebody and is not yet his: derived from the hub's key, the person and the place where it is
// shown (RFC 4226 section 7.5), so that the page shows the same one when it is loaded again, in another language too. Nothing
// is stored for who looks and goes away, and nowhere else does it mean anything.
import { createHmac } from 'node:crypto';
import { secrets } from './secrets.ts';
import { totpSeedOf } from './totp.ts';

const SEED_BYTES = 20;

/** In base32. `binding`: the interaction in which it is shown. */
export function totpOffer(to: {
  readonly organizationId: string;
  readonly userId: string;
  readonly binding: string;
}): string {
  const { organizationId, userId, binding } = to;
  const derived = createHmac('sha256', secrets().derive('totp'))
    .update(JSON.stringify([organizationId, userId, binding]))
    .digest();
  return totpSeedOf(derived.subarray(0, SEED_BYTES));
}
