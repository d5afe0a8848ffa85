// Every namespace says the same things in every language: a missing text shows its key to a person.
import { describe, expect, it } from '@jest/globals';
import { LANGUAGES } from '../../src/applications/application.ts';
import type { Language } from '../../src/applications/application.ts';
import { localeFiles, readLocales } from './locale-files.ts';

const locales = await readLocales();
const everyFile = [...locales].flatMap(([namespace, languages]) =>
  LANGUAGES.map((language) => ({ namespace, language, texts: languages.get(language) ?? new Map<string, unknown>() })),
);
const PLURAL = /_(zero|one|two|few|many|other)$/;

/** A key without its plural ending, where the namespace counts with it. */
function baseOf(key: string, counted: ReadonlySet<string>): string {
  const base = key.replace(PLURAL, '');
  return counted.has(base) ? base : key;
}

/** Keys that have an `_other` form in some language: those are counted. */
function countedKeys(namespace: string): Set<string> {
  const keys = [...(locales.get(namespace)?.values() ?? [])].flatMap((texts) => [...texts.keys()]);
  return new Set(keys.filter((key) => key.endsWith('_other')).map((key) => key.replace(PLURAL, '')));
}

/** The keys a language must have: those of all languages, with the plural forms of its own grammar but `many`. */
function expectedKeys(namespace: string, language: Language): string[] {
  const counted = countedKeys(namespace);
  const keys = [...(locales.get(namespace)?.values() ?? [])].flatMap((texts) => [...texts.keys()]);
  const bases = new Set(keys.map((key) => baseOf(key, counted)));
  const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories.filter((form) => form !== 'many');
  return [...bases].flatMap((base) => (counted.has(base) ? forms.map((form) => `${base}_${form}`) : [base])).toSorted();
}

/** The names between double braces, without their format. */
function placeholders(text: unknown): string[] {
  return [...String(text).matchAll(/\{\{-?\s*([^},\s]+)/g)].map((match) => match[1] ?? '');
}

/** Key without plural ending -> the placeholders in any of its forms. */
function placeholdersByKey(namespace: string, texts: ReadonlyMap<string, unknown>): Record<string, string[]> {
  const counted = countedKeys(namespace);
  const found: Record<string, Set<string>> = {};
  for (const [key, text] of texts) {
    const names = (found[baseOf(key, counted)] ??= new Set());
    for (const name of placeholders(text)) names.add(name);
  }
  return Object.fromEntries(Object.entries(found).map(([key, names]) => [key, [...names].toSorted()]));
}

describe('the locales', () => {
  it('are YAML files named in kebab-case, in a folder for each of the four languages and nowhere else', async () => {
    const files = await localeFiles();
    const namespaces = [...locales.keys()];
    expect(files.toSorted()).toEqual(
      LANGUAGES.flatMap((language) => namespaces.map((namespace) => `${language}/${namespace}.yaml`)).toSorted(),
    );
    for (const namespace of namespaces) expect(namespace).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(namespaces).toContain('reasons');
  });

  it.each(everyFile)(
    '$language/$namespace has every key that another language has',
    ({ namespace, language, texts }) => {
      // French has a form for whole millions; without it i18next takes `_other`.
      const counted = countedKeys(namespace);
      const keys = [...texts.keys()].filter((key) => !key.endsWith('_many') || baseOf(key, counted) === key);
      expect(keys.toSorted()).toEqual(expectedKeys(namespace, language));
    },
  );

  it.each(everyFile)('$language/$namespace has a text for every key', ({ texts }) => {
    const bad = [...texts].filter(([, text]) => typeof text !== 'string' || text.trim() === '' || text.trim() !== text);
    expect(bad).toEqual([]);
  });

  it.each(everyFile)('$language/$namespace has the same placeholders as English', ({ namespace, texts }) => {
    const english = locales.get(namespace)?.get('en') ?? new Map<string, unknown>();
    expect(placeholdersByKey(namespace, texts)).toEqual(placeholdersByKey(namespace, english));
  });

  it.each(everyFile)('$language/$namespace closes every brace that it opens', ({ texts }) => {
    const broken = [...texts].filter(([, text]) => /[{}]/.test(String(text).replaceAll(/\{\{[^{}]+\}\}/g, '')));
    expect(broken).toEqual([]);
  });
});
