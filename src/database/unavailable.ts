// Tells "the database is not there" from every other fault: callers answer 503 for it, never 404 or 500.
import { HubError } from '../errors.ts';

const RETRY_AFTER_S = 5;
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);
/** SQLSTATE: shutdown, crash, starting up, statement and lock time-outs, a standby that only reads yet. */
const STATES = new Set(['57P01', '57P02', '57P03', '57014', '55P03', '25P03', '25P04', '25006']);
/** Classes of SQLSTATE: connection exception, insufficient resources (disk, memory, connections), system error. */
const CLASSES = new Set(['08', '53', '58']);
/** The server ends the session or refuses to begin one: a database that takes nobody, a password that was changed. */
const GIVEN_UP = new Set(['FATAL', 'PANIC']);

function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, severity } = error as Error & { code?: unknown; severity?: unknown };
  if (typeof severity === 'string' && GIVEN_UP.has(severity)) return true;
  if (typeof code === 'string' && (NETWORK.has(code) || STATES.has(code) || CLASSES.has(code.slice(0, 2)))) return true;
  return /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error|not queryable/i.test(
    error.message,
  );
}

/** The error to throw on: `unavailable` for a database that is away or too busy, everything else unchanged. */
export function asHubError(error: unknown): unknown {
  if (error instanceof HubError) return error;
  const root = error instanceof Error && 'original' in error ? error.original : error;
  if (!isUnavailable(root)) return error;
  const unavailable = new HubError('unavailable', 'The database cannot be reached at the moment. Try again shortly.', {
    retryAfter: RETRY_AFTER_S,
  });
  // For the log only: `details` reach the caller.
  unavailable.cause = root;
  return unavailable;
}
