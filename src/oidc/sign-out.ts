// The pages around signing out (OpenID Connect RP-Initiated Logout 1.0): the question, and the end.
import type { KoaContextWithOIDC } from 'oidc-provider';
import { applicationLabel } from './application-label.ts';
import { responseOf, showPage } from './koa-pages.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { allowFormTargets } from '../web/headers.ts';
import { sessionOf } from '../web/sign-in-door.ts';

export function signOutPages(settings: OidcSettings) {
  const { render, site } = settings;
  return {
    async logoutSource(ctx: KoaContextWithOIDC): Promise<void> {
      const { session, client } = ctx.oidc;
      const state = session?.state as { secret?: string; postLogoutRedirectUri?: string } | undefined;
      const back =
        state?.postLogoutRedirectUri ?? (ctx.oidc.params?.['post_logout_redirect_uri'] as string | undefined);
      const application = client && (await applicationLabel(settings, responseOf(ctx), client.clientId));
      // The form ends, after redirects, at the application.
      allowFormTargets(responseOf(ctx), back === undefined ? [] : [back]);
      showPage(ctx, render, 'sign-in/sign-out', {
        action: ctx.oidc.urlFor('end_session_confirm'),
        ...(application !== undefined && { application }),
        hidden: [{ name: 'xsrf', value: state?.secret ?? '' }],
        confirm: { name: 'logout', value: 'yes' },
      });
    },
    async postLogoutSuccessSource(ctx: KoaContextWithOIDC): Promise<void> {
      const { client } = ctx.oidc;
      const res = responseOf(ctx);
      if (!(await sessionOf(res.req, site)))
        return showPage(ctx, render, 'sign-in/signed-out', { signInHref: site.links.home });
      // He said no. The one application that asked has been told all the same.
      const application = client && (await applicationLabel(settings, res, client.clientId));
      showPage(ctx, render, 'sign-in/still-signed-in', {
        homeHref: site.links.home,
        ...(application !== undefined && { application }),
      });
    },
  };
}
