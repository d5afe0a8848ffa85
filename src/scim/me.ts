// /Me (RFC 7644 section 3.11): the user behind an access token reads his own record. Not for a connection's token, which
// stands for nobody; and only to read, since the record belongs to the organization.
import type { Request } from 'express';
import type { Logger } from 'pino';
import { USER_ATTRIBUTES } from '../provisioning/attribute-index.ts';
import { readUser } from '../provisioning/read-users.ts';
import { ScimError, notAllowed } from './errors.ts';
import type { Answer } from './exchange.ts';
import { isUnchanged } from './preconditions.ts';
import { parseSelection } from './project.ts';
import { renderStoredUser, withRequested } from './users.ts';

/** The live user of an access token for this resource with the scope `scim:me`; undefined for any other token. */
export type VerifyMe = (
  token: string,
) => Promise<{ readonly organizationId: string; readonly userId: string } | undefined>;

type Settings = { readonly me?: VerifyMe; readonly baseUrl: string; readonly requestId: string; readonly log: Logger };

/** Throws 401, 404, 405, and 501 where nothing verifies access tokens. */
export async function me(
  req: Request,
  path: readonly string[],
  { me: verify, baseUrl, requestId, log }: Settings,
): Promise<Answer> {
  if (!verify) throw new ScimError(501, undefined, '/Me is not available here.');
  if (path.length > 1) throw new ScimError(404, undefined, 'There is no such endpoint.');
  const token = /^Bearer +(\S+)$/i.exec(req.headers.authorization ?? '')?.[1];
  const subject = token === undefined ? undefined : await verify(token);
  if (!subject) throw new ScimError(401, undefined, 'An access token of a user with the scope scim:me is required.');
  if (req.method !== 'GET' && req.method !== 'HEAD') throw notAllowed(req.method, ['GET']);
  const { organizationId, userId } = subject;
  const query = new URL(req.url, baseUrl).searchParams;
  const selection = parseSelection(
    { attributes: query.get('attributes'), excludedAttributes: query.get('excludedAttributes') },
    USER_ATTRIBUTES,
  );
  const actor = { kind: 'user', id: userId, organizationId, label: 'himself' } as const;
  const ctx = { organizationId, actor, requestId, now: new Date(), log };
  const found = await readUser(ctx, userId, baseUrl);
  const [stored = found] = await withRequested(ctx, [found], selection);
  const { version } = stored;
  if (isUnchanged(req.headers['if-none-match'], version)) return { status: 304, version };
  return {
    status: 200,
    body: renderStoredUser(stored, baseUrl, selection),
    version,
    location: `${baseUrl}/Users/${userId}`,
  };
}
