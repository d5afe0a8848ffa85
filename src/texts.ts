// The texts of screens and mails: locales/<language>/<namespace>.yaml, read once, each file a namespace.
// One i18next instance per call of loadTexts and a fixed translator per language: nothing about a request is kept in it.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInstance } from 'i18next';
import type { Resource, ResourceKey } from 'i18next';
import { parse } from 'yaml';
import { LANGUAGES } from './applications/application.ts';
import type { Language } from './applications/application.ts';

/** `t('namespace:key', values)`. The result is plain text: views escape it. `count` picks the plural. */
export type Translate = (key: string, values?: Readonly<Record<string, unknown>>) => string;

export type Texts = {
  readonly translator: (language: Language) => Translate;
  /** True if the language itself has the key, without falling back. */
  readonly has: (language: Language, key: string) => boolean;
};

/** The language of a BCP 47 tag, or of the first in a list of them ("nl-BE, fr;q=0.5"), or undefined if it is not one of ours. */
export function toLanguage(tag: string | undefined): Language | undefined {
  const primary = tag
    ?.trim()
    .toLowerCase()
    .split(/[-_,;]/)[0];
  return LANGUAGES.find((language) => language === primary);
}

/** The parser puts each text together from a string per character, and all of those would stay. */
const compact = (parsed: unknown): ResourceKey => JSON.parse(JSON.stringify(parsed)) as ResourceKey;

/** @param folder that holds one folder per language. Throws if a file cannot be read or is not YAML. */
export async function loadTexts(folder: string): Promise<Texts> {
  const resources: Resource = {};
  const namespaces = new Set<string>();
  for (const language of LANGUAGES) {
    const files = (await readdir(path.join(folder, language))).filter((file) => file.endsWith('.yaml'));
    const texts: Record<string, ResourceKey> = {};
    for (const file of files) {
      const namespace = path.basename(file, '.yaml');
      namespaces.add(namespace);
      texts[namespace] = compact(parse(await readFile(path.join(folder, language, file), 'utf8')));
    }
    resources[language] = texts;
  }
  const i18n = createInstance();
  await i18n.init({
    resources,
    ns: [...namespaces],
    supportedLngs: [...LANGUAGES],
    fallbackLng: 'en',
    // EJS escapes; escaping here as well would show &amp; to people.
    interpolation: { escapeValue: false },
  });
  // A name that the catalogue gives in four languages, as a value of a text.
  i18n.services.formatter?.add('labels', (value: Partial<Record<string, string>> | undefined, language) =>
    language === undefined ? '' : (value?.[language] ?? ''),
  );
  const translators = Object.fromEntries(
    LANGUAGES.map((language) => {
      const fixed = i18n.getFixedT(language);
      const translate: Translate = (key, values) => fixed(key, { ...values });
      return [language, translate];
    }),
  ) as Record<Language, Translate>;
  return {
    translator: (language) => translators[language],
    has: (language, key) => {
      const [namespace = '', name = ''] = key.split(':');
      return i18n.getResource(language, namespace, name) !== undefined;
    },
  };
}
