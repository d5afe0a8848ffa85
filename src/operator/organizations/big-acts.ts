// The acts on an organization that are shown before they are done: suspending and letting in again, moving a customer account,
// closing. And the export of all that is kept about it.
import type { Request, Response } from 'express';
import { dropApproval } from '../../approvals/ask-approval.ts';
import { findApproval } from '../../approvals/list-approvals.ts';
import { askClosing, confirmClosing } from '../../organizations/close-organization.ts';
import { exportOrganization } from '../../organizations/export-organization.ts';
import { findCustomerAccount } from '../../organizations/find-customer-account.ts';
import { findOrganization } from '../../organizations/find-organization.ts';
import { moveCustomerAccount, moveEffect } from '../../organizations/move-customer-account.ts';
import { organizationEffect } from '../../organizations/organization-effect.ts';
import { searchOrganizations } from '../../organizations/search-organizations.ts';
import { resumeOrganization, suspendOrganization } from '../../organizations/suspend-organization.ts';
import { keepPrivate } from '../../web/headers.ts';
import { formFields, refusalOf, type Fault } from '../../web/refusal.ts';
import { writePieces } from '../../web/write-pieces.ts';
import type { OperatorRoute } from '../mount.ts';
import type { OperatorSettings } from '../operator-settings.ts';
import { reasonedAct } from '../reasoned-act.ts';
import { shellLocals } from '../shell.ts';
import { staffIn, staffOf } from '../staff.ts';
import { accountPath } from './account-page.ts';
import { PATH } from './list.ts';

const AT = '/organizations/:organization';
const MOST_TARGETS = 10;

export function bigActs(settings: OperatorSettings): OperatorRoute[] {
  const { render } = settings;
  const ctxOf = (req: Request) => staffIn(req, String(req.params['organization']));

  type Act = 'suspend' | 'resume' | 'close';

  async function ask(
    act: Act,
    req: Request,
    res: Response,
    errors: readonly Fault[] = [],
    status = 200,
  ): Promise<void> {
    const ctx = ctxOf(req);
    const organization = await findOrganization(ctx, ctx.organizationId);
    const [effect, shell, approval] = await Promise.all([
      organizationEffect(ctx),
      shellLocals(settings, req, res, 'organizations'),
      findApproval(ctx, 'close_organization', organization.id),
    ]);
    const { reason = '' } = formFields(req.body);
    render(
      res,
      'operator/organizations/act',
      {
        ...shell,
        act,
        organization,
        effect,
        approval: act === 'close' ? approval : undefined,
        himself: approval?.askedBy.id === staffOf(req).userId,
        at: `${PATH}/${organization.id}`,
        reason,
        ...(errors.length > 0 && { errors }),
      },
      { status },
    );
  }

  const act = (name: Act, done: string, work: (req: Request, reason: string) => Promise<unknown>) =>
    reasonedAct({
      work,
      again: (req, res, faults, status) => ask(name, req, res, faults, status),
      to: (req) => `${PATH}/${ctxOf(req).organizationId}?done=${done}`,
    });

  async function download(req: Request, res: Response): Promise<void> {
    const ctx = ctxOf(req);
    await writePieces(res, exportOrganization(ctx), () => {
      keepPrivate(res);
      res.type('application/json').attachment(`organization-${ctx.organizationId}.json`);
    });
  }

  async function showMove(req: Request, res: Response, errors: readonly Fault[] = [], status = 200): Promise<void> {
    const ctx = ctxOf(req);
    const organization = await findOrganization(ctx, ctx.organizationId);
    const account = await findCustomerAccount(ctx, String(req.params['account']));
    const text = String(req.query['q'] ?? formFields(req.body)['q'] ?? '').trim();
    const found = text === '' ? [] : (await searchOrganizations(ctx, { text, limit: MOST_TARGETS })).organizations;
    render(
      res,
      'operator/organizations/move',
      {
        ...(await shellLocals(settings, req, res, 'organizations')),
        organization,
        account,
        effect: await moveEffect(ctx, account.id),
        at: `${accountPath(organization.id, account.id)}/move`,
        accountHref: accountPath(organization.id, account.id),
        text,
        targets: found.filter(
          ({ id, kind, state }) => id !== organization.id && kind === 'customer' && state !== 'closed',
        ),
        ...(errors.length > 0 && { errors }),
      },
      { status },
    );
  }

  async function move(req: Request, res: Response): Promise<void> {
    const { target = '', end } = formFields(req.body);
    if (target === '') return showMove(req, res, [{ key: 'operator:move.choose', field: 'q' }], 422);
    try {
      const moved = await moveCustomerAccount(ctxOf(req), {
        customerAccountId: String(req.params['account']),
        toOrganizationId: target,
        endRights: end === 'yes',
      });
      res.redirect(303, `${accountPath(target.toLowerCase(), moved.id)}?done=saved`);
    } catch (error) {
      const { status, faults } = refusalOf(error);
      await showMove(req, res, faults, status);
    }
  }

  const drop = async (req: Request, res: Response): Promise<void> => {
    const { ctx } = staffOf(req);
    await dropApproval(ctx, 'close_organization', ctxOf(req).organizationId);
    res.redirect(303, `${PATH}/${ctxOf(req).organizationId}?done=decided`);
  };

  return [
    {
      method: 'get',
      path: `${AT}/suspend`,
      needs: 'organizations.suspend',
      handle: (req, res) => ask('suspend', req, res),
    },
    {
      method: 'post',
      path: `${AT}/suspend`,
      needs: 'organizations.suspend',
      handle: act('suspend', 'saved', (req, reason) =>
        suspendOrganization(ctxOf(req), ctxOf(req).organizationId, reason),
      ),
    },
    {
      method: 'get',
      path: `${AT}/resume`,
      needs: 'organizations.suspend',
      handle: (req, res) => ask('resume', req, res),
    },
    {
      method: 'post',
      path: `${AT}/resume`,
      needs: 'organizations.suspend',
      handle: act('resume', 'saved', (req, reason) =>
        resumeOrganization(ctxOf(req), ctxOf(req).organizationId, reason),
      ),
    },
    { method: 'get', path: `${AT}/close`, needs: 'organizations.close', handle: (req, res) => ask('close', req, res) },
    {
      method: 'post',
      path: `${AT}/close`,
      needs: 'organizations.close',
      handle: act('close', 'asked', (req, reason) => askClosing(ctxOf(req), ctxOf(req).organizationId, reason)),
    },
    {
      method: 'post',
      path: `${AT}/close/confirm`,
      needs: 'organizations.close',
      handle: act('close', 'decided', (req) => confirmClosing(ctxOf(req), ctxOf(req).organizationId)),
    },
    { method: 'post', path: `${AT}/close/refuse`, needs: 'organizations.close', handle: drop },
    { method: 'get', path: `${AT}/export.json`, needs: 'organizations.close', handle: download },
    {
      method: 'get',
      path: `${AT}/accounts/:account/move`,
      needs: 'organizations.write',
      handle: (req, res) => showMove(req, res),
    },
    { method: 'post', path: `${AT}/accounts/:account/move`, needs: 'organizations.write', handle: move },
  ];
}
