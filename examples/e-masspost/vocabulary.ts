// The names of e-MassPost's own products and rights, for people. Here they come from the catalogue that the hub is started
// with, so that they stand in one place; a real application has them anyway. Tokens carry keys only.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Language } from './languages.ts';

const Labels = z.object({ nl: z.string(), fr: z.string(), de: z.string(), en: z.string() });
const Values = z.array(z.object({ key: z.string(), label: Labels, means: Labels.optional() }));
const Catalogue = z.object({ products: Values, rights: Values });

export type Vocabulary = {
  /** The key itself for a value that the catalogue does not know yet. */
  readonly product: (key: string, language: Language) => string;
  readonly right: (key: string, language: Language) => string;
};

export function loadVocabulary(): Vocabulary {
  const file = new URL('../../config/applications/emasspost.yaml', import.meta.url);
  const { products, rights } = Catalogue.parse(parse(readFileSync(file, 'utf8')));
  const namer = (values: z.infer<typeof Values>) => {
    const labels = new Map(values.map(({ key, label }) => [key, label]));
    return (key: string, language: Language) => labels.get(key)?.[language] ?? key;
  };
  return { product: namer(products), right: namer(rights) };
}
