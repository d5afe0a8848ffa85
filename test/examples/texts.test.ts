// The example's sentences: the same keys in four languages, every one of them used, and every key that is used there.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

const folder = new URL('../../examples/e-masspost/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');
const textsOf = (language: string) => parse(read(`texts/${language}.yaml`)) as Record<string, string>;
const filesOf = (path: string, ending: string) =>
  readdirSync(new URL(path, folder)).flatMap((name) => (name.endsWith(ending) ? [read(`${path}${name}`)] : []));
const sources = [...filesOf('views/', '.ejs'), ...filesOf('views/parts/', '.ejs'), ...filesOf('./', '.ts')].join('\n');

describe("the example's texts", () => {
  it.each(['nl', 'fr', 'de'])('have in %s the keys of the English ones, and the same values to fill in', (language) => {
    const [texts, english] = [textsOf(language), textsOf('en')];
    expect(Object.keys(texts)).toEqual(Object.keys(english));
    for (const [key, text] of Object.entries(english)) {
      expect([key, texts[key]?.match(/\{\w+\}/g)]).toEqual([key, text.match(/\{\w+\}/g)]);
    }
  });

  it('hold no sentence that nothing shows', () => {
    const word = (key: string) => new RegExp(`['\`/]${key.replaceAll('_', '[_-]')}['\`.]`);
    const composed = /^(title|text|wrong)_|_text$/;
    expect(Object.keys(textsOf('en')).filter((key) => !composed.test(key) && !word(key).test(sources))).toEqual([]);
  });

  it('print nothing unescaped in any view', () => {
    const unescaped = [...sources.matchAll(/<%-(?!\s*include\()[^%]*%>/g)].map(([tag]) => tag);
    expect(unescaped).toEqual([]);
  });
});
