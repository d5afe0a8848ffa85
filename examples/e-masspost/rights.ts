// Reads the rights of a verified access token: from the token itself, or, where they were too large for it, from the hub
// (`_claim_names`, `_claim_sources`: OIDC Core 5.6.2). A token with neither claim means no rights at all.
import { jwtVerify } from 'jose';
import { z } from 'zod';
import { refusing, TokenRefused, type AccessToken, type TokenChecks } from './access-token.ts';
import type { Element } from './enforce.ts';
import { HubUnreachable } from './hub.ts';

/** The rights changed after the token was issued: get a new token. */
export class StaleRights extends TokenRefused {}

export type ReadRights = (token: AccessToken) => Promise<readonly Element[]>;

const list = z.array(z.string()).optional();
const ElementClaim = z.object({
  identifier: z.string().min(1),
  privileges: z.array(z.string()),
  products: list,
  borderels: list,
  contracts: list,
  billing_addresses: list,
  for: z.object({ organization: z.string(), via: z.array(z.string()) }).optional(),
  not_after: z.number().optional(),
});
const Reference = z.object({
  _claim_names: z.object({ authorization_details: z.string() }),
  _claim_sources: z.record(z.string(), z.looseObject({ endpoint: z.string().optional() })),
});

const MOST_KEPT = 500;

export function rightsReader(checks: TokenChecks): ReadRights {
  // Equal `ent_v` means equal rights, so what was fetched once serves every later token of the same rights.
  const kept = new Map<string, readonly Element[]>();
  return async (token) => {
    const { claims } = token;
    if (claims['authorization_details'] !== undefined)
      return readElements(claims['authorization_details'], checks.issuer);
    const reference = Reference.safeParse(claims);
    if (!reference.success) return [];
    const key = JSON.stringify([claims.sub, claims.ent_v]);
    const known = kept.get(key);
    if (known !== undefined) return known;
    const { _claim_names, _claim_sources } = reference.data;
    const source = _claim_sources[_claim_names.authorization_details]?.endpoint;
    if (source === undefined) throw new TokenRefused('The token names a claim source that it does not describe');
    const elements = await fetchElements(source, token, checks);
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(key, elements);
    return elements;
  };
}

/** Elements of other types are not ours and give nothing; one of ours that cannot be read spoils the token. */
function readElements(details: unknown, issuer: string): readonly Element[] {
  const type = `${issuer}/rar/entitlement/v1`;
  const all = z.array(z.looseObject({ type: z.string() })).safeParse(details);
  if (!all.success) throw new TokenRefused('authorization_details is no list of typed elements', all.error);
  const ours = z.array(ElementClaim).safeParse(all.data.filter((element) => element.type === type));
  if (!ours.success) throw new TokenRefused('An element of authorization_details cannot be read', ours.error);
  return ours.data;
}

async function fetchElements(
  source: string,
  { raw, claims }: AccessToken,
  checks: TokenChecks,
): Promise<readonly Element[]> {
  // The access token is sent there: never to another host than the one that issued it.
  if (!URL.canParse(source) || new URL(source).origin !== new URL(checks.issuer).origin) {
    throw new TokenRefused('The claim source is not a place of the hub');
  }
  const { payload } = await refusing(
    jwtVerify(await fetchJwt(source, raw), await checks.keys(), {
      algorithms: ['ES256', 'RS256'],
      issuer: checks.issuer,
      subject: claims.sub,
      audience: claims.client_id,
      requiredClaims: ['exp', 'iat', 'ent_v', 'authorization_details'],
      clockTolerance: 5,
    }),
  );
  if (payload['ent_v'] !== claims.ent_v) throw new StaleRights('The rights changed after the token was issued');
  return readElements(payload['authorization_details'], checks.issuer);
}

async function fetchJwt(source: string, accessToken: string): Promise<string> {
  const headers = { authorization: `Bearer ${accessToken}`, accept: 'application/jwt' };
  const signal = AbortSignal.timeout(5000);
  const answer = await fetch(source, { headers, redirect: 'error', signal }).catch((error: unknown) => {
    throw new HubUnreachable(error);
  });
  if (answer.status === 401 || answer.status === 403) throw new TokenRefused('The claim source refused the token');
  if (!answer.ok) throw new HubUnreachable(new Error(`The claim source answered ${answer.status}`));
  return answer.text();
}
