// What the provisioning domain knows about one attribute of a resource: its canonical name, its place
// in the stored document and the characteristics of RFC 7643 section 2.2. Types only: the SCIM edge
// builds them from its schema definitions.

type SimpleType = 'string' | 'boolean' | 'decimal' | 'integer' | 'dateTime' | 'binary' | 'reference';
export type AttributeType = SimpleType | 'complex';

export type Attribute = {
  /** Canonical spelling; for the container of an extension its URN. */
  readonly name: string;
  /** Names from the root of the document; an extension's attributes stand under its URN. */
  readonly path: readonly string[];
  /** The path in SCIM notation: `emails.value`, `urn:...:User:manager.value`. Unique in an index. */
  readonly key: string;
  readonly type: AttributeType;
  readonly multiValued: boolean;
  readonly caseExact: boolean;
  readonly required: boolean;
  readonly mutability: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
  readonly returned: 'always' | 'default' | 'request' | 'never';
  readonly uniqueness: 'none' | 'server' | 'global';
  /** Longest string accepted, in characters. */
  readonly maxLength: number;
  /** The value is a key of an index of the database, which bounds its bytes too. */
  readonly indexed: boolean;
  /** Most values accepted where multiValued. */
  readonly maxValues: number;
  /** Of a complex attribute; empty otherwise. */
  readonly subAttributes: readonly Attribute[];
};

export type AttributeIndex = {
  /** URN of the core schema. */
  readonly schema: string;
  /** URNs of the extensions. */
  readonly extensions: readonly string[];
  /** Attributes of the core schema with the common ones, then one complex attribute per extension. */
  readonly attributes: readonly Attribute[];
  /**
   * Any path a client may write, in any case: with the URN of its schema or without it, also for
   * an extension's attribute whose name the core schema leaves free.
   */
  find(path: string): Attribute | undefined;
};

/** The attribute that holds this one: `emails` of `emails.value`; undefined at the root. */
export function parentOf(attribute: Attribute, index: AttributeIndex): Attribute | undefined {
  let level: readonly Attribute[] = index.attributes;
  let parent: Attribute | undefined;
  for (const name of attribute.path.slice(0, -1)) {
    parent = level.find((candidate) => candidate.name === name);
    level = parent?.subAttributes ?? [];
  }
  return parent;
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
/** A resource's attributes under their canonical names. */
export type Document = { readonly [name: string]: Json };
