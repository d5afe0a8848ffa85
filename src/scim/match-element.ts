// A resolved filter on one element of a multi-valued attribute, in memory: which elements a PATCH path
// selects (RFC 7644 section 3.5.2). Queries over resources are SQL; see compile-filter.ts.
import type { Json } from '../provisioning/attribute.ts';
import type { ResolvedFilter, Target } from '../provisioning/filter-ast.ts';
import { fold, instant } from '../provisioning/fold.ts';
import { isObject } from './attribute-value.ts';

export function matchesElement(filter: ResolvedFilter, element: Json): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.terms.every((term) => matchesElement(term, element));
    case 'or':
      return filter.terms.some((term) => matchesElement(term, element));
    case 'not':
      return !matchesElement(filter.term, element);
    case 'present': {
      const value = comparable(filter.target, element);
      return value !== undefined && value !== null && value !== '';
    }
    case 'compare': {
      const value = comparable(filter.target, element);
      return typeof value === typeof filter.value && compares(value, filter.operator, filter.value);
    }
    case 'element':
      // Elements have no elements of their own.
      return false;
  }
}

function comparable(target: Target, element: Json): unknown {
  const name = target.steps[0]?.name ?? '';
  const value: unknown = isObject(element) && Object.hasOwn(element, name) ? element[name] : undefined;
  if (typeof value !== 'string') return value;
  if (target.type === 'dateTime') return instant(value);
  return target.caseExact ? value : fold(value);
}

type Operator = Extract<ResolvedFilter, { kind: 'compare' }>['operator'];

function compares(value: unknown, operator: Operator, wanted: string | number | boolean): boolean {
  if (operator === 'eq') return value === wanted;
  if (typeof value === 'string' && typeof wanted === 'string') {
    if (operator === 'co') return value.includes(wanted);
    if (operator === 'sw') return value.startsWith(wanted);
    if (operator === 'ew') return value.endsWith(wanted);
    return inOrder(Buffer.compare(Buffer.from(value), Buffer.from(wanted)), operator);
  }
  return typeof value === 'number' && typeof wanted === 'number' && inOrder(value - wanted, operator);
}

function inOrder(difference: number, operator: Operator): boolean {
  if (operator === 'gt') return difference > 0;
  if (operator === 'ge') return difference >= 0;
  if (operator === 'lt') return difference < 0;
  return operator === 'le' && difference <= 0;
}
