// Validates an access token as a resource server must (RFC 9068 section 4). Which rights it carries is read by rights.ts.
import { errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { HubUnreachable } from './hub.ts';

/** Not a token for us. The message is for the log, never for the caller. */
export class TokenRefused extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'TokenRefused';
  }
}

const Claims = z.looseObject({
  sub: z.string().min(1),
  client_id: z.string().min(1),
  iat: z.number(),
  exp: z.number(),
  ent_v: z.string().optional(),
});

export type AccessToken = {
  /** As it came, to be shown to the hub again. */
  readonly raw: string;
  readonly claims: z.infer<typeof Claims>;
};

/** Never the library's default list: an algorithm that is not named here cannot be used against us (RFC 8725 section 3.1). */
const ALGORITHMS = ['ES256'];

export type TokenChecks = {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: () => Promise<JWTVerifyGetKey>;
};

/** Throws TokenRefused for a token that is not for us, HubUnreachable where the keys cannot be had. */
export async function verifyAccessToken(raw: string, { issuer, audience, keys }: TokenChecks): Promise<AccessToken> {
  const { payload } = await refusing(
    jwtVerify(raw, await keys(), {
      typ: 'at+jwt',
      algorithms: ALGORITHMS,
      issuer,
      audience,
      requiredClaims: ['exp', 'iat', 'sub', 'jti', 'client_id'],
      clockTolerance: 5,
    }),
  );
  const claims = Claims.safeParse(payload);
  if (!claims.success) throw new TokenRefused('The claims have the wrong form', claims.error);
  return { raw, claims: claims.data };
}

const NO_ANSWER = new Set(['ERR_JWKS_TIMEOUT', 'ERR_JOSE_GENERIC', 'ERR_JWKS_INVALID']);

/** Tells a bad token from a hub that does not answer: the second is nobody's fault and passes. */
export async function refusing<T>(verification: Promise<T>): Promise<T> {
  try {
    return await verification;
  } catch (error) {
    if (error instanceof errors.JOSEError && !NO_ANSWER.has(error.code)) throw new TokenRefused(error.message, error);
    throw new HubUnreachable(error);
  }
}
