// How a schema is written down: attributes with the defaults of RFC 7643 section 2.2, so that schemas.ts says only what
// differs from them.
import type { Attribute } from './attribute.ts';

/** One attribute with the characteristics of RFC 7643 section 7. */
export type AttributeDefinition = Pick<
  Attribute,
  'name' | 'type' | 'multiValued' | 'required' | 'caseExact' | 'mutability' | 'returned' | 'uniqueness'
> & {
  readonly description: string;
  /** Suggestions: other values are accepted. */
  readonly canonicalValues?: readonly string[];
  readonly referenceTypes?: readonly string[];
  readonly subAttributes: readonly AttributeDefinition[];
};

export type Schema = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly AttributeDefinition[];
};

export type Config = Partial<Omit<AttributeDefinition, 'name' | 'type' | 'description'>>;

/** An attribute with the defaults of RFC 7643 section 2.2. */
export function define(
  type: Attribute['type'],
  name: string,
  description: string,
  config: Config = {},
): AttributeDefinition {
  return {
    name,
    type,
    description,
    multiValued: false,
    required: false,
    // Section 2.3.6 and 2.3.7.
    caseExact: type === 'reference' || type === 'binary',
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
    subAttributes: [],
    ...config,
  };
}

export function text(name: string, description: string, config: Config = {}): AttributeDefinition {
  return define('string', name, description, config);
}

export function reference(
  name: string,
  description: string,
  referenceTypes: string[],
  config: Config = {},
): AttributeDefinition {
  return define('reference', name, description, { referenceTypes, ...config });
}

export function complex(
  name: string,
  description: string,
  subAttributes: AttributeDefinition[],
  config: Config = {},
): AttributeDefinition {
  return define('complex', name, description, { subAttributes, ...config });
}

/** The usual sub-attributes of a multi-valued attribute (RFC 7643 section 2.4). */
export function plural(
  name: string,
  description: string,
  value: AttributeDefinition,
  types: string[] = [],
): AttributeDefinition {
  return complex(
    name,
    `${description} At most 200 values, at most one of them primary.`,
    [
      value,
      text('display', 'A name for people.'),
      text('type', 'What the value is for.', types.length > 0 ? { canonicalValues: types } : {}),
      define('boolean', 'primary', 'The preferred value. True at most once.'),
    ],
    { multiValued: true },
  );
}

export const READ_ONLY: Config = { mutability: 'readOnly' };
