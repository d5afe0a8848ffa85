// One's own second steps: adding one (the sign-in pages do it and come back), naming and removing one, new recovery codes.
import type { Request, Response } from 'express';
import { listFactors, removeFactor, renamePasskey } from '../../credentials/manage-factors.ts';
import { makeRecoveryCodes } from '../../credentials/recovery-codes.ts';
import { HubError } from '../../errors.ts';
import { keepPrivate } from '../../web/headers.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formFields, refusalOf, type Fault } from '../../web/refusal.ts';
import { shellLocals } from '../shell.ts';
import { signInUrl, visitorOf } from '../signed-in.ts';
import { isFresh } from './fresh-sign-in.ts';
import { SECURITY_PATH } from './security-page.ts';

const CODES_PATH = `${SECURITY_PATH}/recovery-codes`;

export function factorPages(settings: PortalSettings) {
  const { render } = settings;

  function add(_req: Request, res: Response): void {
    keepPrivate(res);
    res.redirect(303, signInUrl(settings, SECURITY_PATH, { prompt: 'enrol_factor' }));
  }

  const pathOf = (req: Request) => `${SECURITY_PATH}/factors/${String(req.params['id'])}`;

  async function show(req: Request, res: Response, faults?: readonly Fault[], status = 200): Promise<void> {
    const visitor = visitorOf(req);
    const { factors, required, recoveryCodes } = await listFactors(visitor.ctx, visitor.userId);
    const factor = factors.find(({ id }) => id === req.params['id']);
    if (!factor) throw new HubError('not_found', 'There is no such second factor.');
    if (!isFresh(settings, req, res, pathOf(req))) return;
    const last = factors.length === 1;
    render(
      res,
      'portal/security/factor',
      {
        ...(await shellLocals(visitor, 'security')),
        factor,
        name: formFields(req.body)['name'] ?? factor.name,
        last,
        kept: last && required,
        recoveryCodes,
        action: pathOf(req),
        backHref: SECURITY_PATH,
        ...(faults && { errors: faults }),
      },
      { status },
    );
  }

  async function change(req: Request, res: Response): Promise<void> {
    if (!isFresh(settings, req, res, pathOf(req))) return;
    const { ctx, userId } = visitorOf(req);
    const factorId = String(req.params['id']);
    const { act, name = '' } = formFields(req.body);
    try {
      if (act === 'remove') await removeFactor(ctx, { userId, factorId });
      else await renamePasskey(ctx, { userId, factorId, name });
    } catch (error) {
      return show(req, res, faultsOf(error), 422);
    }
    res.redirect(303, `${SECURITY_PATH}?done=${act === 'remove' ? 'removed' : 'renamed'}`);
  }

  async function askCodes(req: Request, res: Response): Promise<void> {
    if (!isFresh(settings, req, res, CODES_PATH)) return;
    await renderCodes(req, res);
  }

  async function renderCodes(req: Request, res: Response, codes?: readonly string[]): Promise<void> {
    const visitor = visitorOf(req);
    const { factors, recoveryCodes } = await listFactors(visitor.ctx, visitor.userId);
    if (factors.length === 0) return void res.redirect(303, SECURITY_PATH);
    keepPrivate(res);
    render(res, 'portal/security/recovery-codes', {
      ...(await shellLocals(visitor, 'security')),
      codes,
      left: recoveryCodes,
      userName: String(visitor.document['userName']),
      now: visitor.ctx.now,
      action: CODES_PATH,
      backHref: SECURITY_PATH,
    });
  }

  /** The codes stand in this answer and nowhere else. */
  async function makeCodes(req: Request, res: Response): Promise<void> {
    if (!isFresh(settings, req, res, CODES_PATH)) return;
    const { ctx, organizationId, userId } = visitorOf(req);
    const { factors } = await listFactors(ctx, userId);
    if (factors.length === 0) return void res.redirect(303, SECURITY_PATH);
    await renderCodes(req, res, await makeRecoveryCodes(ctx, { organizationId, userId }));
  }

  return { add, show: (req: Request, res: Response) => show(req, res), change, askCodes, makeCodes };
}

function faultsOf(error: unknown): readonly Fault[] {
  if (error instanceof HubError && error.code === 'invalid_input')
    return [{ key: 'security:factor.name_fault', field: 'name' }];
  if (error instanceof HubError && error.details['reason'] === 'last_factor') return [{ key: 'security:factor.last' }];
  return refusalOf(error).faults;
}
