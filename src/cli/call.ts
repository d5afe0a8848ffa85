// One request to the management API.
import type { Operation } from '../api/operation.ts';
import { UsageError } from './usage-error.ts';

export type Target = { readonly url: URL; readonly token: string };
export type Parts = {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
};

/** The hub said no: exit code 1. */
export class RefusedError extends Error {
  readonly code: string;
  readonly issues: readonly string[];

  constructor(message: string, code: string, issues: readonly string[]) {
    super(message);
    this.name = 'RefusedError';
    this.code = code;
    this.issues = issues;
  }
}

/** Nothing that is a hub answered: exit code 3. */
export class UnreachableError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnreachableError';
  }
}

const TIMEOUT_MS = 30_000;
/** For an answer that is sent while it is made. */
const STREAM_TIMEOUT_MS = 3_600_000;

export function addressOf(url: string): URL {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new UsageError(`--url: "${url}" is no http or https address.`);
  return new URL(url);
}

export const isThisMachine = (url: URL): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);

function requestUrl({ url }: Target, operation: Operation, { params, query }: Parts): URL {
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const asked = new URL(`/api/v1${path}`, url.origin);
  for (const [name, value] of Object.entries(query)) asked.searchParams.set(name, value);
  return asked;
}

async function send(target: Target, operation: Operation, parts: Parts): Promise<Response> {
  try {
    return await fetch(requestUrl(target, operation, parts), {
      method: operation.method.toUpperCase(),
      headers: {
        Authorization: `Bearer ${target.token}`,
        ...(parts.body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(parts.body === undefined ? {} : { body: JSON.stringify(parts.body) }),
      // A redirect would carry the token elsewhere.
      redirect: 'manual',
      signal: AbortSignal.timeout(operation.streams ? STREAM_TIMEOUT_MS : TIMEOUT_MS),
    });
  } catch (error) {
    const cause =
      error instanceof Error && error.cause instanceof Error && 'code' in error.cause
        ? String(error.cause.code)
        : String(error);
    throw new UnreachableError(
      `The hub at ${target.url.origin} does not answer (${cause}). Is it running? Where it is, --url or MANDATE_URL says.`,
    );
  }
}

type Problem = { detail?: unknown; code?: unknown; details?: { issues?: { path?: unknown; message?: unknown }[] } };

/** Throws RefusedError, UnreachableError unless the hub has done it. */
async function accepted(target: Target, operation: Operation, parts: Parts): Promise<Response> {
  const response = await send(target, operation, parts);
  if (response.status === 204) return response;
  const type = response.headers.get('content-type') ?? '';
  if (!/^application\/(problem\+)?json/.test(type)) {
    throw new UnreachableError(
      `What answers at ${target.url.origin} is not this hub's API (status ${response.status}).`,
    );
  }
  if (response.ok) return response;
  const { detail, code, details } = (await response.json()) as Problem;
  const issues = (details?.issues ?? []).map(({ path, message }) => `${String(path)}: ${String(message)}`);
  throw new RefusedError(String(detail), String(code), issues);
}

/** The answer; undefined for 204. Throws RefusedError, UnreachableError. */
export async function call(target: Target, operation: Operation, parts: Parts): Promise<unknown> {
  const response = await accepted(target, operation, parts);
  return response.status === 204 ? undefined : ((await response.json()) as unknown);
}

/** The pieces of an answer that is sent while it is made. Throws RefusedError, UnreachableError, also where it breaks off. */
export async function* callForPieces(target: Target, operation: Operation, parts: Parts): AsyncGenerator<string> {
  const { body } = await accepted(target, operation, parts);
  try {
    for await (const piece of body?.pipeThrough(new TextDecoderStream()) ?? []) yield piece;
  } catch (error) {
    throw new UnreachableError(`The answer of the hub at ${target.url.origin} broke off (${String(error)}).`);
  }
}
