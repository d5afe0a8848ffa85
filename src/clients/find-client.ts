// Finds a client. An answer is kept for at most a second, in this process only: a client that ends or changes is known
// everywhere within that second, and the token endpoint does not ask for it at each request.
import { prepared, queryOne } from '../database/query.ts';

export type Client = {
  readonly clientId: string;
  readonly name: string;
  readonly application: string | null;
  readonly serviceUser: { readonly organizationId: string; readonly userId: string } | null;
  /** OpenID Connect Registration 1.0 names. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly secretHash: Buffer | null;
};

const KEPT_MS = 1000;
const MOST_KEPT = 10_000;
const kept = new Map<string, { client: Promise<Client | undefined>; until: number }>();

export type ClientRow = {
  client_id: string;
  name: string;
  application: string | null;
  organization_id: string | null;
  service_user_id: string | null;
  metadata: Record<string, unknown>;
  secret_hash: Buffer | null;
};

export const CLIENT_COLUMNS = 'client_id, name, application, organization_id, service_user_id, metadata, secret_hash';

const FIND = prepared(
  'client_find',
  `select ${CLIENT_COLUMNS}
   from clients where client_id = $1 and ended_at is null`,
);

/** Undefined for one that is unknown or has ended. */
export function findClient(clientId: string): Promise<Client | undefined> {
  const now = performance.now();
  const known = kept.get(clientId);
  if (known && known.until > now) return known.client;
  if (kept.size >= MOST_KEPT) kept.clear();
  const client = load(clientId);
  kept.set(clientId, { client, until: now + KEPT_MS });
  // A failure, and a name that nobody has, are asked again.
  client.then((found) => found ?? kept.delete(clientId)).catch(() => kept.delete(clientId));
  return client;
}

/** Forgets what this process knows, after a change it made itself. */
export function forgetClient(clientId: string): void {
  kept.delete(clientId);
}

export const clientOf = (row: ClientRow): Client => ({
  clientId: row.client_id,
  name: row.name,
  application: row.application,
  serviceUser:
    row.organization_id && row.service_user_id
      ? { organizationId: row.organization_id, userId: row.service_user_id }
      : null,
  metadata: row.metadata,
  secretHash: row.secret_hash,
});

async function load(clientId: string): Promise<Client | undefined> {
  const row = await queryOne<ClientRow>(FIND, [clientId]);
  return row && clientOf(row);
}
