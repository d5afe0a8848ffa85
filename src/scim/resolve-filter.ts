// Filter AST + attributes -> resolved AST: every path exists, every operator fits its type, every value
// is in the form that is compared (RFC 7643 section 2, RFC 7644 section 3.4.2.2). No SQL here.
import type { Attribute, AttributeIndex } from '../provisioning/attribute.ts';
import type { CompareOperator, Filter, ResolvedFilter, Step, Target } from '../provisioning/filter-ast.ts';
import { fold, instant } from '../provisioning/fold.ts';
import { badRequest } from './errors.ts';

type Compare = Extract<Filter, { kind: 'compare' }>;

const SUBSTRING: readonly CompareOperator[] = ['co', 'sw', 'ew'];
const ORDER: readonly CompareOperator[] = ['gt', 'ge', 'lt', 'le'];

/**
 * Resolves a parsed filter for one resource type.
 *
 * `ne` is read as the negation of `eq`: true also where the attribute has no value, and for a
 * multi-valued attribute where no value is equal. RFC 7644 leaves both open; this is the only reading in
 * which a filter and its negation share out all resources between them.
 *
 * Throws `invalidFilter` for an attribute that does not exist, cannot be filtered, or does not go with
 * its operator or value.
 */
export function resolveFilter(filter: Filter, index: AttributeIndex): ResolvedFilter {
  return resolve(filter, { find: (path) => index.find(path), index });
}

/** Resolves a filter over the elements of one multi-valued attribute, as in a PATCH path. */
export function resolveElementFilter(filter: Filter, attribute: Attribute, index: AttributeIndex): ResolvedFilter {
  return resolve(filter, elementScope(attribute, index));
}

type Scope = {
  find(path: string): Attribute | undefined;
  readonly index: AttributeIndex;
  /** The attribute whose elements the inner filter is about. */
  readonly element?: Attribute;
};

function elementScope(attribute: Attribute, index: AttributeIndex): Scope {
  return {
    find: (name) => attribute.subAttributes.find((sub) => sub.name.toLowerCase() === name.toLowerCase()),
    index,
    element: attribute,
  };
}

function resolve(filter: Filter, scope: Scope): ResolvedFilter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, terms: filter.terms.map((term) => resolve(term, scope)) };
    case 'not':
      return { kind: 'not', term: resolve(filter.term, scope) };
    case 'present':
      return { kind: 'present', target: target(attributeAt(filter, scope), scope) };
    case 'compare':
      return compare(filter, scope);
    case 'element':
      return element(filter, scope);
  }
}

function element(filter: Extract<Filter, { kind: 'element' }>, scope: Scope): ResolvedFilter {
  const attribute = attributeAt(filter, scope);
  if (attribute.type !== 'complex' || scope.element)
    throw invalid(filter, `${attribute.key} has no sub-attributes to filter by`);
  const inner = elementScope(attribute, scope.index);
  if (attribute.multiValued)
    return { kind: 'element', target: target(attribute, scope), filter: resolve(filter.filter, inner) };
  // A single value needs no correlation, but it must be there: name[not (givenName eq "x")].
  const flat: Scope = { find: (path) => inner.find(path), index: scope.index };
  return {
    kind: 'and',
    terms: [{ kind: 'present', target: target(attribute, scope) }, resolve(filter.filter, flat)],
  };
}

function compare(filter: Compare, scope: Scope): ResolvedFilter {
  const attribute = comparable(attributeAt(filter, scope), filter);
  const found = target(attribute, scope);
  const { operator } = filter;
  if (filter.value === null) {
    const present: ResolvedFilter = { kind: 'present', target: found };
    if (operator === 'eq') return { kind: 'not', term: present };
    if (operator === 'ne') return present;
    throw invalid(filter, `null goes with eq and ne only, not with ${operator}`);
  }
  checkOperator(attribute, filter);
  const value = comparedValue(attribute, filter);
  if (operator !== 'ne') return { kind: 'compare', target: found, operator, value };
  return { kind: 'not', term: { kind: 'compare', target: found, operator: 'eq', value } };
}

/** `emails`, `members`, `manager` compared as such mean their `value` (RFC 7643 section 2.4; Entra's `manager eq`). */
function comparable(attribute: Attribute, filter: Compare): Attribute {
  if (attribute.type !== 'complex') return attribute;
  const value = attribute.subAttributes.find((sub) => sub.name === 'value');
  if (value) return value;
  throw invalid(filter, `${attribute.key} is complex: compare one of its sub-attributes`);
}

function checkOperator(attribute: Attribute, filter: Compare): void {
  const { type } = attribute;
  const { operator } = filter;
  const onlyEquality = type === 'boolean' || type === 'binary';
  const noSubstring = onlyEquality || type === 'dateTime' || type === 'integer' || type === 'decimal';
  if ((onlyEquality && ORDER.includes(operator)) || (noSubstring && SUBSTRING.includes(operator)))
    throw invalid(filter, `${operator} does not go with ${attribute.key}, which is of type ${type}`);
}

function comparedValue(attribute: Attribute, filter: Compare): string | number | boolean {
  const { value, raw } = filter;
  switch (attribute.type) {
    case 'boolean': {
      // Entra writes roles[primary eq "True"].
      const word = String(value).toLowerCase();
      if (typeof value !== 'number' && (word === 'true' || word === 'false')) return word === 'true';
      throw invalid(filter, `${attribute.key} is compared with true or false`);
    }
    case 'integer':
    case 'decimal':
      if (typeof value === 'number') return value;
      throw invalid(filter, `${attribute.key} is compared with a number`);
    case 'dateTime': {
      const utc = typeof value === 'string' ? instant(value) : undefined;
      if (utc !== undefined) return utc;
      throw invalid(filter, `${attribute.key} is compared with a dateTime such as "2026-01-31T12:00:00Z"`);
    }
    default: {
      // externalId eq 00123 without quotes: the digits as they were written.
      const text = typeof value === 'string' ? value : raw;
      return attribute.caseExact ? text : fold(text);
    }
  }
}

function attributeAt(filter: { readonly path: string; readonly at: number }, scope: Scope): Attribute {
  const attribute = scope.find(filter.path);
  if (!attribute) {
    const owner = scope.element ? scope.element.key : (scope.index.schema.split(':').at(-1) ?? '');
    throw invalid(filter, `${owner} has no attribute ${JSON.stringify(filter.path.slice(0, 80))}`);
  }
  // What is never shown must not be found out by guessing either.
  // What is put together at read, on request, is nowhere that could be searched.
  if (attribute.returned === 'never' || isOnRequest(attribute, scope.index))
    throw invalid(filter, `${attribute.key} cannot be filtered by`);
  return attribute;
}

function isOnRequest(attribute: Attribute, index: AttributeIndex): boolean {
  return (
    attribute.returned === 'request' ||
    (index.extensions.includes(attribute.name) && attribute.subAttributes.every((sub) => sub.returned === 'request'))
  );
}

function target(attribute: Attribute, scope: Scope): Target {
  const path = scope.element ? attribute.path.slice(scope.element.path.length) : attribute.path;
  const above: Attribute[] = [];
  let level: readonly Attribute[] = scope.element?.subAttributes ?? scope.index.attributes;
  for (const name of path) {
    const step = level.find((candidate) => candidate.name === name);
    if (!step) break;
    above.push(step);
    level = step.subAttributes;
  }
  const steps: Step[] = above.map((step) => ({ name: step.name, many: step.multiValued }));
  return { key: attribute.key, steps, type: attribute.type, caseExact: attribute.caseExact };
}

function invalid(filter: { readonly at: number }, reason: string): Error {
  return badRequest('invalidFilter', `Filter, character ${filter.at}: ${reason}.`);
}

/** The attribute that `sortBy` names, complex ones by their `value`. Throws `invalidValue`. */
export function resolveSort(path: string, index: AttributeIndex): Target {
  const found = index.find(path);
  const attribute = found?.type === 'complex' ? found.subAttributes.find((sub) => sub.name === 'value') : found;
  if (!attribute || attribute.returned === 'never' || isOnRequest(attribute, index))
    throw badRequest('invalidValue', `sortBy: resources cannot be sorted by ${JSON.stringify(path.slice(0, 80))}.`);
  return target(attribute, { find: (name) => index.find(name), index });
}
