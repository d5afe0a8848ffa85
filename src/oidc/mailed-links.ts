// The pages behind one-time links that confirm something: a new e-mail address, the way back to the former one, a device.
// Opening one only swaps the token for a short cookie and a clean address; only the form's post consumes it, since mail
// scanners open every link. Links with which a password is chosen are password-links.ts.
import express, { Router, type Request, type Response } from 'express';
import { confirmEmailChange, readEmailLink, readUndo, undoEmailChange } from '../credentials/email-links.ts';
import { confirmDevice, readDeviceLink } from '../credentials/device-link.ts';
import { HubError } from '../errors.ts';
import type { Ctx } from '../context.ts';
import { checkForms } from '../web/csrf.ts';
import { rememberChoices } from '../web/page.ts';
import { readDevice, writeDevice } from './device-cookie.ts';
import { systemCtx } from './interaction.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { isOfLink, linkField, openedLink, swapLink } from '../web/opened-link.ts';

type Found = { readonly state: 'valid' | 'expired' | 'used' | 'invalid'; readonly email?: string };
type Kind = {
  readonly path: string;
  /** Key of its texts in locales/links.yaml. */
  readonly name: 'confirm_email' | 'undo_email' | 'confirm_device';
  readonly cookie: string;
  readonly read: (token: string, now: Date) => Promise<Found>;
  readonly consume: (ctx: Ctx, token: string, req: Request, res: Response) => Promise<void>;
};

export function mailedLinksRouter(settings: OidcSettings): Router {
  const { site, render } = settings;
  const kinds: readonly Kind[] = [
    {
      path: '/confirm-email',
      name: 'confirm_email',
      cookie: 'confirm-email',
      read: async (token, now) => {
        const link = await readEmailLink(token, now);
        return link.state === 'valid' && link.sentTo !== null ? { state: 'valid', email: link.sentTo } : link;
      },
      consume: (ctx, token) => confirmEmailChange(ctx, token),
    },
    {
      path: '/undo-email',
      name: 'undo_email',
      cookie: 'undo-email',
      read: readUndo,
      consume: (ctx, token) => undoEmailChange(ctx, token),
    },
    {
      path: '/confirm-device',
      name: 'confirm_device',
      cookie: 'confirm-device',
      read: async (token, now) => ({ state: (await readDeviceLink(token, now)).state }),
      consume: async (ctx, token, req, res) =>
        writeDevice(res, await confirmDevice(ctx, token, readDevice(req, site)), site),
    },
  ];
  const router = Router();
  for (const kind of kinds) {
    const { path } = kind;
    router.use(path, rememberChoices(site), express.urlencoded({ extended: false, limit: '16kb' }), checkForms(site));
    router.get(`${path}/:token`, ({ params }, res) =>
      swapLink(res, site, { token: params.token, cookie: kind.cookie, path }),
    );
    router.get(path, (req, res) => show(req, res, kind));
    router.post(path, (req, res) => confirm(req, res, kind));
  }
  return router;

  async function show(req: Request, res: Response, kind: Kind): Promise<void> {
    const token = openedLink(req, site, kind.cookie);
    const found = await kind.read(token, new Date());
    if (found.state === 'valid') ask(res, kind, token, found);
    else refuse(res, found.state);
  }

  function ask(res: Response, { name, path }: Kind, token: string, { email }: Found, other = false): void {
    render(
      res,
      'sign-in/mailed-link',
      {
        ...{ kind: name, action: path, email, hidden: [linkField(token)] },
        ...(other && { errors: [{ key: 'links:other_link' }] }),
      },
      { status: other ? 422 : 200 },
    );
  }

  function refuse(res: Response, reason: 'expired' | 'used' | 'invalid'): void {
    const status = reason === 'invalid' ? 404 : 410;
    render(res, 'sign-in/mailed-link-invalid', { reason, signInHref: site.links.home }, { status });
  }

  async function confirm(req: Request, res: Response, kind: Kind): Promise<void> {
    const token = openedLink(req, site, kind.cookie);
    const found = await kind.read(token, new Date());
    if (found.state !== 'valid') return refuse(res, found.state);
    if (!isOfLink(req, token)) return ask(res, kind, token, found, true);
    try {
      await kind.consume(systemCtx(settings, res), token, req, res);
    } catch (error) {
      if (!(error instanceof HubError) || (error.code !== 'conflict' && error.code !== 'not_found')) throw error;
      return refuse(res, error.code === 'conflict' ? 'used' : 'invalid');
    }
    // The cookie stays for its half hour: a second post of the same form then says that the link was used.
    render(res, 'sign-in/mailed-link-done', {
      kind: kind.name,
      signInHref: site.links.home,
      ...(kind.name === 'undo_email' && { recoverHref: settings.recoverHref }),
    });
  }
}
