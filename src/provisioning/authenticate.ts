// From a bearer token to its connection: one of the connection's own tokens, or an access token of one of its clients.
// What is ended, revoked or suspended opens nothing.
import { artefactHash } from '../credentials/artefact-hash.ts';
import { notRevoked } from '../credentials/live-user.ts';
import { prepared, query, queryOne } from '../database/query.ts';
import { isId } from '../users/is-id.ts';
import { hashToken } from './connection.ts';
import { readConnectionSettings } from './connection-settings.ts';
import { keepToken, keptToken, type Authenticated, type TokenScope } from './kept-tokens.ts';

const TOUCH_MS = 60_000;
const MAX_TOKEN = 512;

const touched = new Map<string, number>();

const CONNECTION = `c.id as "connectionId", c.name as "connectionName", c.settings`;
const LIVE = (owner: string) => `join provisioning_connections c on c.organization_id = ${owner}.organization_id
     and c.id = ${owner}.connection_id and c.ended_at is null
   join organizations o on o.id = ${owner}.organization_id and o.state = 'active'`;

const FIND = prepared(
  'provisioning_token_find',
  `select t.organization_id as "organizationId", t.id as "tokenId", null as "clientId", t.scopes, ${CONNECTION}
   from provisioning_tokens t ${LIVE('t')}
   where t.organization_id = $1 and t.secret_hash = $2 and t.revoked_at is null and (t.expires_at is null or t.expires_at > now())`,
);

const FIND_CLIENT = prepared(
  'provisioning_client_find',
  `select k.organization_id as "organizationId", null as "tokenId", k.client_id as "clientId", $3::text[] as scopes, ${CONNECTION}
   from clients k ${LIVE('k')}
   where k.client_id = $1 and k.ended_at is null and ${notRevoked(2)}`,
);

/** Written at most once a minute and token: the time of last use is for people. */
function touch(organizationId: string, tokenId: string, now: number): void {
  if (now - (touched.get(tokenId) ?? 0) < TOUCH_MS) return;
  touched.set(tokenId, now);
  void query('update provisioning_tokens set last_used_at = now() where organization_id = $1 and id = $2', [
    organizationId,
    tokenId,
  ]).catch(() => touched.delete(tokenId));
}

const withSettings = (row: Authenticated | undefined): Authenticated | undefined =>
  row && { ...row, settings: readConnectionSettings(row.settings) };

/** The live connection of a token, or nothing for a token that is unknown, expired, revoked or malformed. */
export async function authenticate(token: string): Promise<Authenticated | undefined> {
  const organizationId = token.slice(0, token.indexOf('.'));
  if (token.length > MAX_TOKEN || !isId(organizationId)) return undefined;
  const now = Date.now();
  const hash = hashToken(token);
  const key = hash.toString('base64url');
  const known = keptToken(key, now);
  if (known) return known.found;
  const found = withSettings(await queryOne<Authenticated>(FIND, [organizationId, hash]));
  keepToken(key, found, now);
  if (found?.tokenId) touch(found.organizationId, found.tokenId, now);
  return found;
}

/** An access token whose signature, type, issuer, audience and end are in order. */
export type ClientToken = { readonly clientId: string; readonly jti: string; readonly scopes: readonly TokenScope[] };

/** The live connection of a client's access token. Asked anew for each request: what has ended is refused at once. */
export const authenticateClient = async ({ clientId, jti, scopes }: ClientToken): Promise<Authenticated | undefined> =>
  withSettings(await queryOne<Authenticated>(FIND_CLIENT, [clientId, artefactHash(jti), scopes]));
