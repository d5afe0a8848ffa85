// From a bearer token (RFC 6750) to the operator who acts, and whether its roles allow the operation.
import type { Actor } from '../context.ts';
import { findApiToken, type ApiToken } from '../organizations/api-token.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import type { Method, Operation } from './operation.ts';
import { mayDo, rolesWith } from '../organizations/permissions.ts';
import { RequestProblem } from './problems.ts';

const REALM = 'Bearer realm="api"';

function unauthorized(given: boolean): RequestProblem {
  const detail = given
    ? 'This API token is unknown, expired or revoked.'
    : 'An API token is required: Authorization: Bearer mandate_...';
  return new RequestProblem(
    { status: 401, code: 'invalid_credentials', detail },
    { 'WWW-Authenticate': given ? `${REALM}, error="invalid_token"` : REALM },
  );
}

/** Throws RequestProblem 401. */
export async function authenticate(authorization: string | undefined): Promise<ApiToken> {
  if (authorization === undefined) throw unauthorized(false);
  const [scheme = '', token = '', ...rest] = authorization.split(' ');
  const found = scheme.toLowerCase() === 'bearer' && rest.length === 0 ? await findApiToken(token) : undefined;
  if (!found) throw unauthorized(true);
  return found;
}

export const actorOf = (token: ApiToken): Actor => ({ kind: 'operator', id: token.id, label: token.name });

const isRead = (method: Method): boolean => method === 'get';

/** Throws RequestProblem 403. `organizationId`: in which the operation works. */
export function authorize(token: ApiToken, operation: Operation, organizationId: string | undefined): void {
  const { needs, method } = operation;
  if (needs === null) return;
  // Whoever controls the operator's own people controls the hub.
  const ownersOnly = organizationId === OPERATOR_ORGANIZATION_ID && !isRead(method);
  const roles = ownersOnly ? (['owner'] as const) : rolesWith(needs);
  if (ownersOnly ? token.roles.includes('owner') : mayDo(token.roles, needs)) return;
  throw new RequestProblem(
    {
      status: 403,
      code: 'not_permitted',
      detail: `This API token may not do this: one of the roles ${roles.join(', ')} is needed.`,
      details: { roles },
    },
    { 'WWW-Authenticate': `${REALM}, error="insufficient_scope"` },
  );
}
