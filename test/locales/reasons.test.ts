import { describe, expect, it } from '@jest/globals';
import i18next from 'i18next';
import { LANGUAGES } from '../../src/applications/application.ts';
import { WITHHELD_CODES } from '../../src/entitlements/effective.ts';
import { ERROR_CODES } from '../../src/errors.ts';
import { readLocales } from './locale-files.ts';

const locales = await readLocales();

function textsOf(namespace: string, language: (typeof LANGUAGES)[number]): Map<string, unknown> {
  return locales.get(namespace)?.get(language) ?? new Map<string, unknown>();
}

describe('the reasons', () => {
  it.each(LANGUAGES)('have a sentence for every error code and for nothing else: %s', (language) => {
    const texts = textsOf('reasons', language);
    expect([...texts.keys()].toSorted()).toEqual([...ERROR_CODES, ...WITHHELD_CODES].toSorted());
    for (const text of texts.values()) expect(text).toMatch(/^\p{Lu}.*\.$/u);
  });

  it.each(LANGUAGES)('tell every code apart: %s', (language) => {
    const texts = [...textsOf('reasons', language).values()];
    expect(new Set(texts).size).toBe(texts.length);
  });

  it.each([
    ['nl', /(?<!\p{L})(je|jij|jouw|paswoord|toepassing(?!\.)|beheerders?|routers?|onderaannemers?|bewaren)(?!\p{L})/iu],
    ['fr', /(?<!\p{L})(tu|toi|ton|tes)(?!\p{L})/iu],
    ['de', /(?<!\p{L})(du|dich|dir|deine?)(?!\p{L})/iu],
  ] as const)('speak formally and in the words of the glossary: %s', (language, unwanted) => {
    for (const namespace of ['reasons', 'administration-rights']) {
      const offending = [...textsOf(namespace, language)].filter(([, text]) => unwanted.test(String(text)));
      expect(offending).toEqual([]);
    }
  });

  it('say how long to wait in the grammar of each language', async () => {
    const instance = i18next.createInstance();
    const resources = Object.fromEntries(
      LANGUAGES.map((language) => [language, { reasons: Object.fromEntries(textsOf('reasons', language)) }]),
    );
    await instance.init({ resources, ns: ['reasons'], lng: 'en' });
    const said = LANGUAGES.flatMap((lng) =>
      [1, 30].map((retryAfter) => instance.t('reasons:throttled', { lng, retryAfter })),
    );
    expect(said.map((text) => text.replaceAll(/\p{Zs}/gu, ' '))).toEqual([
      'Te veel pogingen. Probeer het over 1 seconde opnieuw.',
      'Te veel pogingen. Probeer het over 30 seconden opnieuw.',
      'Trop de tentatives. Réessayez dans 1 seconde.',
      'Trop de tentatives. Réessayez dans 30 secondes.',
      'Zu viele Versuche. Versuchen Sie es in 1 Sekunde erneut.',
      'Zu viele Versuche. Versuchen Sie es in 30 Sekunden erneut.',
      'Too many attempts. Try again in 1 second.',
      'Too many attempts. Try again in 30 seconds.',
    ]);
  });
});

describe('the administration rights', () => {
  it.each(LANGUAGES)('each have a label and one sentence of explanation: %s', (language) => {
    const texts = textsOf('administration-rights', language);
    const rights = [
      'manage_administrators',
      'manage_users',
      'recover_password',
      'ftp_access',
      'view_account_settings',
      'manage_account_settings',
      'chief_administrator',
    ];
    expect([...texts.keys()]).toEqual(rights.flatMap((right) => [`${right}.label`, `${right}.explanation`]));
    for (const right of rights) {
      expect(texts.get(`${right}.label`)).toMatch(/^\p{Lu}.*[^.]$/u);
      expect(texts.get(`${right}.explanation`)).toMatch(/^\p{Lu}[^.]*\.$/u);
    }
  });
});
