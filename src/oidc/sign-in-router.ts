// The addresses of the sign-in pages. An interaction that is over is said so on a page (sign-in-over.ts), never as a failure
// of ours. Mounted behind what reads the visitor's choices and the form (mount.ts).
import { Router, type NextFunction, type Request, type Response } from 'express';
import { errors } from 'oidc-provider';
import { checkForms } from '../web/csrf.ts';
import { acceptTermsPages } from './accept-terms.ts';
import { enrolFactorPages } from './enrol-factor.ts';
import { interactions as openInteractions, type Interaction } from './interaction.ts';
import { ACCEPT_TERMS, ENROL_FACTOR, NO_ACCESS, SECOND_FACTOR, SELECT_ACCOUNT } from './interaction-policy.ts';
import type { LiveProvider } from './live-provider.ts';
import { lostFactorPages } from './lost-factor.ts';
import { noAccessPages } from './no-access.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { passkeySignIn } from './passkey-sign-in.ts';
import { secondFactorPages } from './second-factor.ts';
import { selectAccountPages } from './select-account.ts';
import { signInPages } from './sign-in.ts';
import { signInOver } from './sign-in-over.ts';
import { signInSteps } from './sign-in-steps.ts';

type Page = (req: Request, res: Response, interaction: Interaction) => Promise<void> | void;

export function signInRouter(settings: OidcSettings, live: LiveProvider): Router {
  const interactions = openInteractions(settings, live);
  const signIn = signInPages(settings, interactions);
  const steps = signInSteps(settings, signIn);
  const noAccess = noAccessPages(settings, interactions);
  const secondFactor = secondFactorPages(settings, interactions, signIn);
  const enrol = enrolFactorPages(settings, interactions, signIn);
  const lost = lostFactorPages(settings);
  const terms = acceptTermsPages(settings, interactions);
  const account = selectAccountPages(settings, interactions);
  const over = signInOver(settings, live);
  const open = (page: Page) => async (req: Request, res: Response) => page(req, res, await interactions.open(req, res));

  const router = Router();
  router.use('/sign-in', checkForms(settings.site));

  // Somebody who kept the address of a sign-in page wants to sign in.
  router.get('/sign-in', (_req, res) => res.redirect(303, settings.site.links.home));
  router.get(
    '/sign-in/:uid',
    open((req, res, interaction) => {
      const { prompt, verified } = interaction;
      if (prompt === 'consent') return interactions.consent(req, res);
      if (req.query['switch'] !== undefined) return signIn.show(res, interaction);
      if (prompt === SELECT_ACCOUNT) return account.show(res, interaction);
      if (prompt === ENROL_FACTOR) return enrol.show(req, res, interaction);
      // After too many wrong codes nobody stands there any more: the password is asked again.
      if (prompt === SECOND_FACTOR && verified.length > 0)
        return signIn.goOn(req, res, interaction, { ...interaction, persons: verified });
      if (prompt === NO_ACCESS) return noAccess.show(res, interaction);
      if (prompt === ACCEPT_TERMS) return terms.show(req, res, interaction);
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
  router.post('/sign-in/:uid/passkey', open(passkeySignIn(settings, signIn)));
  router.get('/sign-in/:uid/second-factor', open(secondFactor.show));
  router.post('/sign-in/:uid/second-factor', open(secondFactor.attempt));
  router.get('/sign-in/:uid/enrol', open(enrol.show));
  router.post('/sign-in/:uid/enrol', open(enrol.save));
  router.get('/sign-in/:uid/recovery-codes', open(enrol.showCodes));
  router.post('/sign-in/:uid/recovery-codes', open(enrol.done));
  router.get(
    '/sign-in/:uid/lost-factor',
    open((_req, res, interaction) => lost.show(res, interaction)),
  );
  router.post('/sign-in/:uid/lost-factor', open(lost.ask));
  router.get('/sign-in/:uid/terms', open(terms.show));
  router.post('/sign-in/:uid/terms', open(terms.decide));
  router.post('/sign-in/:uid/account', open(account.keep));
  router.get(
    '/sign-in/:uid/no-access',
    open((_req, res, interaction) => noAccess.show(res, interaction)),
  );
  router.post('/sign-in/:uid/no-access', open(noAccess.choose));

  router.use('/sign-in/:uid', (error: unknown, req: Request, res: Response, next: NextFunction) =>
    error instanceof errors.SessionNotFound ? over(req, res) : next(error),
  );
  return router;
}
