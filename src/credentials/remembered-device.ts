// A browser in which a person gave his second factor and asked not to be asked again for 30 days. What the cookie holds is
// bound to the person and to the fingerprint of his factors: another factor, a reset or a new password voids it. Pure.
import { createHash, timingSafeEqual } from 'node:crypto';

export const REMEMBERED_DAYS = 30;
const REMEMBERED_MS = REMEMBERED_DAYS * 24 * 60 * 60 * 1000;
/** People who share a browser. */
const MOST = 5;
const SEPARATOR = '~';

const proof = (fingerprint: string, until: string): string =>
  createHash('sha256')
    .update(JSON.stringify(['remembered', fingerprint, until]))
    .digest('base64url')
    .slice(0, 22);

const entriesOf = (value: string | undefined): [until: string, proof: string][] =>
  (value ?? '').split(SEPARATOR).flatMap((entry) => {
    const [until, given] = entry.split('.');
    return until && given ? [[until, given] as [string, string]] : [];
  });

/** The cookie's value with this person in it, the youngest five kept. It must be signed. */
export function rememberPerson(value: string | undefined, fingerprint: string, now: Date): string {
  const until = (now.getTime() + REMEMBERED_MS).toString(36);
  const others = entriesOf(value).filter(([end]) => Number.parseInt(end, 36) > now.getTime());
  return [[until, proof(fingerprint, until)], ...others]
    .slice(0, MOST)
    .map((entry) => entry.join('.'))
    .join(SEPARATOR);
}

/** `value`: of a cookie whose signature was right. */
export function isRemembered(value: string | undefined, fingerprint: string, now: Date): boolean {
  return entriesOf(value).some(([until, given]) => {
    const expected = Buffer.from(proof(fingerprint, until));
    const actual = Buffer.from(given);
    const same = expected.length === actual.length && timingSafeEqual(expected, actual);
    return same && Number.parseInt(until, 36) > now.getTime();
  });
}
