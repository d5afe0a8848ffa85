// The logout token (OpenID Connect Back-Channel Logout 1.0 section 2.4), signed as the application's ID tokens are. Made
// anew for each attempt: it lives two minutes.
import { importJWK, SignJWT } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import type { Client } from '../clients/find-client.ts';
import { loadSigningKeys, signingKeysVersion, type SigningKey } from '../credentials/signing-keys.ts';
import { encodeSubject } from '../users/subject.ts';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const LIFE_S = 120;

/** Opening the private keys costs more than asking whether they are still the same. */
let known: { version: string; keys: readonly SigningKey[] } | undefined;

async function activeKey(algorithm: string): Promise<SigningKey> {
  const version = await signingKeysVersion();
  if (known?.version !== version) known = { version, keys: await loadSigningKeys() };
  const key = known.keys.find((one) => one.algorithm === algorithm && one.state === 'active');
  if (!key) throw new Error(`There is no active ${algorithm} key`);
  return key;
}

type LogoutToken = {
  readonly issuer: string;
  readonly client: Client;
  readonly organizationId: string;
  readonly userId: string;
  readonly sid: string | null;
  readonly now: Date;
};

export async function logoutToken({ issuer, client, organizationId, userId, sid, now }: LogoutToken): Promise<string> {
  const { id_token_signed_response_alg: asked, backchannel_logout_session_required: named } = client.metadata;
  const key = await activeKey(typeof asked === 'string' ? asked : 'RS256');
  const issuedAt = Math.floor(now.getTime() / 1000);
  return new SignJWT({ events: { [EVENT]: {} }, ...(named === true && sid !== null && { sid }) })
    .setProtectedHeader({ alg: key.algorithm, kid: key.kid, typ: 'logout+jwt' })
    .setIssuer(issuer)
    .setAudience(client.clientId)
    .setSubject(encodeSubject(organizationId, userId))
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + LIFE_S)
    .setJti(uuidv7())
    .sign(await importJWK(key.privateJwk, key.algorithm));
}
