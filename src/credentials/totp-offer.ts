// A seed that was shown to somebody and is not yet his: sealed into the form that shows it, and worth something in the same
// place and for the same person only. Nothing is stored for who looks and goes away.
import { secrets } from './secrets.ts';
import { newTotpSeed } from './totp.ts';

type OfferedTo = { readonly organizationId: string; readonly userId: string; readonly binding: string };

const label = ({ organizationId, userId, binding }: OfferedTo) =>
  `totp offer ${JSON.stringify([organizationId, userId, binding])}`;

export function offerTotp(to: OfferedTo): { seed: string; sealed: string } {
  const seed = newTotpSeed();
  return { seed, sealed: secrets().seal(Buffer.from(seed), label(to)).toString('base64url') };
}

/** Undefined for what was not offered to this person here. */
export function readTotpOffer(sealed: string, to: OfferedTo): string | undefined {
  try {
    return secrets().open(Buffer.from(sealed, 'base64url'), label(to)).toString();
  } catch {
    return undefined;
  }
}
