// The OpenAPI 3.1 document, made of the same table that routes and validates. JSON Schema 2020-12 is its own dialect.
import { z } from 'zod';
import { STATUS_OF } from '../web/problem.ts';
import { paramNames, type Operation } from './operation.ts';
import { everyOperation } from './operations.ts';
import { rolesWith } from '../organizations/permissions.ts';
import { problem } from './shapes.ts';

type Json = { [name: string]: unknown };

const registry = z.registry<{ id: string }>();

/** Every schema that has a name, once, under components; what contains it refers to it. */
function named(): Json {
  const found = new Set<z.core.$ZodType>([problem]);
  const visit = (schema: z.core.$ZodType): void => {
    if (found.has(schema)) return;
    if (z.globalRegistry.get(schema)?.id !== undefined) found.add(schema);
    const def = schema._zod.def as unknown as Json;
    for (const part of [
      def['element'],
      def['innerType'],
      def['in'],
      def['valueType'],
      ...((def['options'] as unknown[] | undefined) ?? []),
    ]) {
      if (isSchema(part)) visit(part);
    }
    for (const part of Object.values((def['shape'] as Json | undefined) ?? {})) if (isSchema(part)) visit(part);
  };
  for (const [, { answer, body }] of everyOperation) for (const schema of [answer, body]) if (schema) visit(schema);
  for (const schema of found) {
    const id = z.globalRegistry.get(schema)?.id;
    if (id !== undefined && !registry.has(schema)) registry.add(schema, { id });
  }
  const { schemas } = z.toJSONSchema(registry, { io: 'input', uri: (id) => `#/components/schemas/${id}`, override });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, withoutIdentity(schema as Json)]));
}

/** The document is the dialect's and the identity's place. */
const withoutIdentity = ({ $schema: _dialect, $id: _id, $defs: _definitions, ...rest }: Json): Json => rest;

/** Path parameters with names of their own; all others are ids. */
const NOT_AN_ID = new Set(['client', 'application']);

const isSchema = (part: unknown): part is z.core.$ZodType =>
  typeof part === 'object' && part !== null && '_zod' in part;

/** A format says it all; the pattern behind it is zod's own affair. */
const override = ({ jsonSchema }: { jsonSchema: Json }): void => {
  if (jsonSchema['format'] !== undefined) delete jsonSchema['pattern'];
};

function schemaOf(schema: z.core.$ZodType): Json {
  const id = z.globalRegistry.get(schema)?.id;
  if (id !== undefined) return { $ref: `#/components/schemas/${id}` };
  const made = z.toJSONSchema(schema, { io: 'input', override, reused: 'inline' }) as Json;
  return JSON.parse(JSON.stringify(withoutIdentity(made)).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
}

const json = (schema: z.core.$ZodType): Json => ({ content: { 'application/json': { schema: schemaOf(schema) } } });

/** Codes by status, of what the plumbing and the domain may refuse with. */
function refusals({ needs, path, query, body, refusals: own = [] }: Operation): Map<number, string[]> {
  const found = new Map<number, Set<string>>();
  const add = (status: number, code: string): void =>
    void found.set(status, (found.get(status) ?? new Set()).add(code));
  if (needs !== null) {
    add(401, 'invalid_credentials');
    add(403, 'not_permitted');
  }
  if (query ?? body) add(400, 'invalid_input');
  if (body) {
    add(400, 'invalid_request');
    add(413, 'invalid_request');
    add(415, 'invalid_request');
  }
  // Ids stand in bodies too.
  if (path.includes('{') || body) add(404, 'not_found');
  for (const code of own) add(STATUS_OF[code], code);
  add(500, 'internal');
  add(503, 'unavailable');
  return new Map(
    [...found].map(([status, codes]): [number, string[]] => [status, [...codes].sort()]).sort(([a], [b]) => a - b),
  );
}

function responses(operation: Operation): Json {
  const { answer, status = 200, summary } = operation;
  const success = answer ? { [status]: { description: summary, ...json(answer) } } : { 204: { description: 'Done.' } };
  const problems = [...refusals(operation)].map(([code, codes]) => [
    code,
    {
      description: `Refused: ${codes.join(', ')}.`,
      content: {
        'application/problem+json': {
          schema: { allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { code: { enum: codes } } }] },
        },
      },
    },
  ]);
  return { ...success, ...(Object.fromEntries(problems) as Json) };
}

function parameters({ path, query }: Operation): Json[] {
  const inPath = paramNames(path).map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: NOT_AN_ID.has(name) ? { type: 'string' } : { type: 'string', format: 'uuid' },
  }));
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, schema]) => {
    const { description, ...rest } = schemaOf(schema as z.core.$ZodType);
    const required = !(schema as z.ZodType).safeParse(undefined).success;
    return { name, in: 'query', required, ...(description === undefined ? {} : { description }), schema: rest };
  });
  return [...inPath, ...inQuery];
}

function describe(key: string, operation: Operation): Json {
  const { summary, needs, noun, body } = operation;
  const required = body ? !body.safeParse({}).success : false;
  return {
    operationId: key,
    tags: [noun],
    summary,
    ...(needs === null ? { security: [] } : { description: `Needs one of the roles ${rolesWith(needs).join(', ')}.` }),
    parameters: parameters(operation),
    ...(body ? { requestBody: { required, ...json(body) } } : {}),
    responses: responses(operation),
  };
}

export function createDocument(publicUrl: URL): Json {
  const paths: Record<string, Json> = {};
  for (const [key, operation] of everyOperation) {
    (paths[operation.path] ??= {})[operation.method] = describe(key, operation);
  }
  const tags = [...new Set(everyOperation.map(([, { noun }]) => noun))].map((name) => ({ name }));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Mandate management API',
      version: '1',
      description:
        'For the operator of the hub. Every refusal is a problem (RFC 9457) with a code. Lists are pages in a stable order: send `next` as `after` until it is null. Dates are RFC 3339. A thing of another organization answers as one that does not exist.',
    },
    servers: [{ url: `${publicUrl.origin}/api/v1` }],
    security: [{ token: [] }],
    tags,
    paths,
    components: {
      schemas: named(),
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'An API token, `mandate_...`.' } },
    },
  };
}
