// Pages behind a one-time link with which a person chooses his password: `/welcome/<token>` for a first one,
// `/new-password/<token>` after recovery. Opening the link only swaps it for a short cookie and a clean address, so that the
// token stays in no history and no Referer; only the form's post consumes it (mail scanners open every link).
import express, { Router, type Request, type Response } from 'express';
import { askForInvitation } from '../credentials/ask-for-invitation.ts';
import { readLink } from '../credentials/one-time-link.ts';
import { PASSWORD_LINKS, setPasswordByLink } from '../credentials/set-password-by-link.ts';
import { rememberPersons } from '../credentials/sign-in-throttle.ts';
import { findPasswordOwner } from '../credentials/store-password.ts';
import { HubError } from '../errors.ts';
import { checkForms } from '../web/csrf.ts';
import { rememberChoices } from '../web/page.ts';
import { answerPasswordCheck, isPasswordCheck, isPlainPasswordCheck, judgePassword } from '../web/password-check.ts';
import { readDevice, writeDevice } from './device-cookie.ts';
import { systemCtx } from './interaction.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { isOfLink, linkField, openedLink, swapLink } from '../web/opened-link.ts';
import { brokenRulesOf, formFaults, OTHER_LINK, showSetPassword, typedPasswords } from './set-password-page.ts';

const COOKIE = 'link';

const PAGES = { '/welcome': 'first', '/new-password': 'recovery' } as const;
type Path = keyof typeof PAGES;

export function passwordLinksRouter(settings: OidcSettings): Router {
  const { site, render } = settings;
  const router = Router();
  for (const path of Object.keys(PAGES) as Path[]) {
    router.use(path, rememberChoices(site), express.urlencoded({ extended: false, limit: '16kb' }), checkForms(site));
    router.get(`${path}/:token`, ({ params }, res) =>
      swapLink(res, site, { token: params.token, cookie: COOKIE, path }),
    );
    router.get(path, (req, res) => show(req, res, path));
    router.post(path, (req, res) => save(req, res, path));
  }
  router.post('/welcome/ask', ask);
  return router;

  /** For whom the invitation has expired; the same answer for everybody. */
  async function ask(req: Request, res: Response): Promise<void> {
    await askForInvitation(systemCtx(settings, res), openedLink(req, site, COOKIE));
    render(res, 'sign-in/invitation-asked', { signInHref: site.links.home });
  }

  /** The token of a link that can be used, or a page has been sent that says why not. */
  async function usable(
    req: Request,
    res: Response,
    path: Path,
  ): Promise<{ token: string; organizationId: string; userId: string } | undefined> {
    const token = openedLink(req, site, COOKIE);
    const link = await readLink(token, PASSWORD_LINKS, new Date());
    if (link.state === 'valid') return { token, organizationId: link.organizationId, userId: link.userId };
    refuse(res, link.state, path);
    return undefined;
  }

  function refuse(res: Response, reason: 'expired' | 'used' | 'invalid', path: Path): void {
    const ask = reason === 'expired' && path === '/welcome';
    render(
      res,
      'sign-in/link-invalid',
      {
        reason,
        ...(ask && { newLinkAction: `${path}/ask` }),
        ...(!ask && reason !== 'invalid' && { recoverHref: settings.recoverHref }),
        signInHref: site.links.home,
      },
      { status: reason === 'invalid' ? 404 : 410 },
    );
  }

  async function show(
    req: Request,
    res: Response,
    path: Path,
    broken?: readonly string[],
    judging = false,
  ): Promise<void> {
    const link = await usable(req, res, path);
    if (!link) return;
    const owner = await findPasswordOwner(link.organizationId, link.userId);
    const hadPassword = owner.hash !== undefined;
    showSetPassword(
      settings,
      res,
      {
        ...{ action: path, purpose: PAGES[path], userName: owner.userName, policy: owner.policy },
        endsSessions: hadPassword,
        hidden: [linkField(link.token)],
      },
      broken,
      judging ? await judgePassword(req, res, { owner, hasCurrent: false, site }) : undefined,
    );
  }

  async function save(req: Request, res: Response, path: Path): Promise<void> {
    const link = await usable(req, res, path);
    if (!link) return;
    if (!isOfLink(req, link.token)) return show(req, res, path, [OTHER_LINK]);
    const typed = typedPasswords(req);
    if (isPasswordCheck(req)) {
      const owner = await findPasswordOwner(link.organizationId, link.userId);
      return answerPasswordCheck(req, res, { owner, hasCurrent: false, site });
    }
    if (typed.password !== '' && isPlainPasswordCheck(req)) return show(req, res, path, undefined, true);
    const faults = formFaults(typed);
    if (faults.length > 0) return show(req, res, path, faults, typed.password !== '');
    try {
      const person = await setPasswordByLink(systemCtx(settings, res), { token: link.token, password: typed.password });
      // Whoever used the link is known in this browser: nobody's guessing elsewhere keeps him out.
      writeDevice(res, rememberPersons(readDevice(req, site), [person]), site);
    } catch (error) {
      if (error instanceof HubError && (error.code === 'conflict' || error.code === 'not_found'))
        return refuse(res, 'used', path);
      return show(req, res, path, brokenRulesOf(error), true);
    }
    // The cookie stays for its half hour: a second post of the same form then says that the link was used.
    render(res, 'sign-in/set-password-done', {
      signInHref: site.links.home,
      endedSessions: PAGES[path] === 'recovery',
    });
  }
}
