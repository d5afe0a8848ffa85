// `attributes` and `excludedAttributes` over a rendered resource (RFC 7644 section 3.9), with the
// `returned` characteristic of RFC 7643 section 7. Names in any case, with or without their URN; unknown
// names are ignored.
import type { Attribute, AttributeIndex, Document, Json } from '../provisioning/attribute.ts';
import { isObject } from './attribute-value.ts';

export type SelectionQuery = {
  /** As in the query string (comma-separated) or in /.search (a list). */
  readonly attributes?: unknown;
  readonly excludedAttributes?: unknown;
};

export type Selection = {
  readonly index: AttributeIndex;
  /** Neither parameter was given: what is stored for reading can be sent as it is. */
  readonly plain: boolean;
  /** Keys of attributes asked for; undefined: the default set. */
  readonly included: ReadonlySet<string> | undefined;
  readonly excluded: ReadonlySet<string>;
};

/** Both parameters together mean: of those, without these. Empty ones count as not given. */
export function parseSelection(query: SelectionQuery, index: AttributeIndex): Selection {
  const included = names(query.attributes);
  const excluded = names(query.excludedAttributes);
  return {
    index,
    plain: included.length === 0 && excluded.length === 0,
    included: included.length === 0 ? undefined : keys(included, index),
    excluded: keys(excluded, index),
  };
}

function names(parameter: unknown): string[] {
  const parts: unknown[] = Array.isArray(parameter) ? parameter : [parameter];
  return parts
    .flatMap((part) => (typeof part === 'string' ? part.split(',') : []))
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function keys(paths: readonly string[], index: AttributeIndex): Set<string> {
  const found = new Set<string>();
  for (const path of paths) {
    if (path.toLowerCase() === index.schema.toLowerCase())
      for (const attribute of index.attributes.filter((one) => !index.extensions.includes(one.name)))
        found.add(attribute.key);
    const attribute = index.find(path);
    if (attribute) found.add(attribute.key);
  }
  return found;
}

/**
 * Whether any of the attribute is sent, so that what is costly (`members`, `groups`, `manager`) need not
 * be read. `path` as in `index.find`.
 */
export function wants(selection: Selection, path: string): boolean {
  const attribute = selection.index.find(path);
  if (!attribute) return false;
  const above = attribute.path.slice(0, -1).reduce<Attribute[]>((chain, name) => {
    const level = chain.at(-1)?.subAttributes ?? selection.index.attributes;
    const next = level.find((one) => one.name === name);
    return next ? [...chain, next] : chain;
  }, []);
  let inherited = false;
  for (const one of above) {
    if (!sent(one, selection, inherited)) return false;
    inherited ||= selection.included?.has(one.key) ?? false;
  }
  return sent(attribute, selection, inherited);
}

/** The part of the resource that is sent. The resource itself is not changed. */
export function project(resource: Document, selection: Selection): Document {
  return pick(resource, selection.index.attributes, selection, false);
}

function pick(
  value: { readonly [name: string]: Json },
  attributes: readonly Attribute[],
  selection: Selection,
  inherited: boolean,
): Document {
  const picked: Record<string, Json> = {};
  for (const attribute of attributes) {
    const own = Object.hasOwn(value, attribute.name) ? value[attribute.name] : undefined;
    if (own === undefined || !sent(attribute, selection, inherited)) continue;
    if (attribute.type !== 'complex') {
      picked[attribute.name] = own;
      continue;
    }
    const inside = inherited || (selection.included?.has(attribute.key) ?? false);
    const part = isList(own)
      ? own.flatMap((one) => inner(one, attribute, selection, inside))
      : inner(own, attribute, selection, inside)[0];
    if (part !== undefined && !(isList(part) && part.length === 0)) picked[attribute.name] = part;
  }
  return picked;
}

function inner(value: Json, attribute: Attribute, selection: Selection, inherited: boolean): Json[] {
  if (!isObject(value)) return [value];
  const part = pick(value, attribute.subAttributes, selection, inherited);
  return Object.keys(part).length === 0 ? [] : [part];
}

/** `inherited`: the attribute above was asked for by its own name, and with it all that stands in it. */
function sent(attribute: Attribute, selection: Selection, inherited: boolean): boolean {
  const { included, excluded } = selection;
  if (attribute.returned === 'never') return false;
  if (attribute.returned === 'always') return true;
  const below = attribute.subAttributes;
  if (included) {
    const asked = included.has(attribute.key) || below.some((one) => askedWithin(one, included));
    if (!asked && !inherited) return below.some(alwaysShown) && !excluded.has(attribute.key);
  } else if (attribute.returned === 'request') return false;
  return !excluded.has(attribute.key);
}

function askedWithin(attribute: Attribute, included: ReadonlySet<string>): boolean {
  return included.has(attribute.key) || attribute.subAttributes.some((one) => askedWithin(one, included));
}

function alwaysShown(attribute: Attribute): boolean {
  return attribute.returned === 'always' || attribute.subAttributes.some(alwaysShown);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
