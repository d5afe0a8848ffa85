// The connection to the hub: its metadata (OIDC Discovery 1.0) and its keys, both fetched when first needed, so that the
// example may start before the hub does, and kept. A failed fetch is not kept.
import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose';
import * as client from 'openid-client';
import { allowsPlainHttp, type Settings } from './settings.ts';

/** The hub gave no answer, or none that can be read: try later. */
export class HubUnreachable extends Error {
  constructor(cause: unknown) {
    super('The hub cannot be reached', { cause });
    this.name = 'HubUnreachable';
  }
}

export type Hub = {
  /** Throws HubUnreachable. */
  readonly configuration: () => Promise<client.Configuration>;
  /** The hub's public keys. jose keeps the set for ten minutes and fetches it again, at most every 30 s, for an unknown key id. */
  readonly keys: () => Promise<JWTVerifyGetKey>;
};

type Connection = { readonly configuration: client.Configuration; readonly keys: JWTVerifyGetKey };

export function connectHub(settings: Settings): Hub {
  let connection: Promise<Connection> | undefined;
  const connected = (): Promise<Connection> => {
    connection ??= connect(settings).catch((error: unknown) => {
      connection = undefined;
      throw new HubUnreachable(error);
    });
    return connection;
  };
  return {
    configuration: async () => (await connected()).configuration,
    keys: async () => (await connected()).keys,
  };
}

async function connect({ issuer, clientId, clientSecret }: Settings): Promise<Connection> {
  const server = new URL(issuer);
  const configuration = await client.discovery(server, clientId, undefined, client.ClientSecretBasic(clientSecret), {
    // Signatures of ID tokens are checked although they come straight from the token endpoint: on loopback there is no TLS.
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so that nobody does it by accident; only loopback gets here
    execute: [client.enableNonRepudiationChecks, ...(allowsPlainHttp(server) ? [client.allowInsecureRequests] : [])],
    timeout: 5,
  });
  const { jwks_uri } = configuration.serverMetadata();
  if (jwks_uri === undefined) throw new Error('The hub publishes no keys');
  return { configuration, keys: createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: 5000 }) };
}
