// Operations on a document -> the new document (RFC 7644 sections 3.5.2.1 to 3.5.2.3). Pure: the document
// that comes in is never changed, and a refusal leaves nothing half done. For users; groups change by sets.
import { isDeepStrictEqual } from 'node:util';
import type { Attribute, AttributeIndex, Document, Json } from '../provisioning/attribute.ts';
import { fold } from '../provisioning/fold.ts';
import { runAtOnce, runInTurns } from '../provisioning/turns.ts';
import { isObject, isPrimary } from './attribute-value.ts';
import { assemble } from './document.ts';
import { badRequest } from './errors.ts';
import { matchesElement } from './match-element.ts';
import type { PatchOperation } from './patch.ts';

type Fields = { readonly [name: string]: Json };

/**
 * Carries out the operations in order. Returns the same object if nothing changed, so that the caller
 * can compare by identity and leave the version alone.
 *
 * A value path that selects nothing: remove does nothing; add and replace make the element if the filter
 * is nothing but equalities (Entra ID counts on it), else `noTarget`.
 */
export const applyPatch = (
  document: Document,
  operations: readonly PatchOperation[],
  index: AttributeIndex,
): Document => runAtOnce(applySteps(document, operations, index));

/** The same in turns with others: a thousand operations on 200 values take their time. */
export const applyPatchInTurns = (
  document: Document,
  operations: readonly PatchOperation[],
  index: AttributeIndex,
): Promise<Document> => runInTurns(applySteps(document, operations, index));

function* applySteps(
  document: Document,
  operations: readonly PatchOperation[],
  index: AttributeIndex,
): Generator<void, Document> {
  const values = new Map<string, Json | undefined>();
  for (const operation of operations) {
    const { attribute } = operation;
    const before = values.has(attribute.key) ? values.get(attribute.key) : stored(document, attribute);
    values.set(attribute.key, attribute.multiValued ? changeMany(before, operation) : changeOne(before, operation));
    yield;
  }
  const next = assemble(index, (attribute) =>
    values.has(attribute.key) ? values.get(attribute.key) : stored(document, attribute),
  );
  return isDeepStrictEqual(next, document) ? document : next;
}

function stored(document: Document, attribute: Attribute): Json | undefined {
  let value: Json | undefined = document;
  for (const name of attribute.path) value = isFields(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return value;
}

function changeOne(before: Json | undefined, operation: PatchOperation): Json | undefined {
  const { attribute, sub } = operation;
  if (sub) {
    const fields = isFields(before) ? before : {};
    return operation.op === 'remove' ? without(fields, sub.name) : { ...fields, [sub.name]: operation.value };
  }
  if (operation.op === 'remove') return undefined;
  // Sub-attributes that are not given are left unchanged (section 3.5.2.3).
  if (attribute.type === 'complex' && isFields(before) && isFields(operation.value))
    return { ...before, ...operation.value };
  return operation.value;
}

function changeMany(before: Json | undefined, operation: PatchOperation): Json | undefined {
  const elements = isList(before) ? before : [];
  const after = operation.op === 'remove' ? removeFrom(elements, operation) : setIn(elements, operation);
  if (after.length > operation.attribute.maxValues)
    throw badRequest(
      'invalidValue',
      `${operation.attribute.key}: expected at most ${operation.attribute.maxValues} values.`,
    );
  return after.length === 0 ? undefined : after;
}

type Removal = Extract<PatchOperation, { op: 'remove' }>;
type Setting = Exclude<PatchOperation, { op: 'remove' }>;

function removeFrom(elements: readonly Json[], operation: Removal): readonly Json[] {
  const { attribute, filter, sub, values } = operation;
  if (values) return elements.filter((element) => !values.some((value) => isMeant(attribute, element, value)));
  const selected = (element: Json): boolean => !filter || matchesElement(filter, element);
  if (!sub) return elements.filter((element) => !selected(element));
  return elements.flatMap((element) => {
    if (!selected(element) || !isFields(element)) return [element];
    const rest = without(element, sub.name);
    return rest === undefined ? [] : [rest];
  });
}

function setIn(elements: readonly Json[], operation: Setting): readonly Json[] {
  const { attribute, filter, sub, op } = operation;
  if (!filter && !sub) {
    const list = isList(operation.value) ? operation.value : [operation.value];
    return op === 'replace' ? list : addTo(elements, list, attribute);
  }
  const template = operation.template ?? {};
  const change = (element: Fields): Fields => {
    if (sub) return { ...element, [sub.name]: operation.value };
    const value = isFields(operation.value) ? operation.value : {};
    // A selected value is replaced whole (section 3.5.2.3), yet stays what the filter says it is.
    return op === 'replace' ? { ...template, ...value } : { ...element, ...value };
  };
  const touched = new Set<number>();
  const after = elements.map((element, at) => {
    if ((filter && !matchesElement(filter, element)) || !isFields(element)) return element;
    touched.add(at);
    return change(element);
  });
  if (touched.size === 0) {
    if (filter && !operation.template)
      throw badRequest('noTarget', `No value of ${attribute.key} matches the filter of the path.`);
    touched.add(after.length);
    after.push(change(template));
  }
  return onePrimary(after, touched, attribute);
}

function addTo(elements: readonly Json[], added: readonly Json[], attribute: Attribute): readonly Json[] {
  const after = [...elements];
  const touched = new Set<number>();
  for (const value of added) {
    const same = after.findIndex((element) => sameValue(attribute, element, value));
    const before = after[same];
    if (before === undefined) touched.add(after.push(value) - 1);
    else if (isFields(before) && isFields(value)) {
      after[same] = { ...before, ...value };
      if (value['primary'] !== undefined) touched.add(same);
    }
  }
  return onePrimary(after, touched, attribute);
}

/** A value that becomes primary takes it from the one that was (section 3.5.2); two at once are refused. */
function onePrimary(elements: readonly Json[], touched: ReadonlySet<number>, attribute: Attribute): readonly Json[] {
  const now = elements.flatMap((element, at) => (isPrimary(element) ? [at] : []));
  if (now.length < 2) return elements;
  const chosen = now.filter((at) => touched.has(at));
  if (chosen.length > 1)
    throw badRequest('invalidValue', `${attribute.key}: expected at most one value that is primary.`);
  return elements.map((element, at) =>
    isPrimary(element) && at !== chosen[0] && isFields(element) ? { ...element, primary: false } : element,
  );
}

/** The same (value, type) may stand in a list once only (RFC 7643 section 2.4). */
function sameValue(attribute: Attribute, one: Json, other: Json): boolean {
  if (!isFields(one) || !isFields(other)) return one === other;
  if (one['value'] === undefined) return isDeepStrictEqual(one, other);
  return ['value', 'type'].every((name) => sameText(attribute, name, one[name], other[name]));
}

/** Whether the element is the one that the value means: by its `value` and `type`, else by all it says. */
function isMeant(attribute: Attribute, element: Json, value: Json): boolean {
  if (!isFields(element) || !isFields(value)) return element === value;
  const given = Object.keys(value);
  const identity = given.filter((name) => name === 'value' || name === 'type');
  return (identity.includes('value') ? identity : given).every((name) =>
    sameText(attribute, name, element[name], value[name]),
  );
}

function sameText(attribute: Attribute, name: string, one: Json | undefined, other: Json | undefined): boolean {
  const sub = attribute.subAttributes.find((candidate) => candidate.name === name);
  if (typeof one !== 'string' || typeof other !== 'string' || sub?.caseExact) return one === other;
  return fold(one) === fold(other);
}

function without(fields: Fields, name: string): Fields | undefined {
  const rest = Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name));
  return Object.keys(rest).length === 0 ? undefined : rest;
}

function isFields(value: Json | undefined): value is Fields {
  return isObject(value);
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
