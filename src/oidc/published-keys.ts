// The signing keys as this process knows them now, in the forms that signing and verifying need.
import { createPrivateKey, sign } from 'node:crypto';
import { createLocalJWKSet, jwtVerify, type JWTPayload } from 'jose';
import { loadSigningKeys, signingKeysVersion, type SigningKey } from '../credentials/signing-keys.ts';
import { joseSignature } from './jose-signature.ts';
import { issuerOf } from './oidc-settings.ts';

export type PublishedKeys = {
  readonly version: string;
  readonly keys: readonly SigningKey[];
  /** The claims of an access token of ours (RFC 9068 section 4) whose signature, type, issuer and end are in order. */
  readonly verifyAccessToken: (token: string) => Promise<JWTPayload | undefined>;
  /** A JWT of ours, by the key that signs now: ES256 for access tokens, RS256 for ID tokens. */
  readonly sign: (alg: Algorithm, claims: JWTPayload, typ?: string) => string;
};

type Algorithm = 'ES256' | 'RS256';

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export async function loadPublishedKeys(publicUrl: URL): Promise<PublishedKeys> {
  const version = await signingKeysVersion();
  const keys = await loadSigningKeys();
  const issuer = issuerOf(publicUrl);
  const keySet = createLocalJWKSet({ keys: keys.map((key) => key.publicJwk) });
  const signers = { ES256: activeSigner(keys, 'ES256'), RS256: activeSigner(keys, 'RS256') };
  return {
    version,
    keys,
    verifyAccessToken: async (token) => {
      try {
        const options = {
          issuer,
          typ: 'at+jwt',
          algorithms: ['ES256'],
          requiredClaims: ['exp', 'iat', 'jti', 'sub', 'aud', 'client_id'],
        };
        return (await jwtVerify(token, keySet, options)).payload;
      } catch {
        return undefined;
      }
    },
    // RFC 7515 section 7.1, by hand: a signature takes less than handing it to another thread, where passwords are hashed.
    sign: (alg, claims, typ) => {
      const { kid, key } = signers[alg];
      const content = `${part({ alg, kid, typ })}.${part({ iss: issuer, ...claims })}`;
      const signature = sign('sha256', Buffer.from(content), key);
      return `${content}.${(alg === 'ES256' ? joseSignature(signature) : signature).toString('base64url')}`;
    },
  };
}

function activeSigner(keys: readonly SigningKey[], algorithm: Algorithm) {
  const signer = keys.find((key) => key.algorithm === algorithm && key.state === 'active');
  if (!signer) throw new Error(`There is no active ${algorithm} key`);
  return { kid: signer.kid, key: createPrivateKey({ key: signer.privateJwk, format: 'jwk' }) };
}
