// The pages for a forgotten username or password: one field, and the same answer for everybody, whatever was typed.
// Who is meant, and what he gets, is found out later by a job (credentials/recover-password.ts).
import express, { Router, type Request, type Response } from 'express';
import { requestRecovery } from '../credentials/request-recovery.ts';
import { checkForms } from '../web/csrf.ts';
import { languageOf, rememberChoices } from '../web/page.ts';
import { systemCtx } from './interaction.ts';
import type { OidcSettings } from './oidc-settings.ts';

const PATH = '/recover';
/** As long as the field lets people type. */
const LONGEST = 320;

export function recoverRouter(settings: OidcSettings): Router {
  const { site, render } = settings;
  const router = Router();
  router.use(PATH, rememberChoices(site), express.urlencoded({ extended: false, limit: '16kb' }), checkForms(site));
  router.get(PATH, (_req, res) => show(res));
  router.post(PATH, send);
  router.get(`${PATH}/sent`, (_req, res) =>
    render(res, 'sign-in/recover-sent', { signInHref: site.links.home, recoverHref: PATH }),
  );
  return router;

  function show(res: Response, problem?: { key: string; field: string }): void {
    const locals = { action: PATH, signInHref: site.links.home, ...(problem && { errors: [problem] }) };
    render(res, 'sign-in/recover', locals, { status: problem ? 422 : 200 });
  }

  async function send(req: Request, res: Response): Promise<void> {
    const { identifier } = (req.body ?? {}) as Record<string, unknown>;
    const typed = typeof identifier === 'string' ? identifier.trim() : '';
    if (typed === '') return void show(res, { key: 'recovery:identifier_missing', field: 'identifier' });
    // What is longer is nobody's: it is answered like every other name.
    const request = { identifier: typed.slice(0, LONGEST), language: languageOf(res, site), address: req.ip ?? '' };
    await requestRecovery(systemCtx(settings, res), request);
    // A page of its own: reloading it sends nothing, and its bytes hold nothing that was typed.
    res.redirect(303, `${PATH}/sent`);
  }
}
