// The flags of a command, found in the JSON Schema of its operation: one for each path parameter, query parameter and
// field of the body, nested fields with a point between (--settings.ftp).
import { z } from 'zod';
import { paramNames, type Operation } from '../api/operation.ts';

type FieldKind = 'text' | 'number' | 'boolean' | 'list' | 'json';

export type Field = {
  /** Where it goes: a path parameter, the query, or the body's path. */
  readonly place: 'path' | 'query' | 'body';
  readonly path: readonly string[];
  readonly kind: FieldKind;
  readonly required: boolean;
  readonly nullable: boolean;
  readonly choices: readonly string[];
  readonly description: string;
};

type Schema = {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly description?: string;
  readonly $ref?: string;
};

const jsonSchema = (schema: z.ZodType): Schema => z.toJSONSchema(schema, { io: 'input', reused: 'inline' }) as Schema;

/** `deactivateOnly` and `client_name` as they are typed: --deactivate-only, --client-name. */
export const flagOf = (path: readonly string[]): string =>
  `--${path.map((name) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replaceAll('_', '-')).join('.')}`;

/** Two spellings are one flag when this is equal. */
export const foldFlag = (flag: string): string => flag.toLowerCase().replaceAll(/[-_]/g, '');

function kindOf(schema: Schema): FieldKind {
  switch (schema.type) {
    case 'string':
      return 'text';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array':
      return schema.items?.type === 'string' ? 'list' : 'json';
    default:
      return 'json';
  }
}

/** Without the null that an optional value may also be. */
function unwrapped(schema: Schema): { schema: Schema; nullable: boolean } {
  const others = schema.anyOf?.filter(({ type }) => type !== 'null');
  const [only] = others ?? [];
  if (!schema.anyOf || others?.length === schema.anyOf.length || others?.length !== 1 || !only)
    return { schema, nullable: false };
  return {
    schema: { ...only, ...(schema.description === undefined ? {} : { description: schema.description }) },
    nullable: true,
  };
}

function walk(place: 'query' | 'body', object: Schema, above: readonly string[], aboveRequired: boolean): Field[] {
  return Object.entries(object.properties ?? {}).flatMap(([name, given]): Field[] => {
    const { schema, nullable } = unwrapped(given);
    const path = [...above, name];
    const required = aboveRequired && (object.required?.includes(name) ?? false);
    if (schema.properties && above.length === 0 && schema.type === 'object') return walk(place, schema, path, required);
    const { description = '' } = schema;
    return [
      {
        place,
        path,
        kind: kindOf(schema),
        required,
        nullable,
        choices: schema.enum ?? schema.items?.enum ?? [],
        description,
      },
    ];
  });
}

/** In the order of the help: path parameters, then the others. */
export function fieldsOf({ path, query, body }: Operation): Field[] {
  const params = paramNames(path).map((name): Field => ({
    place: 'path',
    path: [name],
    kind: 'text',
    required: true,
    nullable: false,
    choices: [],
    description: name === 'client' || name === 'application' ? '' : 'Id.',
  }));
  return [
    ...params,
    ...(query ? walk('query', jsonSchema(query), [], true) : []),
    ...(body ? walk('body', jsonSchema(body), [], true) : []),
  ];
}
