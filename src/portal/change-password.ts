// "Change password": the current one is asked, every other session ends, this one stays.
import type { Request, Response } from 'express';
import { changePassword } from '../credentials/change-password.ts';
import { rulesOf } from '../credentials/password-rules.ts';
import { findPasswordOwner } from '../credentials/store-password.ts';
import { HubError } from '../errors.ts';
import { answerPasswordCheck, isPasswordCheck, isPlainPasswordCheck, judgePassword } from '../web/password-check.ts';
import type { PortalSettings } from './portal-settings.ts';
import { visitorOf } from './signed-in.ts';

const ACTION = '/portal/password';
type Fault = { key: string; values?: Record<string, unknown>; field: string };
type Issue = { code: string };

export function changePasswordPages(settings: PortalSettings) {
  async function show(
    req: Request,
    res: Response,
    faults: readonly Fault[] = [],
    broken: readonly string[] = [],
    judging = false,
  ): Promise<void> {
    const { organizationId, userId } = visitorOf(req);
    const owner = await findPasswordOwner(organizationId, userId);
    const tried = broken.length > 0;
    const judged = judging
      ? await judgePassword(req, res, { owner, hasCurrent: true, site: settings.site })
      : undefined;
    settings.render(
      res,
      'sign-in/set-password',
      {
        action: ACTION,
        purpose: 'change',
        username: owner.userName,
        askCurrent: true,
        endsSessions: true,
        rules: rulesOf(owner.policy, true).map((rule) => ({
          ...rule,
          ...(tried && { state: broken.includes(rule.code) ? 'unmet' : 'met' }),
          ...(!tried && judged?.rules[rule.code] && { state: judged.rules[rule.code] }),
        })),
        judged,
        checked: judged && faults.length === 0,
        ...(faults.length > 0 ? { errors: faults } : {}),
      },
      { status: faults.length > 0 ? 422 : 200 },
    );
  }

  async function faultsOf(req: Request, error: unknown): Promise<{ faults: Fault[]; broken: string[] }> {
    if (!(error instanceof HubError)) throw error;
    if (error.code === 'invalid_credentials')
      return { faults: [{ key: 'portal:password.current_wrong', field: 'current-password' }], broken: [] };
    if (error.code === 'throttled') {
      const count = Math.ceil(Number(error.details['retryAfter']) / 60);
      return {
        faults: [{ key: 'sign-in:sign_in.throttled', values: { count }, field: 'current-password' }],
        broken: [],
      };
    }
    if (error.code !== 'invalid_input') throw error;
    const { organizationId, userId } = visitorOf(req);
    const { policy } = await findPasswordOwner(organizationId, userId);
    const broken = ((error.details['issues'] ?? []) as Issue[]).map(({ code }) => code);
    const faults = broken.map((code) => ({
      key: `sign-in:set_password.problem.${code}`,
      values: { count: code === 'not_reused' ? policy.remembered : policy.minimumLength },
      field: 'new-password',
    }));
    return { faults, broken };
  }

  async function save(req: Request, res: Response): Promise<void> {
    const visitor = visitorOf(req);
    const {
      current_password: current = '',
      new_password: next = '',
      confirm_password: confirmation = '',
    } = (req.body ?? {}) as Record<string, string>;
    if (isPasswordCheck(req)) {
      const owner = await findPasswordOwner(visitor.organizationId, visitor.userId);
      return answerPasswordCheck(req, res, { owner, hasCurrent: true, site: settings.site });
    }
    if (next !== '' && isPlainPasswordCheck(req)) return show(req, res, [], [], true);
    if (next === '') return show(req, res, [{ key: 'sign-in:set_password.problem.missing', field: 'new-password' }]);
    if (next !== confirmation)
      return show(req, res, [{ key: 'sign-in:set_password.problem.mismatch', field: 'confirm-password' }]);
    try {
      const { organizationId, userId, uid } = visitor;
      await changePassword(visitor.ctx, { organizationId, userId, current, next, sessionUid: uid });
    } catch (error) {
      const { faults, broken } = await faultsOf(req, error);
      return show(req, res, faults, broken, broken.length > 0);
    }
    res.redirect(303, '/portal?done=password');
  }

  return { show: (req: Request, res: Response) => show(req, res), save };
}
