// The body of a PATCH -> operations that each aim at one attribute and hold a clean value (RFC 7644
// section 3.5.2). Everything a client can get wrong is refused here, before anything is read or written;
// apply-patch.ts and group-changes.ts carry the operations out.
import type { Attribute, AttributeIndex, Json } from '../provisioning/attribute.ts';
import { startPace } from '../provisioning/turns.ts';
import { isObject, readLongList, readSingle, readValue, type JsonObject } from './attribute-value.ts';
import { badRequest } from './errors.ts';
import { resolvePath, type PatchTarget } from './path.ts';

export const PATCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const MAX_PATCH_OPERATIONS = 1000;

export type PatchOperation = PatchTarget &
  (
    | { readonly op: 'add' | 'replace'; readonly value: Json }
    /** With `values`, only those of a multi-valued attribute go: Entra ID's older dialect. */
    | { readonly op: 'remove'; readonly values?: readonly Json[] }
  );

type Op = PatchOperation['op'];

/**
 * Reads a PATCH body. A path-less operation becomes one per attribute; what it names that is unknown or
 * readOnly is ignored there, as in PUT. An operation without effect (add of null) is left out.
 * Throws `invalidSyntax`, `invalidPath`, `invalidFilter`, `invalidValue`, `mutability` or `noTarget`.
 */
export const parsePatch = (body: unknown, index: AttributeIndex): PatchOperation[] =>
  operationsOf(body).flatMap((operation) => parseOperation(operation, index));

/** The same in turns with others: a thousand operations, or one with 100,000 members, take their time. */
export async function readPatch(body: unknown, index: AttributeIndex): Promise<PatchOperation[]> {
  const pace = startPace();
  const found: PatchOperation[] = [];
  for (const operation of operationsOf(body)) {
    await readLongValues(operation, index);
    found.push(...parseOperation(operation, index));
    await pace();
  }
  return found;
}

/** Lists longer than this are read apart. */
const LONG = 100;

async function readLongValues(operation: unknown, index: AttributeIndex): Promise<void> {
  if (!isObject(operation)) return;
  const path = member(operation, 'path');
  const value = member(operation, 'value');
  if (typeof path === 'string') await readLongOne(path.trim(), value, index);
  else if (isObject(value)) await readLongMembers(value, index);
}

async function readLongOne(name: string, value: unknown, index: AttributeIndex): Promise<void> {
  if (!Array.isArray(value) || value.length <= LONG) return;
  const attribute = index.find(name);
  // members.value with a list of ids.
  const whole = attribute?.mutability === 'immutable' ? index.find(name.slice(0, name.lastIndexOf('.'))) : attribute;
  if (attribute && whole?.multiValued && whole.maxValues > LONG)
    await readLongList({ ...attribute, multiValued: true, maxValues: whole.maxValues }, value);
}

/** Of a resource, or of the value of an operation without a path. */
export async function readLongMembers(resource: JsonObject, index: AttributeIndex): Promise<void> {
  for (const [name, value] of Object.entries(resource)) await readLongOne(name, value, index);
}

function operationsOf(body: unknown): readonly unknown[] {
  if (!isObject(body)) throw badRequest('invalidSyntax', 'The body must be a JSON object.');
  const schemas = member(body, 'schemas');
  const named =
    Array.isArray(schemas) && schemas.some((urn) => String(urn).toLowerCase() === PATCH_SCHEMA.toLowerCase());
  if (!named) throw badRequest('invalidSyntax', `schemas: expected it to contain ${PATCH_SCHEMA}.`);
  const operations = member(body, 'Operations');
  if (!Array.isArray(operations) || operations.length === 0)
    throw badRequest('invalidSyntax', 'Operations: expected a list with at least one operation.');
  if (operations.length > MAX_PATCH_OPERATIONS)
    throw badRequest('invalidSyntax', `Operations: expected at most ${MAX_PATCH_OPERATIONS}.`);
  return operations;
}

/** A member of a message, whatever the case of its name. */
function member(message: JsonObject, name: string): unknown {
  const lower = name.toLowerCase();
  const key = Object.keys(message).find((one) => one.toLowerCase() === lower);
  return key === undefined ? undefined : message[key];
}

function parseOperation(operation: unknown, index: AttributeIndex): PatchOperation[] {
  if (!isObject(operation)) throw badRequest('invalidSyntax', 'Operations: expected objects.');
  const word = member(operation, 'op');
  const op = typeof word === 'string' ? word.toLowerCase() : '';
  if (op !== 'add' && op !== 'replace' && op !== 'remove')
    throw badRequest('invalidSyntax', 'op: expected add, replace or remove.');
  const path = member(operation, 'path');
  const value = member(operation, 'value');
  if (path !== undefined && path !== null && typeof path !== 'string')
    throw badRequest('invalidPath', 'path: expected a string.');
  if (typeof path === 'string' && path.trim() !== '') return aimed(op, resolvePath(path, index), value, index);
  if (op === 'remove') throw badRequest('noTarget', 'remove needs a path.');
  if (!isObject(value)) throw badRequest('invalidValue', 'value: expected an object, as there is no path.');
  return pathless(op, value, index);
}

function pathless(op: 'add' | 'replace', value: JsonObject, index: AttributeIndex): PatchOperation[] {
  return Object.entries(value).flatMap(([name, raw]) => {
    if (!name.includes('[') && !index.find(name)) return [];
    const target = resolvePath(name, index);
    // Okta's group push repeats the id with every change.
    if ((target.sub ?? target.attribute).mutability === 'readOnly') return [];
    return aimed(op, target, raw, index);
  });
}

function aimed(op: Op, target: PatchTarget, raw: unknown, index: AttributeIndex): PatchOperation[] {
  const { attribute, sub } = target;
  const aim = sub ?? attribute;
  if (attribute.mutability === 'readOnly' || aim.mutability === 'readOnly')
    throw badRequest('mutability', `${aim.key} is readOnly.`);
  // An element's identity: another value is another element.
  if (aim.mutability === 'immutable' && (op !== 'add' || target.filter))
    throw badRequest('mutability', `${aim.key} is immutable: remove the value and add another.`);
  // `schemas` follows from the content, the password is never taken.
  if (attribute.key === 'schemas' || aim.mutability === 'writeOnly') return [];
  if (index.extensions.includes(attribute.name)) return extension(op, attribute, raw, index);
  if (op === 'remove') return [removal(target, raw)];
  if (raw === undefined) throw badRequest('invalidValue', `${op} of ${aim.key} needs a value.`);
  const value = readFor(target, raw);
  if (value !== undefined) return [{ ...target, op, value }];
  // null and [] are "no value" (RFC 7643 section 2.5): nothing to add, or what was there goes.
  if (op === 'add') return [];
  if (aim.required) throw badRequest('invalidValue', `${aim.key} is required.`);
  return [{ ...target, op: 'remove' }];
}

function extension(op: Op, attribute: Attribute, raw: unknown, index: AttributeIndex): PatchOperation[] {
  if (op === 'remove' || raw === null)
    return attribute.subAttributes.map((sub): PatchOperation => ({ attribute: sub, op: 'remove' }));
  if (!isObject(raw)) throw badRequest('invalidValue', `${attribute.key}: expected an object.`);
  return Object.entries(raw).flatMap(([name, value]) => {
    const lower = name.toLowerCase();
    const sub = attribute.subAttributes.find((one) => one.name.toLowerCase() === lower);
    return sub && sub.mutability !== 'readOnly' ? aimed(op, { attribute: sub }, value, index) : [];
  });
}

function removal(target: PatchTarget, raw: unknown): PatchOperation {
  const { attribute, sub, filter } = target;
  const aim = sub ?? attribute;
  // RFC 7644 section 3.5.2.2 names this keyword for a required attribute.
  if (aim.required) throw badRequest('mutability', `${aim.key} is required and cannot be removed.`);
  if (!attribute.multiValued || sub || filter || raw === undefined || raw === null) return { ...target, op: 'remove' };
  const values = readValue(attribute, raw);
  return { ...target, op: 'remove', values: Array.isArray(values) ? (values as readonly Json[]) : [] };
}

/** A list for a whole multi-valued attribute, one value for all else. */
function readFor(target: PatchTarget, raw: unknown): Json | undefined {
  const { attribute, sub, filter } = target;
  if (sub) {
    // members.value with a list of ids adds them all.
    if (sub.mutability === 'immutable' && Array.isArray(raw))
      return readValue({ ...sub, multiValued: true, maxValues: attribute.maxValues }, raw);
    return readSingle(sub, unwrapped(sub, raw));
  }
  if (!filter)
    return attribute.multiValued ? readValue(attribute, raw) : readValue(attribute, unwrapped(attribute, raw));
  // Required sub-attributes may come from the selected element.
  const loose = { ...attribute, subAttributes: attribute.subAttributes.map((one) => ({ ...one, required: false })) };
  return raw === null ? undefined : readSingle(loose, raw);
}

/** Entra ID's older dialect wraps simple values too: [{"$ref": null, "value": "x"}]. */
function unwrapped(attribute: Attribute, raw: unknown): unknown {
  if (attribute.type === 'complex') return raw;
  const one: unknown = Array.isArray(raw) && raw.length === 1 ? raw[0] : raw;
  return isObject(one) && 'value' in one ? one['value'] : one;
}
