// What an audited event changed, in words: labels for what is known, names instead of ids, dates, yes and no. What nobody gave
// a label is shown by its own name, spelled out. Labels are the namespace `changes` of the locales.
import type { Catalogue, Dimension, Language } from '../applications/application.ts';
import { label } from '../applications/catalogue.ts';
import { ADMINISTRATION_RIGHTS } from '../entitlements/administration-rights-of.ts';
import type { Texts, Translate } from '../texts.ts';
import { isIdText, type Leaf } from './event-leaves.ts';

export type ShownChange = { readonly label: string; readonly before: string; readonly after: string };
export type ChangeWords = {
  readonly texts: Texts;
  readonly language: Language;
  readonly t: Translate;
  readonly catalogue: Catalogue;
  readonly timeZone: string;
  /** Of what an id stands for. */
  readonly names: ReadonlyMap<string, string>;
  /** The noun of the action: some words mean different things in different events. */
  readonly about: string;
};
type Value = Leaf['after'][number];

/** Names of parts that only hold others together: what is in them says it all. */
const HOLDERS = new Set([
  'entitlement',
  'values',
  'value',
  'validity',
  'name',
  'settings',
  'attributes',
  'wanted',
  'ended',
]);
const DIMENSIONS: readonly string[] = [
  'rights',
  'products',
  'borderels',
  'contracts',
  'billing_addresses',
] satisfies Dimension[];
/** A text that is an id here stands for something that had a name. */
const REFERENCES = new Set([
  'absent',
  'added',
  'administrator',
  'connection',
  'customerAccount',
  'customerAccountId',
  'giverOrganizationId',
  'manager',
  'members',
  'organization',
  'receiverOrganizationId',
  'removed',
  'role',
  'roleId',
  'scopeId',
  'targetId',
]);
const SCHEMA = /^urn:.*:/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;
/** Keys of the locales under which a field's values are said, where another area says them already. */
const BORROWED: Readonly<Record<string, string>> = {
  'staff_roles roles': 'operator:role',
  'api_token roles': 'operator:role',
  'support outcome': 'support:outcome',
  'staff outcome': 'support:outcome',
};

const camelCase = (name: string): string => name.replace(/[_-]([a-z])/g, (_, letter: string) => letter.toUpperCase());
const spelledOut = (name: string): string => {
  const words = name
    .replace(SCHEMA, '')
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/[_-]+/g, ' ')
    .trim()
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

function labelOfName(name: string, { texts, t, catalogue, language, about }: ChangeWords): string {
  const key = [
    ...(about === 'notices' ? [`notices:topic.${name}.title`] : []),
    `rights:list.${name}`,
    `changes:field.${camelCase(name)}`,
  ].find((one) => !name.includes(':') && !name.includes('.') && texts.has('en', one));
  if (key !== undefined) return t(key);
  const application = catalogue.get(name);
  return application ? label(application.label, language) : spelledOut(name);
}

/** "Second step: e-MassPost", "E-mail address 2: kind". */
function labelOf(path: Leaf['path'], words: ChangeWords): string {
  const { t } = words;
  let said: string | undefined;
  for (const [i, step] of path.entries()) {
    if (typeof step === 'number') said = t('changes:nth', { what: said ?? t('changes:line'), number: step + 1 });
    else {
      const silent = SCHEMA.test(step) || HOLDERS.has(step);
      if (silent && (said !== undefined || i < path.length - 1)) continue;
      const own = labelOfName(step, words);
      said = said === undefined ? own : t('changes:within', { of: said, what: own });
    }
  }
  return said ?? '';
}

const region = (language: Language): string => (language === 'en' ? 'en-GB' : language);

function instantText(at: number, { language, timeZone }: ChangeWords): string {
  return new Intl.DateTimeFormat(region(language), { dateStyle: 'long', timeStyle: 'short', timeZone }).format(at);
}

/** People may call themselves anything, also something that looks like a day: only a day that there is counts as one. */
function timeIn(value: string): number | undefined {
  const at = DAY.test(value) || INSTANT.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(at) || !new Date(at).toISOString().startsWith(value.slice(0, 10)) ? undefined : at;
}

function textOf(value: string, name: string, { application }: Leaf, words: ChangeWords): string {
  const { texts, t, catalogue, language, names, about } = words;
  if (name === 'client') return names.get(value) ?? value;
  const isId: boolean = isIdText(value);
  if (isId) return names.get(value) ?? (REFERENCES.has(name) ? t('history:unnamed') : value);
  const at = timeIn(value);
  if (at !== undefined)
    return DAY.test(value)
      ? new Intl.DateTimeFormat(region(language), { dateStyle: 'long', timeZone: 'UTC' }).format(at)
      : instantText(at, words);
  const known = application === undefined ? undefined : catalogue.get(application);
  if (DIMENSIONS.includes(name) && about !== 'notices') {
    if (value === '*') return t(`rights:all.${name}`);
    const one = [...(known?.rights ?? []), ...(known?.products ?? []), ...(known?.borderels ?? [])].find(
      ({ key }) => key === value,
    );
    return one ? label(one.label, language) : value;
  }
  const named = name === 'profile' ? known?.profiles.find(({ key }) => key === value) : undefined;
  const whole = ['application', 'scopeId'].includes(name) ? catalogue.get(value) : undefined;
  const labels = named?.label ?? whole?.label;
  if (labels) return label(labels, language);
  const right = name === 'name' ? ADMINISTRATION_RIGHTS.find((one) => one === value) : undefined;
  if (right) return t(`administration-rights:${right}.label`);
  const key = [
    `${BORROWED[`${about} ${name}`] ?? (about === 'notices' ? 'notices:delivery' : `changes:value.${camelCase(name)}`)}.${value}`,
    `changes:value.any.${value}`,
  ].find((one) => /^[\w:.-]+$/.test(one) && texts.has('en', one));
  if (key !== undefined) return t(key);
  return name === 'preferredLanguage' || name === 'locale' ? languageName(value, language) : value;
}

function languageName(tag: string, language: Language): string {
  try {
    return new Intl.DisplayNames(region(language), { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** Milliseconds since 1970, of this century. */
const isInstant = (value: number): boolean => Number.isInteger(value) && value > 9e11 && value < 5e12;

function valueText(value: Value, name: string, leaf: Leaf, words: ChangeWords): string {
  if (typeof value === 'boolean') return words.t(value ? 'changes:yes' : 'changes:no');
  if (typeof value === 'string') return textOf(value, name, leaf, words);
  if (isInstant(value)) return instantText(value, words);
  return new Intl.NumberFormat(region(words.language)).format(value);
}

function listText(values: readonly Value[], leftOut: number, leaf: Leaf, words: ChangeWords): string {
  const names = leaf.path.filter((step) => typeof step === 'string');
  // `manager.value` is said as the manager it stands for.
  const name = names.at(-1) === 'value' ? (names.at(-2) ?? 'value') : (names.at(-1) ?? '');
  const said = values.map((value) => valueText(value, name, leaf, words)).join(', ');
  return leftOut === 0 ? said : words.t('changes:and_more', { values: said, count: leftOut });
}

export const shownChange = (leaf: Leaf, words: ChangeWords): ShownChange => ({
  label: labelOf(leaf.path, words),
  before: listText(leaf.before, leaf.leftOut.before, leaf, words),
  after: listText(leaf.after, leaf.leftOut.after, leaf, words),
});
