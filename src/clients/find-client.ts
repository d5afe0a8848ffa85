// Finds a client. An answer is kept for at most a second, in this process only: a client that ends or changes is known
// everywhere within that second, and the token endpoint does not ask for it at each request.
import { ClientModel } from '../database/models/client.ts';

export type Client = {
  readonly clientId: string;
  readonly name: string;
  readonly application: string | null;
  readonly serviceUser: { readonly organizationId: string; readonly userId: string } | null;
  /** The provisioning connection for which it speaks SCIM. */
  readonly connection: { readonly organizationId: string; readonly connectionId: string } | null;
  /** OpenID Connect Registration 1.0 names. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly secretHash: Buffer | null;
};

const KEPT_MS = 1000;
const MOST_KEPT = 10_000;
const kept = new Map<string, { client: Promise<Client | undefined>; until: number }>();

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

export function clientOf(row: ClientModel): Client {
  const { clientId, name, application, organizationId, serviceUserId, connectionId, metadata, secretHash } = row;
  return {
    clientId,
    name,
    application,
    serviceUser: organizationId && serviceUserId ? { organizationId, userId: serviceUserId } : null,
    connection: organizationId && connectionId ? { organizationId, connectionId } : null,
    metadata,
    secretHash,
  };
}

async function load(clientId: string): Promise<Client | undefined> {
  const row = await ClientModel.findOne({ where: { clientId, endedAt: null } });
  return row ? clientOf(row) : undefined;
}
