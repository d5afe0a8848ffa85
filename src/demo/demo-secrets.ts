// The demonstration's passwords and secrets: derived from the key of the data folder, so they are random for each
// folder and the same at each start, and nothing but the key has to be kept.
import { createHmac } from 'node:crypto';
import { secrets } from '../credentials/secrets.ts';
import { totpSeedOf } from '../credentials/totp.ts';

const derive = (what: string): Buffer => createHmac('sha256', secrets().derive('demo')).update(what).digest();

/** 20 letters and digits in groups, easy to copy by hand. */
export const demoPassword = (organization: string, userName: string): string =>
  (
    derive(`password ${organization} ${userName}`)
      .toString('base64url')
      .replaceAll(/[-_0O1lI]/g, '')
      .slice(0, 20)
      .match(/.{1,5}/g) ?? []
  ).join('-');

/** The seed of an authenticator app, in base32 (RFC 6238). */
export const demoTotpSeed = (organization: string, userName: string): string =>
  totpSeedOf(derive(`totp ${organization} ${userName}`).subarray(0, 20));

export const demoSecret = (what: string): string => derive(`secret ${what}`).toString('base64url');
