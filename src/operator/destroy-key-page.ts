// Destroying a signing key: what it does, said before; the reason of the one who asks, and the word of a second person.
import type { Request, Response } from 'express';
import { dropApproval } from '../approvals/ask-approval.ts';
import { findApproval } from '../approvals/list-approvals.ts';
import { askDestroying, confirmDestroying, destroyEffect, MOST_COUNTED } from '../credentials/destroy-key.ts';
import { formFields, type Fault } from '../web/refusal.ts';
import type { OperatorRoute } from './mount.ts';
import type { OperatorSettings } from './operator-settings.ts';
import { reasonedAct } from './reasoned-act.ts';
import { shellLocals } from './shell.ts';
import { staffOf } from './staff.ts';

const KEYS = '/operator/keys';
const AT = '/keys/:kid/destroy';

export function destroyKeyPages(settings: OperatorSettings): OperatorRoute[] {
  const kidOf = (req: Request): string => String(req.params['kid']);

  async function show(req: Request, res: Response, errors: readonly Fault[] = [], status = 200): Promise<void> {
    const { ctx, userId } = staffOf(req);
    const kid = kidOf(req);
    const [effect, approval, shell] = await Promise.all([
      destroyEffect(ctx, kid),
      findApproval(ctx, 'destroy_key', kid),
      shellLocals(settings, req, res, 'keys'),
    ]);
    settings.render(
      res,
      'operator/key-destroy',
      {
        ...shell,
        effect,
        most: MOST_COUNTED,
        approval,
        himself: approval?.askedBy.id === userId,
        at: `${KEYS}/${encodeURIComponent(kid)}/destroy`,
        reason: formFields(req.body)['reason'] ?? '',
        ...(errors.length > 0 && { errors }),
      },
      { status },
    );
  }

  const decide = (done: string, work: (req: Request, reason: string) => Promise<unknown>) =>
    reasonedAct({ work, again: show, to: () => `${KEYS}?done=${done}` });

  return [
    { method: 'get', path: AT, needs: 'keys.read', handle: (req, res) => show(req, res) },
    {
      method: 'post',
      path: AT,
      needs: 'keys.write',
      handle: decide('asked', (req, reason) => askDestroying(staffOf(req).ctx, kidOf(req), reason)),
    },
    {
      method: 'post',
      path: `${AT}/confirm`,
      needs: 'keys.write',
      handle: decide('decided', (req) => confirmDestroying(staffOf(req).ctx, kidOf(req))),
    },
    {
      method: 'post',
      path: `${AT}/refuse`,
      needs: 'keys.write',
      handle: decide('decided', (req) => dropApproval(staffOf(req).ctx, 'destroy_key', kidOf(req))),
    },
  ];
}
