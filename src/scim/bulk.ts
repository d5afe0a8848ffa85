// /Bulk (RFC 7644 section 3.7): the operations one after the other, each atomic by itself, each with its own status.
// A new resource may name others by `bulkId:` before they exist: it is made without them, and they are added once they
// are there, which also resolves circles. Another operation that names a later one waits for it. At 413: the limits.
import { atomically } from '../provisioning/dry-run.ts';
import { startPace } from '../provisioning/turns.ts';
import { isObject, type JsonObject } from './attribute-value.ts';
import { BulkReferences, bulkIdsNamed, type Later } from './bulk-references.ts';
import { ScimError, asScimError, badRequest, toScimBody } from './errors.ts';
import { eachPiece, type Answer, type Exchange } from './exchange.ts';
import { etagOf } from './preconditions.ts';

export const MAX_OPERATIONS = 1000;
export const MAX_PAYLOAD = 16 * 1024 * 1024;
const REQUEST_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
const RESPONSE_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse';
const PATCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE'];

/** Handles one request at the path's parts, as if it had come by itself. */
type Perform = (exchange: Exchange, path: readonly string[]) => Promise<Answer>;

type Operation = {
  readonly method: string;
  readonly bulkId: string | undefined;
  readonly path: readonly string[];
  readonly data: unknown;
  readonly version: string | undefined;
  /** The bulkIds that its path and data name. */
  readonly names: ReadonlySet<string>;
};

type Result = {
  method: string;
  bulkId?: string;
  location?: string;
  version?: string;
  status: string;
  response?: unknown;
};

/** The least that is answered with a version, and never the members of a group. */
const briefly = () => new URLSearchParams({ attributes: 'id' });

export async function postBulk(exchange: Exchange, perform: Perform): Promise<Answer> {
  const { operations, failOnErrors } = readRequest(exchange.body);
  const references = new BulkReferences(operations.flatMap((raw) => bulkIdOf(raw) ?? []));
  const results: (Result | undefined)[] = [];
  const waiting: { at: number; operation: Operation }[] = [];
  const additions: { at: number; later: Later }[] = [];
  const pace = startPace();
  const failed = () => results.filter((result) => result && Number(result.status) >= 400).length;
  const stopped = () => failOnErrors > 0 && failed() >= failOnErrors;

  const run = async (at: number, operation: Operation): Promise<void> => {
    const { result, later } = await performOne(exchange, operation, references, perform);
    results[at] = result;
    if (later) additions.push({ at, later });
  };

  for (const [at, raw] of operations.entries()) {
    if (stopped()) break;
    try {
      const read = readOperation(raw);
      const operation = { ...read, names: await bulkIdsNamed(read.path, read.data) };
      if (references.mustWait(operation)) waiting.push({ at, operation });
      else await run(at, operation);
    } catch (error) {
      results[at] = refusal(raw, error, exchange);
    }
    await pace();
    // Whoever waited for what has just been made goes on.
    for (const next of waiting.filter(({ operation }) => !references.mustWait(operation))) {
      waiting.splice(waiting.indexOf(next), 1);
      await run(next.at, next.operation);
    }
  }
  for (const { at, operation } of stopped() ? [] : waiting) await run(at, operation);
  for (const { at, later } of additions) {
    const result = results[at];
    if (result) results[at] = await addLater(exchange, result, later, references, perform);
  }
  const shown = results.filter((result) => result !== undefined);
  return { status: 200, body: JSON.stringify({ schemas: [RESPONSE_SCHEMA], Operations: shown }) };
}

function readRequest(body: unknown): { operations: readonly unknown[]; failOnErrors: number } {
  if (!isObject(body)) throw badRequest('invalidSyntax', 'The body must be a JSON object.');
  const { schemas, Operations: operations, failOnErrors = 0 } = body;
  if (!Array.isArray(schemas) || !schemas.includes(REQUEST_SCHEMA))
    throw badRequest('invalidSyntax', `schemas: expected it to contain ${REQUEST_SCHEMA}.`);
  if (!Array.isArray(operations)) throw badRequest('invalidSyntax', 'Operations: expected a list.');
  if (operations.length > MAX_OPERATIONS)
    throw new ScimError(
      413,
      undefined,
      `The bulk holds ${operations.length} operations; at most ${MAX_OPERATIONS} are taken.`,
    );
  if (typeof failOnErrors !== 'number' || !Number.isInteger(failOnErrors) || failOnErrors < 0)
    throw badRequest('invalidValue', 'failOnErrors: expected a whole number.');
  const ids = operations.flatMap((raw: unknown) => bulkIdOf(raw) ?? []);
  if (new Set(ids).size < ids.length)
    throw badRequest('invalidValue', 'bulkId: expected a different one for each operation that makes a resource.');
  return { operations, failOnErrors };
}

/** Of an operation that makes a resource. */
function bulkIdOf(raw: unknown): string | undefined {
  if (!isObject(raw) || String(raw['method']).toUpperCase() !== 'POST') return undefined;
  return typeof raw['bulkId'] === 'string' && raw['bulkId'] !== '' ? raw['bulkId'] : undefined;
}

function readOperation(raw: unknown): Omit<Operation, 'names'> {
  if (!isObject(raw)) throw badRequest('invalidSyntax', 'Operations: expected objects.');
  const method = typeof raw['method'] === 'string' ? raw['method'].toUpperCase() : '';
  if (!METHODS.includes(method)) throw badRequest('invalidSyntax', `method: expected one of ${METHODS.join(', ')}.`);
  const { path, version, data } = raw;
  const parts = typeof path === 'string' ? path.split('/').filter((part) => part !== '') : [];
  const fits =
    (parts[0] === 'Users' || parts[0] === 'Groups') &&
    parts.length === (method === 'POST' ? 1 : 2) &&
    parts[1] !== '.search';
  if (!fits)
    throw badRequest('invalidPath', 'path: expected /Users or /Groups, and the id of a resource where one is changed.');
  const bulkId = typeof raw['bulkId'] === 'string' ? raw['bulkId'] : undefined;
  if (method === 'POST' && !bulkId) throw badRequest('invalidSyntax', 'bulkId: required with POST.');
  return {
    method,
    bulkId,
    path: parts,
    data,
    version: typeof version === 'string' && version !== '' ? version : undefined,
  };
}

function refusal(raw: unknown, thrown: unknown, { ctx }: Exchange): Result {
  const error = asScimError(thrown, ctx.requestId);
  if (error.status >= 500) ctx.log.error({ err: thrown, requestId: ctx.requestId }, 'a bulk operation failed');
  const { method, bulkId } = isObject(raw) ? raw : ({} as JsonObject);
  return {
    method: String(method ?? ''),
    ...(typeof bulkId === 'string' ? { bulkId } : {}),
    status: String(error.status),
    response: toScimBody(error),
  };
}

async function performOne(
  exchange: Exchange,
  operation: Operation,
  references: BulkReferences,
  perform: Perform,
): Promise<{ result: Result; later?: Later }> {
  const { method, bulkId, version } = operation;
  try {
    const path = operation.path.map((part) => references.inPath(part));
    const { data, later } = references.inData(operation.data, {
      endpoint: path[0] ?? '',
      isNew: method === 'POST',
      names: operation.names,
    });
    const answer = await atomically(() =>
      perform({ ...exchange, method, body: data, query: briefly(), ifMatch: version, ifNoneMatch: undefined }, path),
    );
    await eachPiece(answer, () => undefined);
    const location = answer.location ?? `${exchange.baseUrl}/${path.join('/')}`;
    const id = location.split('/').at(-1) ?? '';
    if (bulkId !== undefined && method === 'POST') references.made(bulkId, id);
    return {
      result: {
        method,
        ...(bulkId === undefined ? {} : { bulkId }),
        location,
        ...(answer.version === undefined ? {} : { version: etagOf(answer.version) }),
        status: String(answer.status),
      },
      ...(later ? { later: { ...later, path: [path[0] ?? '', id] } } : {}),
    };
  } catch (error) {
    if (bulkId !== undefined && method === 'POST') references.failed(bulkId);
    return {
      result: {
        ...refusal(operation, error, exchange),
        ...(method === 'POST' ? {} : { location: `${exchange.baseUrl}/${operation.path.join('/')}` }),
      },
    };
  }
}

/** The resource stands already; where what it names cannot be added, its result says so. */
async function addLater(
  exchange: Exchange,
  result: Result,
  later: Later,
  references: BulkReferences,
  perform: Perform,
): Promise<Result> {
  try {
    const { data } = references.inData(
      { schemas: [PATCH_SCHEMA], Operations: later.operations },
      { endpoint: later.path[0] ?? '', isNew: false, names: await bulkIdsNamed([], later.operations) },
    );
    const answer = await atomically(() =>
      perform(
        { ...exchange, method: 'PATCH', body: data, query: briefly(), ifMatch: undefined, ifNoneMatch: undefined },
        later.path,
      ),
    );
    await eachPiece(answer, () => undefined);
    return { ...result, ...(answer.version === undefined ? {} : { version: etagOf(answer.version) }) };
  } catch (thrown) {
    const error = asScimError(thrown, exchange.ctx.requestId);
    const detail = `The resource was created at ${result.location ?? ''}, but not all that it names could be added: ${error.detail}`;
    return {
      ...result,
      status: String(error.status),
      response: toScimBody(new ScimError(error.status, error.scimType, detail)),
    };
  }
}
