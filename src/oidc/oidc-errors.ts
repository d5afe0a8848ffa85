// The domain's errors in the words of OAuth 2.0 (RFC 6749 section 5.2).
import Provider, { errors } from 'oidc-provider';
import { HubError } from '../errors.ts';

/** A database that is away is `temporarily_unavailable` with 503, so that clients try again instead of signing people out. */
function asOidcError(error: unknown): unknown {
  if (!(error instanceof HubError) || error.code !== 'unavailable') return error;
  const retryAfter = error.details['retryAfter'];
  if (typeof retryAfter === 'number') Provider.ctx?.set('Retry-After', String(retryAfter));
  const away = new errors.TemporarilyUnavailable(error.message);
  return Object.assign(away, { status: 503, statusCode: 503, expose: true });
}

/** Runs domain work for the provider. */
export async function forProvider<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asOidcError(error);
  }
}
