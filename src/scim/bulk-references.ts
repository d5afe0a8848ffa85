// `bulkId:` in the paths and data of a bulk (RFC 7644 sections 3.7.1 and 3.7.2): which resource each one means, and what
// of a new resource has to be added later because it names one that is not there yet.
import { runAtOnce, runInTurns } from '../provisioning/turns.ts';
import { ENTERPRISE_SCHEMA } from '../provisioning/schemas.ts';
import { isObject, type JsonObject } from './attribute-value.ts';
import { ScimError, badRequest } from './errors.ts';

const PREFIX = 'bulkId:';

/** PATCH operations for the resource at `path` when what they name exists. */
export type Later = { readonly path: readonly string[]; readonly operations: readonly object[] };

const nameOf = (text: unknown): string | undefined =>
  typeof text === 'string' && text.startsWith(PREFIX) ? text.slice(PREFIX.length) : undefined;

/** The bulkIds that a value names anywhere within it. */
function* nameSteps(value: unknown, found: Set<string>): Generator<void, void> {
  const name = nameOf(value);
  if (name !== undefined) found.add(name);
  else if (Array.isArray(value) || isObject(value)) {
    yield;
    for (const one of Array.isArray(value) ? (value as unknown[]) : Object.values(value))
      if (typeof one === 'object' || nameOf(one) !== undefined) yield* nameSteps(one, found);
  }
}

/** Of the path and data of an operation, looked up once. */
export async function bulkIdsNamed(path: readonly string[], data: unknown): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const part of [path, data]) await runInTurns(nameSteps(part, found));
  return found;
}

function namesIn(value: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  runAtOnce(nameSteps(value, found));
  return found;
}

export class BulkReferences {
  readonly #known: ReadonlySet<string>;
  readonly #ids = new Map<string, string>();
  readonly #failed = new Set<string>();

  /** Of all operations that make a resource. */
  constructor(bulkIds: readonly string[]) {
    this.#known = new Set(bulkIds);
  }

  made(bulkId: string, id: string): void {
    this.#ids.set(bulkId, id);
  }

  failed(bulkId: string): void {
    this.#failed.add(bulkId);
  }

  #isComing(name: string): boolean {
    return this.#known.has(name) && !this.#ids.has(name) && !this.#failed.has(name);
  }

  /** What changes a resource waits for all it names; what makes one does not. */
  mustWait({ method, names }: { readonly method: string; readonly names: ReadonlySet<string> }): boolean {
    return method !== 'POST' && [...names].some((name) => this.#isComing(name));
  }

  #resolve(name: string): string {
    const id = this.#ids.get(name);
    if (id !== undefined) return id;
    if (!this.#known.has(name)) throw badRequest('invalidValue', `No operation has the bulkId "${name.slice(0, 80)}".`);
    throw new ScimError(409, undefined, `The resource of the bulkId "${name.slice(0, 80)}" was not created.`);
  }

  /** One part of a path. Throws 400 and 409 for what names nothing. */
  inPath(part: string): string {
    const name = nameOf(part);
    return name === undefined ? part : this.#resolve(name);
  }

  /** The data with ids; of a new resource without what is still to come, which is left for `later`. */
  inData(
    data: unknown,
    { endpoint, isNew, names }: { endpoint: string; isNew: boolean; names: ReadonlySet<string> },
  ): { data: unknown; later?: Omit<Later, 'path'> } {
    if (names.size === 0) return { data };
    if (!isNew || !isObject(data)) return { data: this.#replaced(data) };
    const operations: object[] = [];
    const now = endpoint === 'Groups' ? this.#withoutMembers(data, operations) : this.#withoutManager(data, operations);
    return { data: this.#replaced(now), ...(operations.length > 0 ? { later: { operations } } : {}) };
  }

  #replaced(value: unknown): unknown {
    const name = nameOf(value);
    if (name !== undefined) return this.#resolve(name);
    if (Array.isArray(value)) return value.map((one) => this.#replaced(one));
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, this.#replaced(one)]));
  }

  #awaits(value: unknown): boolean {
    return [...namesIn(value)].some((name) => this.#isComing(name));
  }

  #withoutMembers(data: JsonObject, operations: object[]): JsonObject {
    const key = Object.keys(data).find((name) => name.toLowerCase() === 'members');
    const members = key === undefined ? undefined : data[key];
    if (key === undefined || !Array.isArray(members)) return data;
    const coming = members.filter((member) => this.#awaits(member));
    if (coming.length > 0) operations.push({ op: 'add', path: 'members', value: coming });
    return { ...data, [key]: members.filter((member) => !this.#awaits(member)) };
  }

  #withoutManager(data: JsonObject, operations: object[]): JsonObject {
    const entries = Object.entries(data).flatMap(([key, value]): [string, unknown][] => {
      if (key.toLowerCase() === 'manager' && this.#awaits(value)) {
        operations.push({ op: 'add', path: `${ENTERPRISE_SCHEMA}:manager`, value });
        return [];
      }
      return [
        [
          key,
          isObject(value) && key.toLowerCase() === ENTERPRISE_SCHEMA.toLowerCase()
            ? this.#withoutManager(value, operations)
            : value,
        ],
      ];
    });
    return Object.fromEntries(entries);
  }
}
