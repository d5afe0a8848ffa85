// One attribute's value as a client sends it -> the clean JSON that is stored (RFC 7643 sections 2.2 to
// 2.5), or a refusal that names the attribute and what it expects. Shared by POST, PUT and PATCH.
import type { Attribute, Json } from '../provisioning/attribute.ts';
import { fold, instant } from '../provisioning/fold.ts';
import { runAtOnce, runInTurns } from '../provisioning/turns.ts';
import { badRequest } from './errors.ts';

/** A key of an index holds 2,704 bytes at most; folding can make a text longer. */
const MAX_KEY_BYTES = 2048;

export type JsonObject = { readonly [name: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/**
 * The clean value, or undefined where there is none (null, an empty list, an empty object). Sub-attributes
 * that are unknown or readOnly are left out. Throws `invalidValue`; `invalidSyntax` for a name given twice.
 */
export function readValue(attribute: Attribute, raw: unknown): Json | undefined {
  if (raw === null || raw === undefined) return undefined;
  if (!attribute.multiValued) return readSingle(attribute, raw);
  // A list of one without its brackets, and roles or members as bare strings, are common.
  const list: readonly unknown[] = Array.isArray(raw) ? raw : [raw];
  const known = read.get(list);
  return known?.key === attribute.key ? known.value : runAtOnce(listSteps(attribute, list));
}

/** Long lists that were read already, for as long as the body that holds them. */
const read = new WeakMap<readonly unknown[], { readonly key: string; readonly value: Json | undefined }>();
const STEP = 500;

/** Reads a long list in turns with others; readValue then knows its value. Throws as that does. */
export async function readLongList(attribute: Attribute, list: readonly unknown[]): Promise<void> {
  read.set(list, { key: attribute.key, value: await runInTurns(listSteps(attribute, list)) });
}

function* listSteps(attribute: Attribute, list: readonly unknown[]): Generator<void, Json | undefined> {
  if (list.length > attribute.maxValues) throw expected(attribute, `at most ${attribute.maxValues} values`);
  const seen = new Set<string>();
  const values: Json[] = [];
  let primaries = 0;
  for (const [at, one] of list.entries()) {
    if (at % STEP === STEP - 1) yield;
    if (Array.isArray(one)) throw expected(attribute, 'a list of values, not of lists');
    const value = one === null ? undefined : readSingle(attribute, one);
    if (value === undefined) continue;
    const text = identity(value);
    if (seen.has(text)) continue;
    seen.add(text);
    values.push(value);
    if (isPrimary(value)) primaries += 1;
  }
  if (primaries > 1) throw expected(attribute, 'at most one value that is primary');
  return values.length === 0 ? undefined : values;
}

/** The same text for the same value only. */
function identity(value: Json): string {
  // Most members are an id and nothing else; no JSON begins with "=".
  const only = isObject(value) && Object.keys(value).length === 1 ? value['value'] : undefined;
  return typeof only === 'string' ? `=${only}` : JSON.stringify(value);
}

/** One value of the attribute, whether or not it has many. */
export function readSingle(attribute: Attribute, raw: unknown): Json | undefined {
  if (attribute.type === 'complex') return readComplex(attribute, raw);
  const value = readSimple(attribute, raw);
  if (attribute.required && typeof value === 'string' && value.trim() === '') throw expected(attribute, 'a value');
  return value;
}

export function isPrimary(value: Json): boolean {
  return isObject(value) && value['primary'] === true;
}

function readComplex(attribute: Attribute, raw: unknown): Json | undefined {
  const positions = positionsOf(attribute);
  const hasValue = positions.has('value');
  let source = raw;
  // Entra ID sends the one manager in a list.
  if (Array.isArray(source)) {
    if (source.length > 1) throw expected(attribute, 'one value');
    source = source[0];
    if (source === null || source === undefined) return undefined;
  }
  if (!isObject(source)) {
    if (!hasValue || (typeof source !== 'string' && typeof source !== 'number')) throw expected(attribute, 'an object');
    source = { value: source };
  }
  const found = readObject(attribute, source as JsonObject);
  if (hasValue && positions.has('$ref')) {
    // What refers to a resource is nothing without its id; the address alone ends with it.
    if (found['value'] === undefined) {
      const id = idFromReference(source as JsonObject);
      if (id !== undefined) found['value'] = id;
    }
    if (found['value'] === '') return undefined;
  }
  for (const one of attribute.subAttributes)
    if (one.required && found[one.name] === undefined) throw expected(one, 'a value');
  return Object.keys(found).length === 0 ? undefined : found;
}

function readObject(attribute: Attribute, source: JsonObject): Record<string, Json> {
  const positions = positionsOf(attribute);
  const given: unknown[] = [];
  for (const name of Object.keys(source)) {
    const at = positions.get(name) ?? positions.get(name.toLowerCase());
    const sub = at === undefined ? undefined : attribute.subAttributes[at];
    if (at === undefined || !sub || sub.mutability === 'readOnly') continue;
    if (at in given) throw badRequest('invalidSyntax', `${sub.key} is given twice.`);
    given[at] = source[name];
  }
  const found: Record<string, Json> = {};
  for (const [at, sub] of attribute.subAttributes.entries()) {
    const value = at in given ? readValue(sub, given[at]) : undefined;
    if (value !== undefined) found[sub.name] = value;
  }
  return found;
}

// Groups arrive with 100,000 members, each of them an object: names are looked up, not searched for.
const POSITIONS = new WeakMap<readonly Attribute[], ReadonlyMap<string, number>>();

function positionsOf(attribute: Attribute): ReadonlyMap<string, number> {
  const { subAttributes } = attribute;
  const known = POSITIONS.get(subAttributes);
  if (known) return known;
  const positions = new Map(subAttributes.map((sub, at) => [sub.name.toLowerCase(), at]));
  POSITIONS.set(subAttributes, positions);
  return positions;
}

function idFromReference(source: JsonObject): string | undefined {
  const name = Object.keys(source).find((key) => key.toLowerCase() === '$ref');
  const address = name === undefined ? undefined : source[name];
  if (typeof address !== 'string' || address.length > 2048) return undefined;
  return address.split('/').at(-1) || undefined;
}

const INTEGER = /^-?\d{1,15}$/;
const DECIMAL = /^-?\d{1,15}(?:\.\d{1,15})?(?:[eE][+-]?\d{1,2})?$/;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

function readSimple(attribute: Attribute, raw: unknown): Json {
  switch (attribute.type) {
    case 'boolean': {
      if (typeof raw === 'boolean') return raw;
      const word = typeof raw === 'string' ? raw.toLowerCase() : '';
      if (word === 'true' || word === 'false') return word === 'true';
      throw expected(attribute, 'true or false');
    }
    case 'integer':
    case 'decimal': {
      const number = typeof raw === 'string' && DECIMAL.test(raw) ? Number(raw) : raw;
      const fits = attribute.type === 'decimal' || INTEGER.test(String(number));
      if (typeof number === 'number' && Number.isFinite(number) && fits) return number;
      throw expected(attribute, attribute.type === 'integer' ? 'a whole number' : 'a number');
    }
    case 'dateTime':
      if (typeof raw === 'string' && instant(raw) !== undefined) return raw;
      throw expected(attribute, 'a dateTime such as 2026-01-31T12:00:00Z');
    case 'binary':
      if (typeof raw === 'string' && raw.length <= attribute.maxLength && BASE64.test(raw)) return raw;
      throw expected(attribute, `base64 of at most ${attribute.maxLength} characters`);
    case 'reference': {
      const text = readText(attribute, raw);
      // Absolute or relative (RFC 7643 section 2.3.7), but a URI: a space or a line break never is.
      if (/[\s<>"\\^`{|}]/.test(text) || !URL.canParse(text, 'https://relative.invalid/'))
        throw expected(attribute, 'a URI');
      return text;
    }
    default:
      return readText(attribute, raw);
  }
}

function readText(attribute: Attribute, raw: unknown): string {
  // Numbers from HR systems: employeeNumber 701984.
  const text = typeof raw === 'number' ? String(raw) : raw;
  if (typeof text !== 'string') throw expected(attribute, 'a string');
  if (
    text.length > attribute.maxLength &&
    (text.length > attribute.maxLength * 2 || [...text].length > attribute.maxLength)
  )
    throw expected(attribute, `at most ${attribute.maxLength} characters`);
  // jsonb stores neither.
  if (text.includes('\0') || !text.isWellFormed()) throw expected(attribute, 'a string of valid characters');
  if (attribute.indexed && Buffer.byteLength(attribute.caseExact ? text : fold(text)) > MAX_KEY_BYTES)
    throw expected(attribute, 'a shorter string');
  return text;
}

function expected(attribute: Attribute, what: string): Error {
  return badRequest('invalidValue', `${attribute.key}: expected ${what}.`);
}
