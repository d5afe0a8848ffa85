// The public pages of registration, without any sign-in: the form, "look into your mailbox", the mail's link and its end.
// What keeps machines out asks nothing of people: a field that nobody sees, a form that was open for a moment at least, and
// counting. A form that a machine seems to have sent is answered like any other and dropped.
import express, { Router, type Request, type Response } from 'express';
import type { Logger } from 'pino';
import { LANGUAGES, type Catalogue } from '../../applications/application.ts';
import { label } from '../../applications/catalogue.ts';
import type { Ctx } from '../../context.ts';
import { HubError } from '../../errors.ts';
import { confirmRegistration, findByLink } from '../../registrations/confirm-registration.ts';
import { cleanRegistration, registrationFaults } from '../../registrations/check-registration.ts';
import type { RegistrationDetails } from '../../registrations/registration.ts';
import { CONFIRM_HOURS, requestRegistration } from '../../registrations/request-registration.ts';
import { sign, unsign } from '../../web/cookies.ts';
import { checkForms } from '../../web/csrf.ts';
import { languageOf } from '../../web/page.ts';
import type { Render, Site } from '../../web/render.ts';
import { requestIdOf } from '../../web/request-id.ts';
import { formFields, formValues, type Fault } from '../../web/refusal.ts';

type RegistrationSettings = {
  readonly site: Site;
  readonly render: Render;
  readonly catalogue: Catalogue;
  readonly log: Logger;
};

export const REGISTER_PATH = '/register';
export const PURPOSE = 'registration form';
/** Nobody reads and fills in this form faster. */
const LEAST_MS = 3000;
const MOST_MS = 24 * 3_600_000;
/** The field that is hidden from people; its name is one that machines like. */
const TRAP = 'website';

const ctxOf = (res: Response, { log }: RegistrationSettings): Ctx => ({
  actor: { kind: 'system', id: 'registration', label: 'Registration' },
  requestId: requestIdOf(res),
  now: new Date(),
  log,
});

/** Mount at /register, behind rememberChoices. */
export function registration(settings: RegistrationSettings): Router {
  const { site, render, catalogue } = settings;

  const detailsIn = (req: Request): RegistrationDetails => {
    const {
      company = '',
      number = '',
      proof = '',
      given_name = '',
      family_name = '',
      email = '',
      phone = '',
      language,
    } = formFields(req.body);
    return cleanRegistration({
      company,
      customerNumber: number,
      proof,
      givenName: given_name,
      familyName: family_name,
      email,
      phone,
      language: LANGUAGES.find((one) => one === language) ?? site.defaultLanguage,
      applications: formValues(req.body, 'application'),
    });
  };

  function showForm(res: Response, details: RegistrationDetails, errors: readonly Fault[] = [], status = 200): void {
    const language = languageOf(res, site);
    render(
      res,
      'registration/form',
      {
        action: REGISTER_PATH,
        form: details,
        started: sign(PURPOSE, String(Date.now()), site.keys),
        trap: TRAP,
        languages: LANGUAGES,
        applications: [...catalogue.values()].map((one) => ({
          key: one.key,
          label: label(one.label, language),
          description: one.description && label(one.description, language),
          chosen: details.applications.includes(one.key),
        })),
        errors,
      },
      { status },
    );
  }

  function show(req: Request, res: Response): void {
    const asked = typeof req.query['application'] === 'string' ? [req.query['application']] : [];
    const empty = { company: '', customerNumber: '', proof: '', givenName: '', familyName: '', email: '', phone: '' };
    showForm(res, { ...empty, language: languageOf(res, site), applications: asked });
  }

  /** 'machine', 'stale' (or not ours), or how it should be. */
  function judge(req: Request): 'machine' | 'stale' | 'person' {
    const fields = formFields(req.body);
    const started = Number(unsign(PURPOSE, fields['started'] ?? '', site.keys));
    const age = Date.now() - started;
    if ((fields[TRAP] ?? '') !== '') return 'machine';
    if (!Number.isFinite(started) || age > MOST_MS) return 'stale';
    return age < LEAST_MS ? 'machine' : 'person';
  }

  async function send(req: Request, res: Response): Promise<void> {
    const details = detailsIn(req);
    const faults = registrationFaults(details);
    if (faults.length > 0)
      return showForm(
        res,
        details,
        faults.map(({ path, code }) => ({ key: `registration:fault.${path}.${code}`, field: path })),
        422,
      );
    const judged = judge(req);
    if (judged === 'stale') return showForm(res, details, [{ key: 'registration:stale' }], 422);
    if (judged === 'machine')
      settings.log.info({ requestId: requestIdOf(res) }, 'a registration looked like a machine');
    else {
      try {
        await requestRegistration(ctxOf(res, settings), details, req.ip ?? '');
      } catch (error) {
        if (!(error instanceof HubError) || error.code !== 'throttled') throw error;
        res.set('Retry-After', String(error.details['retryAfter']));
        return showForm(res, details, [{ key: 'reasons:throttled', values: error.details }], 429);
      }
    }
    res.redirect(303, `${REGISTER_PATH}/sent`);
  }

  async function link(req: Request, res: Response): Promise<void> {
    const token = String(req.params['token']);
    const found = await findByLink(ctxOf(res, settings), token);
    if (!found) return render(res, 'registration/link-invalid', { registerHref: REGISTER_PATH }, { status: 404 });
    if (found.state !== 'unconfirmed') return res.redirect(303, `${REGISTER_PATH}/confirmed`);
    render(res, 'registration/confirm', {
      action: `${REGISTER_PATH}/confirm/${token}`,
      company: found.company,
      email: found.email,
    });
  }

  async function confirm(req: Request, res: Response): Promise<void> {
    try {
      await confirmRegistration(ctxOf(res, settings), String(req.params['token']));
    } catch (error) {
      if (!(error instanceof HubError) || error.code !== 'not_found') throw error;
      return render(res, 'registration/link-invalid', { registerHref: REGISTER_PATH }, { status: 404 });
    }
    res.redirect(303, `${REGISTER_PATH}/confirmed`);
  }

  const router = Router();
  router.use(express.urlencoded({ extended: false, limit: '64kb' }), checkForms(site));
  router.get('/', show);
  router.post('/', send);
  router.get('/sent', (_req, res) => render(res, 'registration/sent', { hours: CONFIRM_HOURS }));
  router.get('/confirm/:token', link);
  router.post('/confirm/:token', confirm);
  router.get('/confirmed', (_req, res) => render(res, 'registration/confirmed', {}));
  return router;
}
