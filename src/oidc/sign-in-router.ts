// The addresses of the sign-in pages. An interaction that is over is said so on a page, never as a failure of ours.
import express, { Router, type NextFunction, type Request, type Response } from 'express';
import { errors } from 'oidc-provider';
import { checkForms } from '../web/csrf.ts';
import { rememberChoices } from '../web/page.ts';
import { requestIdOf } from '../web/request-id.ts';
import { interactions as openInteractions, type Interaction } from './interaction.ts';
import { NO_ACCESS } from './interaction-policy.ts';
import type { LiveProvider } from './live-provider.ts';
import { noAccessPages } from './no-access.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { signInPages } from './sign-in.ts';
import { signInSteps } from './sign-in-steps.ts';

type Page = (req: Request, res: Response, interaction: Interaction) => Promise<void> | void;

export function signInRouter(settings: OidcSettings, live: LiveProvider): Router {
  const interactions = openInteractions(settings, live);
  const signIn = signInPages(settings, interactions);
  const steps = signInSteps(settings, interactions, signIn);
  const noAccess = noAccessPages(settings, interactions);
  const open = (page: Page) => async (req: Request, res: Response) => page(req, res, await interactions.open(req, res));

  const router = Router();
  router.use(
    '/sign-in',
    rememberChoices(settings.site),
    express.urlencoded({ extended: false, limit: '16kb' }),
    checkForms(settings.site),
  );

  router.get(
    '/sign-in/:uid',
    open((req, res, interaction) => {
      if (interaction.prompt === 'consent') return interactions.consent(req, res);
      if (interaction.prompt === NO_ACCESS && req.query['switch'] === undefined) return noAccess.show(res, interaction);
      return signIn.show(res, interaction);
    }),
  );
  router.post('/sign-in/:uid', open(signIn.attempt));
  router.get(
    '/sign-in/:uid/organization',
    open((_req, res, interaction) => steps.chooseOrganization(res, interaction)),
  );
  router.post('/sign-in/:uid/organization', open(steps.chosenOrganization));
  router.get(
    '/sign-in/:uid/password',
    open((_req, res, interaction) => steps.passwordPage(res, interaction)),
  );
  router.post('/sign-in/:uid/password', open(steps.changePassword));
  router.get(
    '/sign-in/:uid/no-access',
    open((_req, res, interaction) => noAccess.show(res, interaction)),
  );
  router.post('/sign-in/:uid/no-access', open(noAccess.choose));

  router.use((error: unknown, _req: Request, res: Response, next: NextFunction) => {
    if (!(error instanceof errors.SessionNotFound)) return next(error);
    settings.render(res, 'error', { kind: 'form_expired', requestId: requestIdOf(res) }, { status: 400 });
  });
  return router;
}
