// The OpenID Connect edge, piece by piece in the order in which requests meet them:
//   /oidc                      the provider itself (provider.ts), its keys kept current (live-provider.ts)
//   /.well-known/...           discovery at the addresses of RFC 8414 (metadata.ts)
//   /entitlements/me           entitlements that were too large for a token (entitlements-me.ts)
//   /sign-in/:uid              the pages of an interaction (sign-in-router.ts)
//   /welcome, /new-password    a password by one-time link (password-links.ts)
import type { Express } from 'express';
import { endOrganizationAccessJob, BACKCHANNEL_LOGOUT, END_ORGANIZATION_ACCESS } from '../credentials/end-access.ts';
import { ensureSigningKeys, rotateSigningKeys } from '../credentials/signing-keys.ts';
import { sweepArtefacts } from '../credentials/sweep-artefacts.ts';
import { findLiveToken } from './access-token.ts';
import { entitlementsRouter } from './entitlements-me.ts';
import { startLiveProvider, type LiveProvider } from './live-provider.ts';
import { metadataRouter } from './metadata.ts';
import { MOUNT_PATH, type OidcSettings } from './oidc-settings.ts';
import { pageChoices } from './page-choices.ts';
import { passwordLinksRouter } from './password-links.ts';
import { pinRequest } from './pin-request.ts';
import { postLogoutToken } from './provider.ts';
import { recoverRouter } from './recover.ts';
import { signInRouter } from './sign-in-router.ts';

/**
 * Makes the signing keys on the first start, mounts everything and returns the handlers of the edge's jobs, and who
 * stands behind an access token with the scope `scim:me`.
 * To be called before any body parser, and before anything that redirects by language: the provider reads its own
 * requests. Needs openSecrets and startPasswordHashing before. Throws SecretsKeyError.
 */
export async function mountOidc(app: Express, settings: OidcSettings) {
  await ensureSigningKeys(new Date());
  const live = await startLiveProvider(settings);
  app.use(MOUNT_PATH, pageChoices(settings.site), pinRequest(settings), (req, res) => live.handle(req, res));
  app.use(metadataRouter(settings, live));
  app.use(entitlementsRouter(settings, live));
  app.use(signInRouter(settings, live));
  app.use(passwordLinksRouter(settings));
  app.use(recoverRouter(settings));
  return { jobs: oidcJobs(live), personOf: (token: string) => personOf(settings, live, token) };
}

/** The live user of an access token that a person let an application read his record with; undefined for any other token. */
async function personOf(settings: OidcSettings, live: LiveProvider, token: string) {
  const found = await findLiveToken(settings, live.keys(), token);
  const scopes = String(found?.claims['scope'] ?? '').split(' ');
  const isPerson = found !== undefined && found.claims.sub !== found.clientId;
  return isPerson && scopes.includes('scim:me') ? found.user : undefined;
}

/** What happens outside requests: logout tokens, tidying, and the rotation of keys. */
function oidcJobs(live: LiveProvider) {
  return {
    [BACKCHANNEL_LOGOUT]: {
      run: ({ clientId, sub, sid }: Record<string, unknown>) =>
        postLogoutToken(live.provider(), String(clientId), String(sub), typeof sid === 'string' ? sid : null),
    },
    [END_ORGANIZATION_ACCESS]: endOrganizationAccessJob,
    'sweep-artefacts': sweepArtefacts,
    'rotate-signing-keys': { cron: '17 3 * * *', run: () => rotateSigningKeys(new Date()) },
  };
}
