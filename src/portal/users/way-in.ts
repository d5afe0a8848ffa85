// How somebody gets in, in the hands of an administrator: send, copy or revoke his invitation, mail him a link for a new
// password, or give a temporary one that is shown once.
import type { Request, Response } from 'express';
import { giveTemporaryPassword } from '../../credentials/change-password.ts';
import { copyInvitation, inviteUser, revokeInvitation } from '../../credentials/invite-user.ts';
import { sendRecoveryLink } from '../../credentials/send-recovery-link.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formFields, refusalOf, type Fault } from '../../web/refusal.ts';
import { shellLocals } from '../shell.ts';
import { targetOf } from './target.ts';
import { userPages } from './user-page.ts';

export function wayInPages(settings: PortalSettings) {
  const { render, site } = settings;
  const page = userPages(settings);

  async function invitation(req: Request, res: Response): Promise<void> {
    const { visitor, user, path } = await targetOf(req);
    const { act } = formFields(req.body);
    try {
      if (act === 'copy') {
        const { path: link, expiresAt } = await copyInvitation(visitor.ctx, { userId: user.id });
        return await page.show(req, res, { link: { url: new URL(link, site.publicUrl).href, expiresAt } });
      }
      if (act === 'revoke') await revokeInvitation(visitor.ctx, { userId: user.id });
      else await inviteUser(visitor.ctx, { userId: user.id });
    } catch (error) {
      const { faults, status } = refusalOf(error);
      return page.show(req, res, { faults, status });
    }
    res.redirect(303, `${path}?done=${act === 'revoke' ? 'revoked' : 'invited'}`);
  }

  async function sendPasswordLink(req: Request, res: Response): Promise<void> {
    const { visitor, user, path } = await targetOf(req);
    try {
      await sendRecoveryLink(visitor.ctx, { userId: user.id });
    } catch (error) {
      const { faults, status } = refusalOf(error);
      return page.show(req, res, { faults, status });
    }
    res.redirect(303, `${path}?done=password_link`);
  }

  type Shown = { temporary?: { password: string; expiresAt: Date }; faults?: readonly Fault[]; status?: number };

  async function showTemporary(
    req: Request,
    res: Response,
    { temporary, faults, status = 200 }: Shown = {},
  ): Promise<void> {
    const { visitor, user, refusals, himself, path } = await targetOf(req);
    if (himself || (user.state === 'deactivated' && !temporary)) return void res.redirect(303, path);
    render(
      res,
      'portal/users/temporary-password',
      {
        ...(await shellLocals(visitor, 'my_users')),
        user,
        name: user.name,
        temporary,
        refused: refusals.set_temporary_password,
        action: `${path}/temporary-password`,
        userHref: path,
        ...(faults && { errors: faults }),
      },
      { status },
    );
  }

  async function giveTemporary(req: Request, res: Response): Promise<void> {
    const { visitor, user, himself, path } = await targetOf(req);
    if (himself) return void res.redirect(303, path);
    const { organizationId } = visitor;
    try {
      const temporary = await giveTemporaryPassword(visitor.ctx, { organizationId, userId: user.id });
      return await showTemporary(req, res, { temporary });
    } catch (error) {
      const { faults, status } = refusalOf(error);
      return showTemporary(req, res, { faults, status });
    }
  }

  return {
    invitation,
    sendPasswordLink,
    showTemporary: (req: Request, res: Response) => showTemporary(req, res),
    giveTemporary,
  };
}
