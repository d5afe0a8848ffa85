// How surely a person was recognized: what he proved (amr, RFC 8176), the level that this makes, and the names of levels
// (acr) that an application may ask for. Beside our own: REFEDS SFA and MFA, and `phr` of the OpenID Connect Extended
// Authentication Profile. `acr_values` is honored as a demand (RFC 9470 section 5): no code below it. Pure.

/** 1: one factor. 2: two factors. 3: two factors that cannot be phished (a passkey). */
export type Level = 1 | 2 | 3;

export const PASSWORD = ['pwd'] as const;
export const ONE_TIME_CODE = ['otp'] as const;
/** A key that the device gives after it has recognized the person itself: both factors. */
export const PASSKEY = ['pop', 'user', 'mfa'] as const;

const NAMES: ReadonlyMap<string, Level> = new Map([
  ['urn:mandate:acr:1', 1],
  ['urn:mandate:acr:2', 2],
  ['phr', 3],
  ['https://refeds.org/profile/sfa', 1],
  ['https://refeds.org/profile/mfa', 2],
]);
const OWN_NAME: Readonly<Record<Level, string>> = { 1: 'urn:mandate:acr:1', 2: 'urn:mandate:acr:2', 3: 'phr' };

/** For discovery. */
export const ACR_VALUES: readonly string[] = [...NAMES.keys()];

/** What was proved before, and what was proved now. */
export function proved(before: readonly string[], now: readonly string[]): string[] {
  const amr = new Set([...before, ...now]);
  if (amr.has('pwd') && (amr.has('otp') || amr.has('pop'))) amr.add('mfa');
  return [...amr];
}

export function levelOf(amr: readonly string[] | undefined): Level {
  if (!amr?.includes('mfa')) return 1;
  return amr.includes('pop') ? 3 : 2;
}

const requested = (acrValues: string | undefined): string[] => (acrValues ?? '').split(' ').filter(Boolean);

/** The lowest level that one of the requested names is content with; undefined if none of them is a name of ours. */
export function wantedLevel(acrValues: string | undefined): Level | undefined {
  const names = requested(acrValues);
  if (names.length === 0) return 1;
  const levels = names.map((name) => NAMES.get(name)).filter((level) => level !== undefined);
  return levels.length === 0 ? undefined : (Math.min(...levels) as Level);
}

/** The first requested name that the level meets (OIDC Core 3.1.2.1: in order of preference), else our own. */
export function acrFor(acrValues: string | undefined, level: Level): string {
  const met = requested(acrValues).find((name) => (NAMES.get(name) ?? Infinity) <= level);
  return met ?? OWN_NAME[level];
}
