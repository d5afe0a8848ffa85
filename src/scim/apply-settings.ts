// What a connection's settings change of a request before it is handled: mapped attributes, If-Match that must be
// there, and strictness about bodies. Pure.
import type { AttributeIndex } from '../provisioning/attribute.ts';
import { GROUP_ATTRIBUTES, USER_ATTRIBUTES } from '../provisioning/attribute-index.ts';
import type { AttributeMapping, ConnectionSettings } from '../provisioning/connection-settings.ts';
import { isObject, type JsonObject } from './attribute-value.ts';
import { ScimError, badRequest } from './errors.ts';

type Sent = { readonly method: string; readonly body: unknown; readonly ifMatch: string | undefined };

/** The body to be handled. Throws 428, and in strict mode `invalidSyntax` or `invalidValue`. */
export function applySettings(
  settings: ConnectionSettings,
  path: readonly string[],
  { method, body, ifMatch }: Sent,
): unknown {
  const [endpoint = '', id] = path;
  const resource = endpoint === 'Users' || endpoint === 'Groups';
  if (!resource || id === '.search') return body;
  if (
    settings.ifMatchRequired &&
    ifMatch === undefined &&
    id !== undefined &&
    ['PUT', 'PATCH', 'DELETE'].includes(method)
  )
    throw new ScimError(
      428,
      undefined,
      'This connection must send If-Match with the version of the resource it read (meta.version).',
    );
  if (!isObject(body)) return body;
  const mapped =
    endpoint === 'Users' && settings.mapping.length > 0 ? mapBody(body, settings.mapping, method === 'PATCH') : body;
  if (settings.strict)
    checkStrictly(mapped, endpoint === 'Users' ? USER_ATTRIBUTES : GROUP_ATTRIBUTES, method === 'PATCH');
  return mapped;
}

const keyOf = (object: JsonObject, name: string): string | undefined => {
  const lower = name.toLowerCase();
  return Object.keys(object).find((key) => key.toLowerCase() === lower);
};

/** `urn:...:User:name.givenName` -> [urn, name, givenName]. */
function segments(path: string): string[] {
  const colon = path.lastIndexOf(':');
  const names = path.slice(colon + 1).split('.');
  return colon < 0 ? names : [path.slice(0, colon), ...names];
}

function mapBody(body: JsonObject, mapping: readonly AttributeMapping[], isPatch: boolean): JsonObject {
  if (!isPatch) return mapAttributes(body, mapping);
  const key = keyOf(body, 'Operations');
  const operations = key === undefined ? undefined : body[key];
  if (key === undefined || !Array.isArray(operations)) return body;
  return {
    ...body,
    [key]: operations.map((operation: unknown) => (isObject(operation) ? mapOperation(operation, mapping) : operation)),
  };
}

function mapOperation(operation: JsonObject, mapping: readonly AttributeMapping[]): JsonObject {
  const [pathKey, valueKey] = [keyOf(operation, 'path'), keyOf(operation, 'value')];
  const path = pathKey === undefined ? undefined : operation[pathKey];
  if (typeof path === 'string' && pathKey !== undefined) {
    const found = mapping.find(({ from }) => from.toLowerCase() === path.trim().toLowerCase());
    return found ? { ...operation, [pathKey]: found.to } : operation;
  }
  const value = valueKey === undefined ? undefined : operation[valueKey];
  return isObject(value) && valueKey !== undefined
    ? { ...operation, [valueKey]: mapAttributes(value, mapping) }
    : operation;
}

/** What stands under `from`, nested or as one dotted name, moves to `to`; what stands there already gives way to it. */
function mapAttributes(given: JsonObject, mapping: readonly AttributeMapping[]): JsonObject {
  const moved: [string, unknown][] = [];
  let rest: JsonObject = given;
  for (const { from, to } of mapping) {
    const flat = keyOf(rest, from);
    const found = flat === undefined ? taken(rest, segments(from)) : { value: rest[flat], rest: without(rest, flat) };
    if (!found) continue;
    rest = found.rest;
    moved.push([to, found.value]);
  }
  return moved.reduce((object, [to, value]) => placed(object, segments(to), value), rest);
}

const without = (object: JsonObject, key: string): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));

function taken(
  object: JsonObject,
  [name = '', ...more]: readonly string[],
): { value: unknown; rest: JsonObject } | undefined {
  const key = keyOf(object, name);
  if (key === undefined) return undefined;
  const value = object[key];
  if (more.length === 0) return { value, rest: without(object, key) };
  const inner = isObject(value) ? taken(value, more) : undefined;
  return inner && { value: inner.value, rest: { ...object, [key]: inner.rest } };
}

function placed(object: JsonObject, [name = '', ...more]: readonly string[], value: unknown): JsonObject {
  const key = keyOf(object, name) ?? name;
  if (more.length === 0) return { ...object, [key]: value };
  const inner = object[key];
  return { ...object, [key]: placed(isObject(inner) ? inner : {}, more, value) };
}

function checkStrictly(body: JsonObject, index: AttributeIndex, isPatch: boolean): void {
  if (!isPatch) {
    checkNames(body, index);
    return;
  }
  const operations = body['Operations'];
  for (const operation of Array.isArray(operations) ? operations : []) {
    if (isObject(operation) && operation['path'] === undefined && isObject(operation['value']))
      checkNames(operation['value'], index);
  }
}

/** RFC 7643 section 2.1 lets a server refuse what no schema defines; also true and false spelt as text. */
function checkNames(object: JsonObject, index: AttributeIndex): void {
  for (const [name, value] of Object.entries(object)) {
    const attribute = index.find(name);
    if (!attribute) throw badRequest('invalidSyntax', `There is no attribute ${JSON.stringify(name.slice(0, 120))}.`);
    if (attribute.type === 'boolean' && typeof value === 'string')
      throw badRequest('invalidValue', `${attribute.key}: expected true or false, not a text.`);
    if (!index.extensions.includes(attribute.name) || !isObject(value)) continue;
    for (const sub of Object.keys(value)) {
      if (!attribute.subAttributes.some((one) => one.name.toLowerCase() === sub.toLowerCase()))
        throw badRequest(
          'invalidSyntax',
          `There is no attribute ${JSON.stringify(`${attribute.name}:${sub.slice(0, 120)}`)}.`,
        );
    }
  }
}
