// From a bearer token to its connection. The answer is kept for at most a second in this process: so long may a
// revoked token or a suspended organization still be answered, and no longer.
import { prepared, query, queryOne } from '../database/query.ts';
import { isId } from '../users/is-id.ts';
import { hashToken, type TokenScope } from './connection.ts';
import { readConnectionSettings, type ConnectionSettings } from './connection-settings.ts';

export type Authenticated = {
  organizationId: string;
  connectionId: string;
  connectionName: string;
  tokenId: string;
  scopes: readonly TokenScope[];
  settings: ConnectionSettings;
};

const KEEP_MS = 1000;
const MAX_KEPT = 10_000;
const TOUCH_MS = 60_000;
const MAX_TOKEN = 512;

type Kept = { found: Authenticated | undefined; until: number };
const kept = new Map<string, Kept>();
const touched = new Map<string, number>();

const FIND = prepared(
  'provisioning_token_find',
  `select t.organization_id as "organizationId", t.connection_id as "connectionId", c.name as "connectionName", t.id as "tokenId", t.scopes, c.settings
   from provisioning_tokens t
   join provisioning_connections c on c.organization_id = t.organization_id and c.id = t.connection_id and c.ended_at is null
   join organizations o on o.id = t.organization_id and o.state = 'active'
   where t.organization_id = $1 and t.secret_hash = $2 and t.revoked_at is null and (t.expires_at is null or t.expires_at > now())`,
);

/** Written at most once a minute and token: the time of last use is for people. */
function touch(token: Authenticated, now: number): void {
  if (now - (touched.get(token.tokenId) ?? 0) < TOUCH_MS) return;
  touched.set(token.tokenId, now);
  void query('update provisioning_tokens set last_used_at = now() where organization_id = $1 and id = $2', [
    token.organizationId,
    token.tokenId,
  ]).catch(() => touched.delete(token.tokenId));
}

/** The live connection of a token, or nothing for a token that is unknown, expired, revoked or malformed. */
export async function authenticate(token: string): Promise<Authenticated | undefined> {
  const organizationId = token.slice(0, token.indexOf('.'));
  if (token.length > MAX_TOKEN || !isId(organizationId)) return undefined;
  const now = Date.now();
  const hash = hashToken(token);
  const key = hash.toString('base64url');
  const known = kept.get(key);
  if (known && known.until > now) return known.found;
  const row = await queryOne<Authenticated>(FIND, [organizationId, hash]);
  const found = row && { ...row, settings: readConnectionSettings(row.settings) };
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(key, { found, until: now + KEEP_MS });
  if (found) touch(found, now);
  return found;
}
