import { describe, expect, it } from '@jest/globals';
import { passwordStrength } from '../../src/credentials/password-strength.ts';
import { brokenRules, passwordPolicy, rulesOf } from '../../src/credentials/password-rules.ts';

const policy = passwordPolicy(15);
const broken = (password: string, over: { personal?: string[]; current?: string } = {}) =>
  brokenRules({ password, personal: [], ...over }, policy);

describe('the rules of a new password', () => {
  it.each([
    'a quiet harbour at dawn',
    'Vijf meeuwen boven grijs water',
    '日本語のとても長いパスワードです',
    'x7Gq-29fa-LLp0-trun',
  ])('accept %s', (password) => {
    expect(broken(password)).toEqual([]);
  });

  it.each(['short one', 'fourteen chars'])('refuse %s as too short', (password) => {
    expect(broken(password)).toContain('minimum_length');
  });

  it('count characters as people do, not bytes or halves of them', () => {
    expect(broken('é'.normalize('NFD').repeat(14))).toContain('minimum_length');
    expect(broken('😀'.repeat(14) + 'abcde').includes('minimum_length')).toBe(false);
    expect(broken('wandering geese '.repeat(17))).toEqual(['maximum_length']);
  });

  it.each([
    'passwordpassword',
    'Welkom2024!!!!!!!',
    'P@ssw0rdP@ssw0rd',
    'aaaaaaaaaaaaaaaa',
    '12345678901234567',
    'qwertyuiopasdfgh',
    'abcdefghijklmnopq',
    'zomer2024brussel',
  ])('refuse %s as one of the first that everybody guesses', (password) => {
    expect(broken(password)).toContain('not_common');
  });

  it('refuse what is made of the person himself', () => {
    const personal = ['anke.smets', 'Anke Smets', 'anke.smets@noordzee.example'];
    expect(broken('my name is Smets here', { personal })).toEqual(['not_personal']);
    expect(broken('the noordzee is grey today', { personal })).toEqual(['not_personal']);
    expect(broken('a quiet harbour at dawn', { personal })).toEqual([]);
  });

  it('refuse the current one', () => {
    expect(broken('a quiet harbour at dawn', { current: 'a quiet harbour at dawn' })).toEqual(['not_current']);
  });

  it('ask in the preset classic for seven characters, a capital and a small letter', () => {
    const classic = passwordPolicy(15, { password_policy: 'classic' });
    expect(brokenRules({ password: 'Haven7x', personal: [] }, classic)).toEqual([]);
    expect(brokenRules({ password: 'haven7x', personal: [] }, classic)).toEqual(['capital_letter']);
    expect(brokenRules({ password: 'HAVEN7', personal: [] }, classic)).toEqual(['minimum_length', 'small_letter']);
    expect(rulesOf(classic, true)[0]).toEqual({ code: 'minimum_length', values: { count: 7 } });
  });

  it('ask eight characters of who has a second factor, and no fewer than the operator does', () => {
    expect(passwordPolicy(15, {}, true).minimumLength).toBe(8);
    expect(passwordPolicy(7, {}, true).minimumLength).toBe(7);
    expect(passwordPolicy(15, { password_policy: 'classic' }, true).minimumLength).toBe(7);
  });

  it.each(['Noordzee2026!!!!', 'welkom noordzee media', 'PostalPortal2026'])(
    'refuse %s, which is made of the names of the company and the portal',
    (password) => {
      const company = ['Noordzee Media', 'Postal Portal'];
      expect(brokenRules({ password, personal: [], company }, policy)).toContain('not_common');
      expect(brokenRules({ password: 'four media birds over grey water', personal: [], company }, policy)).toEqual([]);
    },
  );

  it('name how many former ones count, only where the organization remembers some', () => {
    const remembering = passwordPolicy(15, { password_history: 5 });
    expect(rulesOf(remembering, false).at(-1)).toEqual({ code: 'not_reused', values: { count: 5 } });
    expect(rulesOf(policy, false).map(({ code }) => code)).not.toContain('not_reused');
    expect(passwordPolicy(15, { password_history: 99 }).remembered).toBe(24);
  });
});

describe('the estimate of a password', () => {
  const own = ['Anke Smets', 'anke.smets@noordzee.example'];

  it.each([
    ['password', 'en', 0],
    ['Anke Smets 1987', 'nl', 2],
    ['welkom2024', 'nl', 1],
    ['schmetterling', 'de', 1],
    ['papillon', 'fr', 1],
    ['aaaaaaaaaaaaaaaaaaaa', 'en', 0],
    ['a quiet harbour at dawn', 'en', 4],
    ['x7Gq-29fa-LLp0-trun', 'fr', 4],
  ] as const)('of "%s" in %s has its place: %i', async (password, language, expected) => {
    const strength = await passwordStrength(password, { own, language });
    if (expected === 4) expect(strength).toBe(4);
    else expect(strength).toBeLessThanOrEqual(expected);
  });

  it('is left out rather than waited for when too many ask at once', async () => {
    const asked = Array.from({ length: 60 }, (_, n) => passwordStrength(`harbour ${n}`, { own, language: 'en' }));
    const answers = await Promise.all(asked);
    expect(answers.filter((strength) => strength === undefined)).toHaveLength(10);
  });
});
