// The state of a user as every door must read it: he and his organization are active now. Also what an access token that
// was issued earlier is worth now, in one statement.
import { prepared, query, queryOne } from '../database/query.ts';
import type { Document } from '../provisioning/attribute.ts';
import { artefactHash } from './artefact-hash.ts';

export type LiveUser = { organizationId: string; userId: string; document: Document };
export type LiveUserOfOrganization = LiveUser & { organizationName: string };

const LIVE = prepared(
  'live_user',
  `select u.document, o.name from users u join organizations o on o.id = u.organization_id
   where u.organization_id = $1 and u.id = $2 and u.active and u.deleted_at is null and o.state = 'active'`,
);

export async function findLiveUser(
  organizationId: string,
  userId: string,
): Promise<LiveUserOfOrganization | undefined> {
  const row = await queryOne<{ document: Document; name: string }>(LIVE, [organizationId, userId]);
  return row && { organizationId, userId, document: row.document, organizationName: row.name };
}

export type IssuedToken = {
  organizationId: string;
  userId: string;
  clientId: string;
  /** Grant that it hangs on (grantRef); none for client credentials. */
  grant: string | undefined;
  jti: string;
  /** Epoch seconds. */
  issuedAt: number;
};

const REVOKED = 'RevokedToken';

/** SQL: nobody revoked the token whose `jti` has the hash in the placeholder (artefactHash). */
export const notRevoked = (placeholder: number): string =>
  `not exists (select 1 from oidc_artefacts r where r.model = '${REVOKED}' and r.id_hash = $${placeholder})`;

// `iat` has whole seconds; within the second of tokens_valid_from the grant, which has all digits, decides.
const TOKEN_USER = prepared(
  'live_token',
  `select u.document from users u join organizations o on o.id = u.organization_id
   where u.organization_id = $1 and u.id = $2 and u.active and u.deleted_at is null and o.state = 'active'
     and date_trunc('second', u.tokens_valid_from) <= to_timestamp($3)
     and exists (select 1 from clients c where c.client_id = $4 and c.ended_at is null)
     and ($5::text is null or exists (select 1 from oidc_artefacts g where g.grant_id = $5 and g.model = 'Grant'
       and g.issued_at >= u.tokens_valid_from and g.expires_at > $7))
     and ${notRevoked(6)}`,
);

/** The user of an access token that still counts: user, organization, client and grant are alive, and nobody revoked it. */
export async function findTokenUser(token: IssuedToken, now: Date): Promise<LiveUser | undefined> {
  const { organizationId, userId, issuedAt, clientId, grant, jti } = token;
  const values = [organizationId, userId, issuedAt, clientId, grant ?? null, artefactHash(jti), now];
  const row = await queryOne<{ document: Document }>(TOKEN_USER, values);
  return row && { organizationId, userId, document: row.document };
}

/** Ends the token's grant with all that hangs on it; a token without one is remembered as revoked until it ends. */
export async function revokeToken(token: Pick<IssuedToken, 'grant' | 'jti'>, expiresAt: Date): Promise<void> {
  if (token.grant !== undefined) {
    await query('delete from oidc_artefacts where grant_id = $1', [token.grant]);
    return;
  }
  await query(
    `insert into oidc_artefacts (model, id_hash, payload, expires_at) values ('${REVOKED}', $1, '{}', $2) on conflict do nothing`,
    [artefactHash(token.jti), expiresAt],
  );
}
