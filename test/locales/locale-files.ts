// The texts of locales/<language>/<namespace>.yaml, flattened to `part.part` keys, as the tests compare them.
import { readdir, readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { LANGUAGES } from '../../src/applications/application.ts';
import type { Language } from '../../src/applications/application.ts';

const LOCALES = new URL('../../locales/', import.meta.url);

/** Namespace -> language -> key -> text. A namespace is there once one language has its file. */
export async function readLocales(): Promise<Map<string, Map<Language, Map<string, unknown>>>> {
  const namespaces = new Map<string, Map<Language, Map<string, unknown>>>();
  for (const language of LANGUAGES) {
    const folder = new URL(`${language}/`, LOCALES);
    for (const file of await readdir(folder)) {
      const namespace = file.replace(/\.yaml$/, '');
      const languages = namespaces.get(namespace) ?? new Map<Language, Map<string, unknown>>();
      languages.set(language, flatten(parse(await readFile(new URL(file, folder), 'utf8'))));
      namespaces.set(namespace, languages);
    }
  }
  return namespaces;
}

/** The folders and files of locales/ that stand there, for a test that nothing strays. */
export async function localeFiles(): Promise<string[]> {
  const entries = await readdir(LOCALES, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath.split('/').at(-1)}/${entry.name}`);
}

function flatten(tree: unknown, prefix = ''): Map<string, unknown> {
  if (typeof tree !== 'object' || tree === null) return new Map([[prefix, tree]]);
  const found = new Map<string, unknown>();
  for (const [name, part] of Object.entries(tree)) {
    for (const [key, text] of flatten(part, prefix === '' ? name : `${prefix}.${name}`)) found.set(key, text);
  }
  return found;
}
