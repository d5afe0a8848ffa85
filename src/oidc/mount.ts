// The OpenID Connect edge, piece by piece in the order in which requests meet them:
//   /oidc/token                a service's token by a short way (quick-token.ts)
//   /oidc                      the provider itself (provider.ts), its keys kept current (live-provider.ts)
//   /.well-known/...           discovery at the addresses of RFC 8414 (metadata.ts)
//   /entitlements/me           entitlements that were too large for a token (entitlements-me.ts)
//   /sign-in/:uid              the pages of an interaction (sign-in-router.ts)
//   /welcome, /new-password    a password by one-time link (password-links.ts)
//   /confirm-email, ...        other one-time links (mailed-links.ts)
import { availableParallelism } from 'node:os';
import express, { type Express } from 'express';
import { MAIL_DEVICE_LINK, mailDeviceLinks } from '../credentials/device-link.ts';
import { endOrganizationAccessJob, END_ORGANIZATION_ACCESS } from '../credentials/end-access.ts';
import { ensureSigningKeys, rotateSigningKeys } from '../credentials/signing-keys.ts';
import { sweepArtefacts } from '../credentials/sweep-artefacts.ts';
import { deliverLogout } from '../signals/deliver-logout.ts';
import { sweepLogouts } from '../signals/list-logouts.ts';
import { BACKCHANNEL_LOGOUT } from '../signals/queue-logouts.ts';
import { entitlementsRouter } from './entitlements-me.ts';
import { startLiveProvider } from './live-provider.ts';
import { mailedLinksRouter } from './mailed-links.ts';
import { metadataRouter } from './metadata.ts';
import { issuerOf, MOUNT_PATH, type OidcSettings } from './oidc-settings.ts';
import { pageChoices } from './page-choices.ts';
import { passwordLinksRouter } from './password-links.ts';
import { pinRequest } from './pin-request.ts';
import { quickToken, TOKEN_PATH } from './quick-token.ts';
import { recoverRouter } from './recover.ts';
import { directoryToken, personOf } from './scim-tokens.ts';
import { signInRouter } from './sign-in-router.ts';
import { rememberChoices } from '../web/page.ts';
import { takeTurns } from '../web/take-turns.ts';

/** What a browser opens on its way to an application. */
const SIGN_IN_PAGES = /^\/(?:oidc\/auth|sign-in)(?:\/|$)/i;
const PAGES_IN_TURN = { atOnce: 8, waiting: 500 };
const TYPED_PASSWORD = /^\/sign-in\/[^/]+\/?$/i;
/** The answer to a wrong one is held back for up to half a second: enough of them that hashing stays what guessers wait for. */
const PASSWORDS_IN_TURN = { atOnce: 32 * availableParallelism(), waiting: 256 };

/**
 * Makes the signing keys on the first start, mounts everything and returns the handlers of the edge's jobs, and who
 * stands behind an access token with the scope `scim:me`.
 * To be called before any body parser, and before anything that redirects by language: the provider reads its own
 * requests. Needs openSecrets and startPasswordHashing before. Throws SecretsKeyError.
 */
export async function mountOidc(app: Express, settings: OidcSettings) {
  await ensureSigningKeys(new Date());
  const live = await startLiveProvider(settings);
  app.post(TOKEN_PATH, quickToken(settings, live));
  // Before anybody takes his turn: a form may take as long as its sender likes.
  app.use('/sign-in', rememberChoices(settings.site), express.urlencoded({ extended: false, limit: '16kb' }));
  app.get(SIGN_IN_PAGES, takeTurns(PAGES_IN_TURN));
  app.post(TYPED_PASSWORD, takeTurns(PASSWORDS_IN_TURN));
  app.use(MOUNT_PATH, pageChoices(settings.site), pinRequest(settings), (req, res) => live.handle(req, res));
  app.use(metadataRouter(settings, live));
  app.use(entitlementsRouter(settings, live));
  app.use(signInRouter(settings, live));
  app.use(passwordLinksRouter(settings));
  app.use(mailedLinksRouter(settings));
  app.use(recoverRouter(settings));
  return {
    jobs: oidcJobs(settings),
    /** Who stands behind an access token for /scim/v2 (scim-tokens.ts). */
    personOf: async (token: string) => personOf(settings, await live.keys(), token),
    directoryToken: async (token: string) => directoryToken(settings, await live.keys(), token),
  };
}

/** What happens outside requests: logout tokens, tidying, and the rotation of keys. */
function oidcJobs({ publicUrl, production, log, signingKeyDays }: OidcSettings) {
  return {
    [BACKCHANNEL_LOGOUT]: deliverLogout({ issuer: issuerOf(publicUrl), allowLoopback: !production, log }),
    [END_ORGANIZATION_ACCESS]: endOrganizationAccessJob,
    [MAIL_DEVICE_LINK]: mailDeviceLinks(log),
    'sweep-artefacts': sweepArtefacts,
    'sweep-logouts': sweepLogouts,
    'rotate-signing-keys': {
      cron: '17 * * * *',
      run: async () => {
        await rotateSigningKeys(new Date(), { ...(signingKeyDays !== undefined && { activeDays: signingKeyDays }) });
      },
    },
  };
}
