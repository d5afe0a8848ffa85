// "Change e-mail address" of the person himself: the new address and his password. Nothing changes before the link that goes
// to the new address is used; until then this page shows what waits, sends it again or takes it back.
import type { Request, Response } from 'express';
import {
  cancelEmailChange,
  openEmailChange,
  requestEmailChange,
  resendEmailChange,
} from '../credentials/change-email.ts';
import { refusalCode } from '../entitlements/change-administration-rights.ts';
import { HubError } from '../errors.ts';
import { directoryOwned } from '../users/check-change.ts';
import { findUser } from '../users/find-user.ts';
import { owningDirectory } from '../users/owning-directory.ts';
import { emailOf } from '../users/user-row.ts';
import { translatorOf } from '../web/render.ts';
import type { PortalSettings } from './portal-settings.ts';
import { formFields, refusalOf, type Fault } from '../web/refusal.ts';
import { shellLocals } from './shell.ts';
import { visitorOf } from './signed-in.ts';

export const CHANGE_EMAIL_PATH = '/portal/details/email';
const DONE = ['sent', 'resent', 'cancelled'] as const;
type Shown = { email?: string; faults?: readonly Fault[]; status?: number };

export function changeEmailPages({ site, render }: PortalSettings) {
  async function show(
    req: Request,
    res: Response,
    { email = '', faults = [], status = 200 }: Shown = {},
  ): Promise<void> {
    const visitor = visitorOf(req);
    const { ctx, userId } = visitor;
    const { document } = await findUser(ctx, userId);
    const directory = await owningDirectory(ctx, userId);
    const refused = directory === null ? null : await refusalCode(() => Promise.reject(directoryOwned()));
    const done = DONE.find((one) => one === req.query['done']);
    const t = translatorOf(site, res);
    render(
      res,
      'portal/change-email',
      {
        ...(await shellLocals(visitor, 'my_identification')),
        present: emailOf(document),
        email,
        open: await openEmailChange(ctx, userId),
        refused,
        action: CHANGE_EMAIL_PATH,
        detailsHref: '/portal/details',
        faultAt: Object.fromEntries(faults.flatMap(({ field, key }) => (field === undefined ? [] : [[field, key]]))),
        ...(done && { notice: { kind: 'ok', text: t(`email:done.${done}`) } }),
        ...(faults.length > 0 && { errors: faults }),
      },
      { status },
    );
  }

  async function save(req: Request, res: Response): Promise<void> {
    const { ctx, userId } = visitorOf(req);
    const { act, email = '', current_password: password = '' } = formFields(req.body);
    try {
      if (act === 'resend') await resendEmailChange(ctx, { userId });
      else if (act === 'cancel') await cancelEmailChange(ctx, { userId });
      else {
        if (password === '') throw missingPassword();
        await requestEmailChange(ctx, { userId, email: email.trim(), password });
      }
    } catch (error) {
      // Taken back or confirmed in another window meanwhile: the page shows how it stands.
      if (error instanceof HubError && error.code === 'not_found') return res.redirect(303, CHANGE_EMAIL_PATH);
      return show(req, res, { email, ...faultsOf(error) });
    }
    const done = act === 'resend' ? 'resent' : act === 'cancel' ? 'cancelled' : 'sent';
    res.redirect(303, `${CHANGE_EMAIL_PATH}?done=${done}`);
  }

  return { show: (req: Request, res: Response) => show(req, res), save };
}

const missingPassword = () =>
  new HubError('invalid_input', 'The password is missing.', {
    issues: [{ path: 'current-password', code: 'missing', message: 'The password is missing.' }],
  });

function faultsOf(error: unknown): { faults: readonly Fault[]; status: number } {
  if (error instanceof HubError && error.code === 'invalid_credentials')
    return { faults: [{ key: 'portal:password.current_wrong', field: 'current-password' }], status: 422 };
  if (error instanceof HubError && error.code === 'invalid_input') {
    const issues = (error.details['issues'] ?? []) as { path: string; code: string }[];
    return {
      faults: issues.map(({ path, code }) => ({ key: `email:fault.${path}.${code}`, field: path })),
      status: 422,
    };
  }
  return refusalOf(error);
}
