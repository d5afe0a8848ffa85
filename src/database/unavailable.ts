// Tells "the database is not there" from every other fault: callers answer 503 for it, never 404 or 500.
import { HubError } from '../errors.ts';

const RETRY_AFTER_S = 5;
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'ENOTFOUND', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH']);
/** SQLSTATE: admin shutdown, crash, cannot connect now, too many connections, statement and lock time-outs. */
const STATES = new Set(['57P01', '57P02', '57P03', '53300', '57014', '55P03', '25P03', '25P04']);

function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as Error & { code?: unknown };
  if (typeof code === 'string' && (NETWORK.has(code) || STATES.has(code) || code.startsWith('08'))) return true;
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
