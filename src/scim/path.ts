// The path of one PATCH operation -> the attribute, the selected elements and the sub-attribute it aims at
// (RFC 7644 section 3.5.2, figure 7). Paths with URNs, in any case, and Entra ID's bare `manager` too.
import { parentOf, type Attribute, type AttributeIndex, type Json } from '../provisioning/attribute.ts';
import type { Filter, ResolvedFilter } from '../provisioning/filter-ast.ts';
import { readValue } from './attribute-value.ts';
import { badRequest } from './errors.ts';
import { parsePathSyntax } from './filter.ts';
import { resolveElementFilter } from './resolve-filter.ts';

export type PatchTarget = {
  /** An attribute of the resource or of an extension, or an extension itself; never a sub-attribute. */
  readonly attribute: Attribute;
  readonly sub?: Attribute;
  readonly filter?: ResolvedFilter;
  /**
   * What an element must hold to be selected, where the filter is nothing but equalities: the element that
   * is made when none is selected, as Entra ID relies on.
   */
  readonly template?: Readonly<Record<string, Json>>;
};

/** Throws `invalidPath` for a path that names nothing, `invalidFilter` for what stands in its brackets. */
export function resolvePath(path: string, index: AttributeIndex): PatchTarget {
  const syntax = parsePathSyntax(path.trim());
  const found = index.find(syntax.path);
  if (!found) throw unknown(path);
  const parent = parentOf(found, index);
  if (!syntax.filter) {
    const whole = !parent || index.extensions.includes(parent.name);
    return whole ? { attribute: found } : { attribute: parent, sub: found };
  }
  if (!found.multiValued || found.type !== 'complex')
    throw badRequest('invalidPath', `${found.key} has no values to select by a filter.`);
  const filter = resolveElementFilter(syntax.filter, found, index);
  const template = templateOf(syntax.filter, found);
  const target = { attribute: found, filter, ...(template ? { template } : {}) };
  if (syntax.sub === undefined) return target;
  const name = syntax.sub.toLowerCase();
  const sub = found.subAttributes.find((one) => one.name.toLowerCase() === name);
  if (!sub) throw unknown(path);
  return { ...target, sub };
}

function unknown(path: string): Error {
  return badRequest('invalidPath', `No attribute has the path ${JSON.stringify(path.slice(0, 120))}.`);
}

// From the filter as written, not as resolved: the element keeps the case the client chose.
function templateOf(filter: Filter, attribute: Attribute): Record<string, Json> | undefined {
  const template: Record<string, Json> = {};
  for (const term of filter.kind === 'and' ? filter.terms : [filter]) {
    if (term.kind === 'and') {
      const inner = templateOf(term, attribute);
      if (!inner || Object.keys(inner).some((name) => Object.hasOwn(template, name))) return undefined;
      Object.assign(template, inner);
      continue;
    }
    if (term.kind !== 'compare' || term.operator !== 'eq' || term.value === null) return undefined;
    const name = term.path.toLowerCase();
    const sub = attribute.subAttributes.find((one) => one.name.toLowerCase() === name);
    if (!sub || sub.mutability === 'readOnly' || Object.hasOwn(template, sub.name)) return undefined;
    const value = readValue(sub, sub.type === 'string' ? term.raw : term.value);
    if (value === undefined) return undefined;
    template[sub.name] = value;
  }
  return template;
}
