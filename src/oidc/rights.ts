// The rights that a token of this request will carry: asked once a request, and refused here when there are none.
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { applicationOfAudience } from '../clients/audience.ts';
import { findClient } from '../clients/find-client.ts';
import type { TokenRights } from '../entitlements/token-rights.ts';
import { decodeSubject, type Subject } from '../users/subject.ts';
import { forProvider } from './oidc-errors.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { memory } from './request-memory.ts';

/** Undefined: the user, or his organization, is not active. */
export function rightsOf(
  settings: OidcSettings,
  ctx: KoaContextWithOIDC,
  subject: Subject,
  application: string,
): Promise<TokenRights | undefined> {
  const { rights, startedAt } = memory(ctx.req);
  const key = `${subject.organizationId} ${subject.userId} ${application}`;
  let known = rights.get(key);
  if (!known) {
    known = forProvider(() => settings.rights({ ...subject, application, now: startedAt }));
    rights.set(key, known);
  }
  return known;
}

/** True if an application lets this person in: he holds something there, or it admits everyone. */
export function admits(settings: OidcSettings, application: string, rights: TokenRights | undefined): boolean {
  if (!rights) return false;
  return rights.holdsAny || settings.catalogue.get(application)?.admit === 'everyone';
}

/** The application of the asking client, if it has one. */
export async function applicationOf(clientId: string): Promise<string | undefined> {
  return (await forProvider(() => findClient(clientId)))?.application ?? undefined;
}

/** Whose rights the token will carry: the person who signed in, or the client's service user. */
async function subjectOf(ctx: KoaContextWithOIDC): Promise<Subject | undefined> {
  const { account, client } = ctx.oidc;
  if (account) return decodeSubject(account.accountId);
  return client && ((await forProvider(() => findClient(client.clientId)))?.serviceUser ?? undefined);
}

type Granted = { rights: TokenRights; subject: Subject; application: string };

/** At the token endpoint. Throws the OAuth error when the subject is gone or holds nothing any more. */
export async function grantedRights(
  settings: OidcSettings,
  ctx: KoaContextWithOIDC,
  audience: string,
): Promise<Granted> {
  const application = applicationOfAudience(settings.publicUrl, audience);
  const subject = await subjectOf(ctx);
  if (application === undefined || !subject) throw new errors.InvalidTarget();
  const rights = await rightsOf(settings, ctx, subject, application);
  if (rights && admits(settings, application, rights)) return { rights, subject, application };
  if (ctx.oidc.account) throw new errors.InvalidGrant('the user holds no rights in this application');
  if (!rights) throw new errors.InvalidClient('the service user is not active');
  throw new errors.UnauthorizedClient('the service user holds no rights in this application');
}
