// When a person must see a page before an application gets its code (OIDC Core 3.1.2.3), in order: sign in, be told that
// he holds nothing there, and consent where the application asks for it. First-party applications need no consent.
import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { decodeSubject } from '../users/subject.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { admits, applicationOf, rightsOf } from './rights.ts';

export const NO_ACCESS = 'no_access';

const { Check, Prompt, base } = interactionPolicy;

/** The user behind the session was deactivated, or erased, while he was signing in: the sign-in page, not an error. */
const accountGone = new Check(
  'account_gone',
  'End-User authentication is required',
  'login_required',
  (ctx) => ctx.oidc.session?.accountId !== undefined && !ctx.oidc.account,
);

/** The application's link names an organization and the session belongs to another one. */
const otherOrganization = new Check(
  'other_organization',
  'another organization was asked for',
  'login_required',
  (ctx) => {
    const wanted = ctx.oidc.params?.['organization'];
    const sub = ctx.oidc.session?.accountId;
    return typeof wanted === 'string' && sub !== undefined && decodeSubject(sub)?.organizationId !== wanted;
  },
);

/** Anybody on the machine can pose as a native client: no code without a person's act (RFC 8252 section 8.6). */
const nativeNeedsPerson = new Check(
  'native_client',
  'native clients require End-User interaction',
  'interaction_required',
  (ctx) => ctx.oidc.client?.applicationType === 'native' && !ctx.oidc.result?.login,
);

export function createInteractionPolicy(settings: OidcSettings) {
  const holdsNothing = new Check(
    'holds_nothing',
    'the End-User holds no rights in this application',
    'access_denied',
    async (ctx) => !(await mayEnter(settings, ctx)),
  );
  const policy = base();
  for (const check of [accountGone, otherOrganization, nativeNeedsPerson]) policy.get('login')?.checks.add(check);
  policy.add(new Prompt({ name: NO_ACCESS, requestable: false }, holdsNothing), 1);
  const consent = policy.get('consent');
  for (const { reason } of [...(consent?.checks ?? [])])
    if (reason !== 'consent_prompt') consent?.checks.remove(reason);
  return policy;
}

async function mayEnter(settings: OidcSettings, ctx: KoaContextWithOIDC): Promise<boolean> {
  const subject = ctx.oidc.account && decodeSubject(ctx.oidc.account.accountId);
  const application = ctx.oidc.client && (await applicationOf(ctx.oidc.client.clientId));
  if (!subject || application === undefined) return true;
  return admits(settings, application, await rightsOf(settings, ctx, subject, application));
}
