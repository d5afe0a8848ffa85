// The body of POST and PUT -> the clean document that is stored (RFC 7643 sections 2 and 3, RFC 7644
// sections 3.3 and 3.5.1). What the schemas do not know and what is readOnly is ignored; what is wrong is
// refused with the attribute's name. `schemas` is derived from what is there.
import type { Attribute, AttributeIndex, Document, Json } from '../provisioning/attribute.ts';
import { isObject, readValue, type JsonObject } from './attribute-value.ts';
import { badRequest } from './errors.ts';

/**
 * Reads a whole resource. `active` stays absent where the body has none: its default is the caller's.
 * Throws `invalidSyntax` for a body of the wrong form, `invalidValue` for a wrong or missing value.
 */
export function readDocument(body: unknown, index: AttributeIndex): Document {
  if (!isObject(body)) throw badRequest('invalidSyntax', 'The body must be a JSON object.');
  checkSchemas(body, index);
  const given = new Map<Attribute, { raw: unknown; rank: number }>();
  const put = (attribute: Attribute, raw: unknown, rank: number): void => {
    // readOnly is ignored: Okta PUTs the whole object back. So is the password, which the hub never takes.
    if (attribute.mutability === 'readOnly' || attribute.mutability === 'writeOnly') return;
    const before = given.get(attribute);
    if (before?.rank === rank) throw badRequest('invalidSyntax', `${attribute.key} is given twice.`);
    if (!before || before.rank < rank) given.set(attribute, { raw, rank });
  };
  for (const [name, raw] of Object.entries(body)) {
    const attribute = index.find(name);
    if (!attribute || attribute.key === 'schemas') continue;
    if (index.extensions.includes(attribute.name)) {
      readExtension(attribute, name, raw, put);
    } else if (attribute.path.length === 1) {
      put(attribute, raw, 1);
    } else if (attribute.path.length === 2 && index.extensions.includes(attribute.path[0] ?? '')) {
      // Entra ID writes enterprise attributes at the root too; in their right place they count more.
      put(attribute, raw, 0);
    }
  }
  return assemble(index, (attribute) => readValue(attribute, given.get(attribute)?.raw));
}

function readExtension(
  extension: Attribute,
  name: string,
  raw: unknown,
  put: (attribute: Attribute, raw: unknown, rank: number) => void,
): void {
  if (raw === null) return;
  if (!isObject(raw)) throw badRequest('invalidValue', `${extension.key}: expected an object.`);
  const rank = name.toLowerCase() === extension.name.toLowerCase() ? 2 : 1;
  for (const [subName, value] of Object.entries(raw)) {
    const sub = extension.subAttributes.find((one) => one.name.toLowerCase() === subName.toLowerCase());
    if (sub) put(sub, value, rank);
  }
}

function checkSchemas(body: JsonObject, index: AttributeIndex): void {
  const name = Object.keys(body).find((key) => key.toLowerCase() === 'schemas');
  const schemas = name === undefined ? undefined : body[name];
  if (!Array.isArray(schemas) || schemas.some((urn) => typeof urn !== 'string'))
    throw badRequest('invalidSyntax', 'schemas: expected a list of URNs.');
  if (!schemas.some((urn: string) => urn.toLowerCase() === index.schema.toLowerCase()))
    throw badRequest('invalidValue', `schemas: expected it to contain ${index.schema}.`);
}

/** Puts a document together in the order of the schemas, from one function per attribute. */
export function assemble(index: AttributeIndex, read: (attribute: Attribute) => Json | undefined): Document {
  const document: Record<string, Json> = { schemas: [index.schema] };
  const schemas = [index.schema];
  for (const attribute of index.attributes) {
    if (attribute.key === 'schemas') continue;
    if (!index.extensions.includes(attribute.name)) {
      const value = read(attribute);
      if (value !== undefined) document[attribute.name] = value;
      else if (attribute.required && attribute.mutability !== 'readOnly')
        throw badRequest('invalidValue', `${attribute.key} is required.`);
      continue;
    }
    const extension: Record<string, Json> = {};
    for (const sub of attribute.subAttributes) {
      const value = read(sub);
      if (value !== undefined) extension[sub.name] = value;
    }
    if (Object.keys(extension).length === 0) continue;
    document[attribute.name] = extension;
    schemas.push(attribute.name);
  }
  document['schemas'] = schemas;
  return document;
}
