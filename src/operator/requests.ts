// The queue of access requests that nobody in their organization can answer: the list, and one of them. The operator gives
// the organization an administrator or a subscription, so that it answers itself, or refuses with a reason.
import type { Request, Response } from 'express';
import type { Dimension } from '../applications/application.ts';
import { label } from '../applications/catalogue.ts';
import { isFixed } from '../entitlements/value-rule.ts';
import { findOrganization } from '../organizations/find-organization.ts';
import { listChiefs } from '../organizations/list-chiefs.ts';
import { denyRequest } from '../requests/answer-request.ts';
import { listOperatorQueue } from '../requests/operator-queue.ts';
import { findRequest, type AccessRequest } from '../requests/request-row.ts';
import { languageOf } from '../web/page.ts';
import { translatorOf } from '../web/render.ts';
import { formFields, refusalOf, type Fault } from '../web/refusal.ts';
import type { OperatorRoute } from './mount.ts';
import type { OperatorSettings } from './operator-settings.ts';
import { personIn } from './person-form.ts';
import { shellLocals } from './shell.ts';
import { staffIn, staffOf } from './staff.ts';

const PATH = '/operator/requests';
const AT = '/requests/:organization/:request';

export function requestPages(settings: OperatorSettings): OperatorRoute[] {
  const { render, site, catalogue } = settings;
  const named = (res: Response, key: string): string => {
    const found = catalogue.get(key);
    return found ? label(found.label, languageOf(res, site)) : key;
  };

  async function list(req: Request, res: Response): Promise<void> {
    const after = req.query['after'];
    const { requests, next } = await listOperatorQueue(staffOf(req).ctx, typeof after === 'string' ? { after } : {});
    render(res, 'operator/requests', {
      ...(await shellLocals(settings, req, res, 'requests')),
      requests: requests.map((one) => ({
        ...one,
        applicationLabel: named(res, one.application),
        href: `${PATH}/${one.organizationId}/${one.id}`,
      })),
      nextHref: next === null ? undefined : `${PATH}?after=${next}`,
    });
  }

  function wantedLists(res: Response, { application: key, wanted }: AccessRequest) {
    const t = translatorOf(site, res);
    const application = catalogue.get(key);
    return Object.entries(wanted).map(([name, values]) => {
      const dimension = name as Dimension;
      const known = application && isFixed(dimension) ? application[dimension] : [];
      const textOf = (value: string) => {
        const found = known.find((one) => one.key === value);
        return found ? label(found.label, languageOf(res, site)) : value;
      };
      return { label: t(`rights:list.${dimension}`), values: values.map(textOf) };
    });
  }

  async function show(req: Request, res: Response, errors: readonly Fault[] = [], status = 200): Promise<void> {
    const ctx = staffIn(req, String(req.params['organization']));
    const request = await findRequest(ctx, String(req.params['request']));
    const [organization, chiefs, shell] = await Promise.all([
      findOrganization(ctx, ctx.organizationId),
      listChiefs(ctx),
      shellLocals(settings, req, res, 'requests'),
    ]);
    const { may } = staffOf(req);
    render(
      res,
      'operator/request',
      {
        ...shell,
        request: { ...request, applicationLabel: named(res, request.application) },
        lists: wantedLists(res, request),
        organization,
        organizationHref: `/operator/organizations/${organization.id}`,
        chiefs: chiefs.filter(({ active }) => active),
        action: `${PATH}/${organization.id}/${request.id}/deny`,
        mayDeny: request.state === 'waiting' && may('rights.write'),
        mayAppoint: request.state === 'waiting' && may('users.write'),
        form: { ...personIn({}), language: languageOf(res, site) },
        answer: formFields(req.body)['answer'] ?? '',
        ...(errors.length > 0 && { errors }),
      },
      { status },
    );
  }

  async function deny(req: Request, res: Response): Promise<void> {
    const ctx = staffIn(req, String(req.params['organization']));
    const answer = formFields(req.body)['answer'] ?? '';
    try {
      await denyRequest(ctx, { id: String(req.params['request']), answer });
    } catch (error) {
      const { status, code, faults } = refusalOf(error);
      const said = code === 'invalid_input' ? [{ key: 'requests:fault.answer', field: 'answer' }] : faults;
      return show(req, res, said, status);
    }
    res.redirect(303, `${PATH}?done=decided`);
  }

  return [
    { method: 'get', path: '/requests', needs: 'rights.read', handle: list },
    { method: 'get', path: AT, needs: 'rights.read', handle: (req, res) => show(req, res) },
    { method: 'post', path: `${AT}/deny`, needs: 'rights.write', handle: deny },
  ];
}
