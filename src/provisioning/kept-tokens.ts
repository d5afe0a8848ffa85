// What this process knows of bearer tokens, for at most a second: so long may a revoked token or a suspended organization
// still be answered by another process, and no longer. The one that made a change knows it at once.
import type { ConnectionSettings } from './connection-settings.ts';

export type TokenScope = 'read' | 'write';

export type Authenticated = {
  organizationId: string;
  connectionId: string;
  connectionName: string;
  /** Null: it came with an access token of the client. */
  tokenId: string | null;
  clientId: string | null;
  scopes: readonly TokenScope[];
  settings: ConnectionSettings;
};

const KEEP_MS = 1000;
const MAX_KEPT = 10_000;

type Kept = { readonly found: Authenticated | undefined; readonly until: number };
const kept = new Map<string, Kept>();

/** `key`: of the token's hash. Undefined where the database has to be asked. */
export function keptToken(key: string, now: number): Kept | undefined {
  const known = kept.get(key);
  return known && known.until > now ? known : undefined;
}

export function keepToken(key: string, found: Authenticated | undefined, now: number): void {
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(key, { found, until: now + KEEP_MS });
}

/** After a change of the connection or one of its tokens is committed. */
export function forgetConnection(connectionId: string): void {
  const id = connectionId.toLowerCase();
  for (const [key, { found }] of kept) if (found?.connectionId === id) kept.delete(key);
}
