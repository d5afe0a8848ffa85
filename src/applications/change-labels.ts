// Changes the names of an application and of its values in the text that the operator edits, leaving comments and order alone.
import { isMap, isSeq, parseDocument } from 'yaml';
import { FIXED_DIMENSIONS, LANGUAGES, type Labels } from './application.ts';

/** By where it stands: `label`, `description`, `rights.create.label`, `profile.pro.label`, ... */
type LabelTexts = Readonly<Record<string, Labels>>;

type Place = { readonly name: string; readonly path: readonly (string | number)[] };

function places(source: string): Place[] {
  const document = parseDocument(source);
  const found: Place[] = [{ name: 'label', path: ['label'] }];
  if (isMap(document.get('description'))) found.push({ name: 'description', path: ['description'] });
  for (const list of [...FIXED_DIMENSIONS, 'profiles'] as const) {
    const items = document.get(list);
    if (!isSeq(items)) continue;
    items.items.forEach((item, index) => {
      const key = isMap(item) ? item.get('key') : undefined;
      if (typeof key === 'string') found.push({ name: `${list}.${key}`, path: [list, index, 'label'] });
    });
  }
  return found;
}

/** The texts of a source that has no faults, in its order. */
export function labelsIn(source: string): { readonly name: string; readonly labels: Labels }[] {
  const document = parseDocument(source);
  return places(source).map(({ name, path }) => {
    const texts = LANGUAGES.map((language) => [language, String(document.getIn([...path, language]) ?? '')]);
    return { name, labels: Object.fromEntries(texts) as Labels };
  });
}

/** What is not named stays as it is. */
export function withLabels(source: string, changed: LabelTexts): string {
  const document = parseDocument(source);
  for (const { name, path } of places(source)) {
    const labels = changed[name];
    if (labels === undefined) continue;
    for (const language of LANGUAGES)
      if (document.getIn([...path, language]) !== labels[language])
        document.setIn([...path, language], labels[language]);
  }
  return document.toString({ lineWidth: 0 });
}
