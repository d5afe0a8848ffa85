import { describe, expect, it } from '@jest/globals';
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
});
