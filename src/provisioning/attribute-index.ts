// Looks attribute paths up in the schemas (RFC 7644 section 3.10). The two indexes are constants: they
// hold nothing of an organization or a request.
import type { Attribute, AttributeIndex } from './attribute.ts';
import type { AttributeDefinition, Schema } from './define-schema.ts';
import { COMMON_ATTRIBUTES, ENTERPRISE_USER, GROUP, MAX_LENGTH, PORTAL_USER, USER } from './schemas.ts';

const MAX_STRING = 4096;
/** A certificate of a large key with its chain of names; everything else that is a text is shorter. */
const MAX_BINARY = 16_384;
const MAX_VALUES = 200;
/** A group's members are bounded by the size of the request only. */
const MAX_MEMBERS = 1_000_000;

/** Entra's documentation writes the URN of the enterprise extension without its last colon. */
const MISSPELT = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0user';

function attributeFrom(definition: AttributeDefinition, above: readonly string[], prefix: string): Attribute {
  const path = [...above, definition.name];
  const key = prefix + definition.name;
  return {
    name: definition.name,
    path,
    key,
    type: definition.type,
    multiValued: definition.multiValued,
    caseExact: definition.caseExact,
    required: definition.required,
    mutability: definition.mutability,
    returned: definition.returned,
    uniqueness: definition.uniqueness,
    maxLength: MAX_LENGTH[key] ?? (definition.type === 'binary' ? MAX_BINARY : MAX_STRING),
    indexed: key in MAX_LENGTH,
    maxValues: key === 'members' ? MAX_MEMBERS : MAX_VALUES,
    subAttributes: definition.subAttributes.map((sub) => attributeFrom(sub, path, `${key}.`)),
  };
}

/** An extension as a complex attribute under its URN, which is how it stands in a document. */
function container(schema: Schema): Attribute {
  return {
    name: schema.id,
    path: [schema.id],
    key: schema.id,
    type: 'complex',
    multiValued: false,
    caseExact: false,
    required: false,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
    maxLength: MAX_STRING,
    indexed: false,
    maxValues: MAX_VALUES,
    subAttributes: schema.attributes.map((sub) => attributeFrom(sub, [schema.id], `${schema.id}:`)),
  };
}

/** Builds the index of a resource type. Throws nothing; unknown paths are `undefined` at look-up. */
export function createIndex(core: Schema, extensions: readonly Schema[]): AttributeIndex {
  const coreAttributes = [...COMMON_ATTRIBUTES, ...core.attributes].map((one) => attributeFrom(one, [], ''));
  const containers = extensions.map(container);
  const paths = new Map<string, Attribute>();
  const add = (path: string, attribute: Attribute): void => {
    const folded = path.toLowerCase();
    if (!paths.has(folded)) paths.set(folded, attribute);
  };
  const addAll = (attributes: readonly Attribute[], prefix: string): void => {
    for (const attribute of attributes) {
      add(prefix + attribute.name, attribute);
      addAll(attribute.subAttributes, `${prefix}${attribute.name}.`);
    }
  };
  addAll(coreAttributes, '');
  addAll(coreAttributes, `${core.id}:`);
  for (const extension of containers) {
    add(extension.name, extension);
    addAll(extension.subAttributes, `${extension.name}:`);
    if (extension.name.toLowerCase() === MISSPELT.replace('2.0user', '2.0:user')) {
      add(MISSPELT, extension);
      addAll(extension.subAttributes, `${MISSPELT}:`);
    }
    // Last, so that a name of the core schema is never hidden: Entra writes `manager` without its URN.
    addAll(extension.subAttributes, '');
  }
  return {
    schema: core.id,
    extensions: containers.map((extension) => extension.name),
    attributes: [...coreAttributes, ...containers],
    find: (path) => paths.get(path.toLowerCase()),
  };
}

export const USER_ATTRIBUTES: AttributeIndex = createIndex(USER, [ENTERPRISE_USER, PORTAL_USER]);
export const GROUP_ATTRIBUTES: AttributeIndex = createIndex(GROUP, []);
