// What a new password must be: long enough, not one that everybody guesses first, not made of the person's own names
// (NIST SP 800-63B-4 section 3.1.1, OWASP ASVS 5.0 6.2). No composition rules, except in the preset `classic` for an
// organization that insists. Pure.
import { fold } from '../provisioning/fold.ts';
import { COMMON_WORDS } from './common-words.ts';
import { MAXIMUM_LENGTH, passwordLength } from './password-hash.ts';

const PASSWORD_RULES = [
  'minimum_length',
  'maximum_length',
  'capital_letter',
  'small_letter',
  'not_common',
  'not_personal',
  'not_current',
  'not_reused',
] as const;
export type PasswordRule = (typeof PASSWORD_RULES)[number];

export type PasswordPolicy = {
  readonly minimumLength: number;
  /** The rule of older portals: 7 characters, a capital and a small letter. */
  readonly classic: boolean;
  /** So many former passwords may not come back. */
  readonly remembered: number;
};

const CLASSIC_MINIMUM = 7;
/** Where a second factor is asked for as well (NIST SP 800-63B-4 section 3.1.1.2). */
const MINIMUM_WITH_SECOND_FACTOR = 8;
export const MOST_REMEMBERED = 24;
const FEWEST_DIFFERENT = 5;
const SHORTEST_NAME = 4;

/** `settings` is the organization's own, as stored. */
export function passwordPolicy(
  minimumLength: number,
  settings: { readonly password_policy?: unknown; readonly password_history?: unknown } = {},
  hasSecondFactor = false,
): PasswordPolicy {
  const classic = settings.password_policy === 'classic';
  const standard = hasSecondFactor ? Math.min(minimumLength, MINIMUM_WITH_SECOND_FACTOR) : minimumLength;
  const remembered = Math.min(MOST_REMEMBERED, Math.max(0, Math.trunc(Number(settings.password_history ?? 0)) || 0));
  return { classic, minimumLength: classic ? CLASSIC_MINIMUM : standard, remembered };
}

/** The rules to show before anybody types, with the number that the sentence needs. */
export function rulesOf(
  policy: PasswordPolicy,
  hasCurrent: boolean,
): { code: PasswordRule; values?: { count: number } }[] {
  return [
    { code: 'minimum_length', values: { count: policy.minimumLength } },
    ...(policy.classic ? [{ code: 'capital_letter' as const }, { code: 'small_letter' as const }] : []),
    { code: 'not_common' },
    { code: 'not_personal' },
    ...(hasCurrent ? [{ code: 'not_current' as const }] : []),
    ...(policy.remembered > 0 ? [{ code: 'not_reused' as const, values: { count: policy.remembered } }] : []),
  ];
}

type PasswordCandidate = {
  readonly password: string;
  /** Username, e-mail address, given and family name. */
  readonly personal: readonly string[];
  /** Names of his company and of the portal: as easily guessed as common words. */
  readonly company?: readonly string[];
  readonly current?: string | undefined;
};

/** Every rule that the password breaks; `not_reused` is found out with the stored hashes (store-password.ts). */
export function brokenRules(candidate: PasswordCandidate, policy: PasswordPolicy): PasswordRule[] {
  const { password } = candidate;
  const length = passwordLength(password);
  const broken: Record<PasswordRule, boolean> = {
    minimum_length: length < policy.minimumLength,
    maximum_length: length > MAXIMUM_LENGTH,
    capital_letter: policy.classic && !/\p{Lu}/u.test(password),
    small_letter: policy.classic && !/\p{Ll}/u.test(password),
    not_common: isCommon(password, wordsOf(candidate.company ?? [])),
    not_personal: isPersonal(password, candidate.personal),
    not_current: candidate.current !== undefined && candidate.current.normalize('NFC') === password.normalize('NFC'),
    not_reused: false,
  };
  return PASSWORD_RULES.filter((rule) => broken[rule]);
}

const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

const wordsOf = (names: readonly string[]): string[] =>
  names.flatMap((name) => fold(name).split(/[^\p{L}]+/u)).filter((word) => word.length >= SHORTEST_NAME);

/** A few common words with digits and signs around them, a run of keys, or the same few characters over and over. */
function isCommon(password: string, company: readonly string[]): boolean {
  const folded = fold(password);
  if (new Set(folded).size < FEWEST_DIFFERENT) return true;
  if (isRun(folded)) return true;
  const bare = folded.replaceAll(/[^\p{L}]/gu, '');
  const unleeted = [...folded]
    .map((character) => LEET[character] ?? character)
    .join('')
    .replaceAll(/[^\p{L}]/gu, '');
  return [bare, unleeted].some((letters) => letters.length > 0 && withoutCommon(letters, company) === '');
}

/** What remains when common words are taken off the front, at most three of them. */
function withoutCommon(letters: string, company: readonly string[]): string {
  const words = [...company, ...COMMON_WORDS];
  let rest = letters;
  for (let word = 0; word < 3 && rest !== ''; word++) {
    const found = words.find((common) => rest.startsWith(common));
    if (found === undefined) return rest;
    rest = rest.slice(found.length);
  }
  return rest;
}

const RUNS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'azertyuiop',
  'qwertzuiop',
  'asdfghjkl',
  'qsdfghjklm',
  'zxcvbnm',
  'wxcvbn',
  'yxcvbnm',
];

/** Made of nothing but pieces of three or more neighbors on the keyboard or in the alphabet. */
function isRun(text: string): boolean {
  let rest = text;
  while (rest.length >= 3) {
    const longest = Math.max(
      ...[...RUNS, ...RUNS.map((run) => [...run].reverse().join(''))].map((run) => sharedStart(rest, run)),
    );
    if (longest < 3) return false;
    rest = rest.slice(longest);
  }
  return text.length > 0 && rest.length < 3;
}

function sharedStart(text: string, run: string): number {
  const from = run.indexOf(text[0] ?? '\0');
  if (from < 0) return 0;
  let length = 0;
  while (from + length < run.length && text[length] === run[from + length]) length++;
  return length;
}

function isPersonal(password: string, personal: readonly string[]): boolean {
  const folded = fold(password);
  return personal
    .flatMap((name) => [fold(name), ...fold(name).split(/[\s@._-]+/)])
    .some((name) => name.length >= SHORTEST_NAME && folded.includes(name));
}
