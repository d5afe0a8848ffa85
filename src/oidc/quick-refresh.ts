// The short way of a refresh (RFC 6749 section 6, OIDC Core section 12): the tokens of the client's one application, with the
// rights as they are now, for a refresh token that nobody used yet. Three statements: the token with its session, grant and
// user; the rights; the old token used up and the new one stored, or neither.
import { randomBytes } from 'node:crypto';
import { applicationAudience } from '../clients/audience.ts';
import { artefactHash, grantRef } from '../credentials/artefact-hash.ts';
import { noteUse } from '../credentials/note-session.ts';
import type { Document } from '../provisioning/attribute.ts';
import { recordApplicationUse } from '../users/record-use.ts';
import { decodeSubject } from '../users/subject.ts';
import { artefactValues, findRefreshToken, replaceToken } from './artefact-statements.ts';
import { claimsForScopes, personClaims } from './claims.ts';
import { epoch, ID_TOKEN_S, refreshSeconds } from './lifetimes.ts';
import { admittedRights, signAccessToken, type Issuing } from './quick-access-token.ts';
import type { Asked } from './quick-request.ts';
import { SCOPES } from './resource-servers.ts';

/** As oidc-provider stores it. */
type Refresh = {
  readonly kind: string;
  readonly iat: number;
  readonly exp: number;
  readonly iiat: number;
  readonly accountId: string;
  readonly clientId: string;
  readonly grantId: string;
  readonly gty: string;
  readonly scope: string;
  readonly resource: string;
  readonly rotations?: number;
  readonly sessionUid: string;
  readonly expiresWithSession?: boolean;
  readonly acr?: string;
  readonly amr?: string[];
  readonly authTime?: number;
  readonly nonce?: string;
  readonly sid?: string;
};
/** With any other in it, the token is bound to something that only the provider checks. */
const KNOWN_MEMBERS = new Set<string>([
  ...['kind', 'iat', 'exp', 'iiat', 'accountId', 'clientId', 'grantId', 'gty', 'scope', 'resource', 'rotations'],
  ...['sessionUid', 'expiresWithSession', 'acr', 'amr', 'authTime', 'nonce', 'sid'],
]);

type Grant = {
  readonly accountId: string;
  readonly clientId: string;
  readonly openid?: { readonly scope?: string };
  readonly resources?: Readonly<Record<string, string>>;
  readonly rejected?: object;
};
type Session = { readonly accountId?: string; readonly authorizations?: Record<string, { readonly grantId?: string }> };
type Found = {
  payload: Refresh;
  consumed_at: Date | null;
  document: Document | null;
  session: Session | null;
  grant: Grant | null;
  usedAt: Date | null;
};

export async function refreshedTokens(issuing: Issuing, asked: Asked): Promise<object | undefined> {
  const { settings, keys, now } = issuing;
  const { clientId, application } = asked.client;
  const { refresh_token: old, ...others } = asked.parameters;
  if (old === undefined || application === null || Object.keys(others).length > 0) return undefined;
  const used = artefactHash(old);
  const found = await findRefreshToken<Found>(used, now);
  const audience = applicationAudience(settings.publicUrl, application);
  const subject = found && decodeSubject(found.payload.accountId);
  if (!found?.document || !found.grant || !subject || !settings.catalogue.has(application)) return undefined;
  if (found.payload.clientId !== clientId || found.payload.resource !== audience || !isGood(found)) return undefined;
  const { payload, document, grant } = found;
  const [granted, resource] = [inScope(payload, grant.openid?.scope), inScope(payload, grant.resources?.[audience])];
  if (!granted.includes('openid')) return undefined;
  const rights = await admittedRights(issuing, { subject, application });
  if (!rights) return undefined;

  const { accountId: sub, acr, amr, authTime, nonce, sid } = payload;
  const scope = resource.filter((one) => SCOPES.includes(one)).join(' ');
  const token = signAccessToken(
    issuing,
    { application, subject, rights, sub, clientId },
    // As tokenCustomizer has them (claims.ts).
    { ...(scope !== '' && { scope }), auth_time: authTime, acr, amr, gid: grantRef(payload.grantId) },
  );
  const iat = epoch();
  const person = claimsForScopes(personClaims({ ...subject, document }, rights.roles), granted);
  const known = { acr, amr, auth_time: authTime, nonce, sid, aud: clientId, iat, exp: iat + ID_TOKEN_S };
  const idToken = keys.sign('RS256', { ...person, ...known });
  // Somebody works in an application: a refresh uses the session that it hangs on.
  if (found.session && found.usedAt) await noteUse({ ...subject, uid: payload.sessionUid }, found.usedAt, now);
  const next = await rotate(issuing, payload, used);
  if (next === undefined) return undefined;
  await recordApplicationUse({ ...subject, application, now });
  return { ...token, id_token: idToken, refresh_token: next, scope, token_type: 'Bearer' };
}

/** Nobody used it, its grant is this client's and person's, and the session that it ends with is there. */
function isGood({ payload, consumed_at, session, grant }: Found): boolean {
  const { accountId, clientId, grantId } = payload;
  if (consumed_at !== null || payload.kind !== 'RefreshToken' || payload.exp <= epoch()) return false;
  if (Object.keys(payload).some((name) => !KNOWN_MEMBERS.has(name))) return false;
  if (grant?.accountId !== accountId || grant.clientId !== clientId || grant.rejected !== undefined) return false;
  if (payload.expiresWithSession !== true) return true;
  return session?.accountId === accountId && session.authorizations?.[clientId]?.grantId === grantId;
}

/** The scopes of the token that the grant still gives. */
function inScope({ scope }: Refresh, granted: string | undefined): string[] {
  const held = scope.split(' ');
  return (granted ?? '').split(' ').filter((one) => held.includes(one));
}

/** The next refresh token; undefined where somebody used the old one meanwhile. `used`: artefactHash of that. */
async function rotate({ settings, now }: Issuing, payload: Refresh, used: Buffer): Promise<string | undefined> {
  const offline = payload.scope.split(' ').includes('offline_access');
  const seconds = refreshSeconds(settings.tokens, { offline, iiat: payload.iiat });
  const iat = epoch();
  const gty = payload.gty.endsWith('refresh_token') ? payload.gty : `${payload.gty} refresh_token`;
  const next = randomBytes(32).toString('base64url');
  const stored = { ...payload, iat, exp: iat + seconds, gty, rotations: (payload.rotations ?? 0) + 1 };
  const values = artefactValues('RefreshToken', next, stored, { startedAt: now, expiresIn: seconds });
  return (await replaceToken(values, used, now)) ? next : undefined;
}
