import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { LANGUAGES } from '../../src/applications/application.ts';
import { ERROR_PAGES } from '../../src/web/error-page.ts';
import { loadTexts } from '../../src/texts.ts';
import { LOCALES } from './site.ts';

const NAMESPACES = ['shell', 'sign-in', 'errors', 'demo'];

function leaves(node: unknown, name = ''): [string, string][] {
  if (typeof node === 'string') return [[name, node]];
  return Object.entries(node as Record<string, unknown>).flatMap(([key, value]) =>
    leaves(value, name ? `${name}.${key}` : key),
  );
}
const read = (language: string, namespace: string) =>
  leaves(parse(readFileSync(path.join(LOCALES, language, `${namespace}.yaml`), 'utf8')));
// A language may have more plural forms than another.
const withoutPlural = (key: string) => key.replace(/_(one|many|other)$/, '_#');

describe('the texts', () => {
  it('exist as the same files in every language', () => {
    const files = LANGUAGES.map((language) => readdirSync(path.join(LOCALES, language)).sort());
    for (const other of files) expect(other).toEqual(files[0]);
  });

  it.each(NAMESPACES)('of %s have the same keys in every language, and none is empty', (namespace) => {
    const keys = LANGUAGES.map((language) =>
      [...new Set(read(language, namespace).map(([key]) => withoutPlural(key)))].sort(),
    );
    for (const other of keys) expect(other).toEqual(keys[0]);
    for (const language of LANGUAGES)
      for (const [, text] of read(language, namespace)) expect(text.trim()).not.toBe('');
  });

  it.each(NAMESPACES)('of %s name the same values in every language', (namespace) => {
    const values = (language: string) =>
      Object.fromEntries(
        read(language, namespace).map(([key, text]) => [
          withoutPlural(key),
          [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort(),
        ]),
      );
    const first = values('en');
    for (const language of LANGUAGES) expect(values(language)).toEqual(first);
  });

  it('have every plural form that a language uses', () => {
    for (const language of LANGUAGES) {
      const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
      for (const namespace of NAMESPACES) {
        const keys = read(language, namespace).map(([key]) => key);
        for (const key of keys.filter((name) => name.endsWith('_other'))) {
          expect(keys).toEqual(expect.arrayContaining(forms.map((form) => key.replace(/other$/, form))));
        }
      }
    }
  });

  it('exist for each kind of error page', async () => {
    const texts = await loadTexts(LOCALES);
    for (const kind of ERROR_PAGES) {
      expect(LANGUAGES.filter((language) => !texts.has(language, `errors:${kind}.title`))).toEqual([]);
      expect(LANGUAGES.filter((language) => !texts.has(language, `errors:${kind}.text`))).toEqual([]);
    }
  });

  it('speak one language per translator, whoever else asks meanwhile', async () => {
    const texts = await loadTexts(LOCALES);
    const [french, german] = [texts.translator('fr'), texts.translator('de')];
    expect([french('shell:header.help'), german('shell:header.help'), french('shell:header.help')]).toEqual([
      'Aide',
      'Hilfe',
      'Aide',
    ]);
  });

  it('fill in values without escaping them, since views escape', async () => {
    const t = (await loadTexts(LOCALES)).translator('en');
    expect(t('sign-in:sign_in.continue_to', { application: 'A & <B>' })).toBe('To continue to A & <B>');
    expect(t('sign-in:sign_in.throttled', { count: 1 })).toBe('Too many attempts. Try again in one minute.');
  });
});
