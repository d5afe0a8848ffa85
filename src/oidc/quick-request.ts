// Reads a request to the token endpoint for the short way (quick-token.ts): its parameters, and a client that has proved
// itself by its secret, or that keeps none. Undefined wherever anything is missing, doubled, unknown or not plain.
import { createHash, timingSafeEqual } from 'node:crypto';
import { parse } from 'node:querystring';
import { findClient, type Client } from '../clients/find-client.ts';

const BASIC = /^basic ([A-Za-z0-9+/]+={0,2})$/i;
/** Ids, secrets and tokens as we make them. */
const PLAIN = /^[A-Za-z0-9._~-]+$/;
const SECRET_METHODS: readonly unknown[] = ['client_secret_basic', 'client_secret_post'];
/** Client metadata (OpenID Connect Registration 1.0) that changes nothing of what is done here, or is read here. */
const KNOWN_METADATA = new Set([
  'application_type',
  'backchannel_logout_session_required',
  'backchannel_logout_uri',
  'grant_types',
  'post_logout_redirect_uris',
  'redirect_uris',
  'response_types',
  'scope',
  'token_endpoint_auth_method',
]);

type Fields = Readonly<Record<string, string>>;
/** `parameters`: what is left besides the grant type and the client's credentials. */
export type Asked = { readonly grantType: string; readonly client: Client; readonly parameters: Fields };

export async function readAsked(body: string, authorization: string | undefined): Promise<Asked | undefined> {
  const fields = singleFields(body);
  if (!fields) return undefined;
  const { grant_type: grantType, client_id, client_secret, ...parameters } = fields;
  const [clientId, secret] =
    authorization === undefined ? [client_id, client_secret] : basic(authorization, client_id, client_secret);
  if (grantType === undefined || clientId === undefined || !PLAIN.test(clientId)) return undefined;
  const client = await findClient(clientId);
  if (!client || !isKnown(client, grantType) || !isProven(client, secret)) return undefined;
  return { grantType, client, parameters };
}

function singleFields(body: string): Fields | undefined {
  const fields = parse(body);
  const single = Object.values(fields).every((value) => typeof value === 'string' && value !== '');
  return single ? (fields as Fields) : undefined;
}

/** RFC 6749 section 2.3.1. */
function basic(authorization: string, clientId: string | undefined, secret: string | undefined): string[] {
  const encoded = BASIC.exec(authorization)?.[1];
  if (encoded === undefined || encoded.length % 4 !== 0 || secret !== undefined) return [];
  const [named, given, ...more] = Buffer.from(encoded, 'base64').toString().split(':').map(formDecoded);
  if (named === undefined || given === undefined || more.length > 0) return [];
  return clientId === undefined || clientId === named ? [named, given] : [];
}

function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return '';
  }
}

function isKnown({ metadata }: Client, grantType: string): boolean {
  const grants = metadata['grant_types'];
  return (
    Array.isArray(grants) &&
    grants.includes(grantType) &&
    Object.keys(metadata).every((name) => KNOWN_METADATA.has(name))
  );
}

/** Of a secret only its SHA-256 is kept; both sides have 32 bytes, compared in constant time. */
function isProven({ metadata, secretHash }: Client, secret: string | undefined): boolean {
  const method = metadata['token_endpoint_auth_method'];
  if (method === 'none') return secret === undefined;
  if (!SECRET_METHODS.includes(method) || !secretHash || secret === undefined || !PLAIN.test(secret)) return false;
  const actual = createHash('sha256').update(secret).digest();
  return secretHash.length === actual.length && timingSafeEqual(secretHash, actual);
}
