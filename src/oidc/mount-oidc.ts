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
import type { JobHandlers } from '../database/jobs.ts';
import { entitlementsRouter } from './entitlements-me.ts';
import { startLiveProvider, type LiveProvider } from './live-provider.ts';
import { metadataRouter } from './metadata.ts';
import { MOUNT_PATH, type OidcSettings } from './oidc-settings.ts';
import { passwordLinksRouter } from './password-links.ts';
import { pinRequest } from './pin-request.ts';
import { postLogoutToken } from './provider.ts';
import { signInRouter } from './sign-in-router.ts';

export type Oidc = {
  readonly live: LiveProvider;
  readonly jobs: JobHandlers;
  /** Before any body parser, and before anything that redirects by language: the provider reads its own requests. */
  readonly mount: (app: Express) => void;
};

/** Makes the signing keys on the first start. Needs openSecrets and startPasswordHashing before. Throws SecretsKeyError. */
export async function openOidc(settings: OidcSettings): Promise<Oidc> {
  await ensureSigningKeys(new Date());
  const live = await startLiveProvider(settings);
  return {
    live,
    jobs: oidcJobs(live),
    mount: (app) => {
      app.use(MOUNT_PATH, pinRequest(settings), (req, res) => live.handle(req, res));
      app.use(metadataRouter(settings, live));
      app.use(entitlementsRouter(settings, live));
      app.use(signInRouter(settings, live));
      app.use(passwordLinksRouter(settings));
    },
  };
}

/** What happens outside requests: logout tokens, tidying, and the rotation of keys. */
function oidcJobs(live: LiveProvider): JobHandlers {
  return {
    [BACKCHANNEL_LOGOUT]: {
      run: ({ clientId, sub, sid }) => postLogoutToken(live.provider(), String(clientId), String(sub), typeof sid === 'string' ? sid : null),
    },
    [END_ORGANIZATION_ACCESS]: endOrganizationAccessJob,
    'sweep-artefacts': sweepArtefacts,
    'rotate-signing-keys': { cron: '17 3 * * *', run: () => rotateSigningKeys(new Date()) },
  };
}
