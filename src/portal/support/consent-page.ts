// "Support": a chief administrator lets the operator's support act for an administrator for some hours, takes it back, and
// sees who did so when and why.
import type { Request, Response } from 'express';
import { openSupport, SUPPORT_HOURS, withdrawSupport } from '../../support/open-support.ts';
import { listSupportVisits, openSupportConsents, supportableAdministrators } from '../../support/list-support.ts';
import { readPolicy } from '../../organizations/change-policy.ts';
import { formFields, refusalOf, type Fault } from '../../web/refusal.ts';
import { translatorOf } from '../../web/render.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';

const PATH = '/portal/policy/support';
const POLICY_PATH = '/portal/policy';
const DONE = ['opened', 'withdrawn'] as const;

export function supportConsentPages({ site, render }: PortalSettings) {
  async function show(
    req: Request,
    res: Response,
    typed: Readonly<Record<string, string>> = {},
    faults: readonly Fault[] = [],
    status = 200,
  ): Promise<void> {
    const visitor = visitorOf(req);
    const { ctx, userId } = visitor;
    // The same right as for the policy, of which this is a part.
    await readPolicy(ctx);
    const after = typeof req.query['after'] === 'string' ? req.query['after'] : undefined;
    const [consents, visits, administrators] = await Promise.all([
      openSupportConsents(ctx),
      listSupportVisits(ctx, { limit: 25, ...(after !== undefined && { after }) }),
      supportableAdministrators(ctx),
    ]);
    const done = DONE.find((one) => one === req.query['done']);
    render(
      res,
      'portal/support/consent',
      {
        ...(await shellLocals(visitor, 'policy')),
        organization: visitor.organizationName,
        policyHref: POLICY_PATH,
        action: PATH,
        consents: consents.map((one) => ({ ...one, withdrawAction: `${PATH}/${one.id}/withdraw` })),
        visits: visits.items.map((one) => ({ ...one, href: `/portal/history?visit=${one.id}` })),
        nextHref: visits.next === null ? undefined : `${PATH}?after=${visits.next}`,
        firstHref: after === undefined ? undefined : PATH,
        administrators: administrators.map(({ id, name }) => ({
          value: id,
          label: name,
          selected: id === (typed['administrator'] ?? userId),
        })),
        hours: SUPPORT_HOURS.map((value) => ({ value, chosen: String(value) === (typed['hours'] ?? '8') })),
        ...(done && { notice: { kind: 'ok', text: translatorOf(site, res)(`support:done.${done}`) } }),
        ...(faults.length > 0 && { errors: faults }),
      },
      { status },
    );
  }

  async function open(req: Request, res: Response): Promise<void> {
    const fields = formFields(req.body);
    try {
      await openSupport(visitorOf(req).ctx, {
        ...(fields['administrator'] && { administratorId: fields['administrator'] }),
        hours: Number(fields['hours']),
      });
    } catch (error) {
      const { code, faults, status } = refusalOf(error);
      const said = code === 'invalid_input' ? [{ key: 'support:fault.incomplete', field: 'administrator' }] : faults;
      return show(req, res, fields, said, status);
    }
    res.redirect(303, `${PATH}?done=opened`);
  }

  async function withdraw(req: Request, res: Response): Promise<void> {
    await withdrawSupport(visitorOf(req).ctx, String(req.params['consent']));
    res.redirect(303, `${PATH}?done=withdrawn`);
  }

  return { show: (req: Request, res: Response) => show(req, res), open, withdraw };
}
