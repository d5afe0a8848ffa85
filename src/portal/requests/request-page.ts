// One request: its status for the asker, who may take it back; for an administrator what is asked, the way to the editor
// that gives it, whole or in part, and the refusal with a reason. Opening the page decides nothing.
import type { Request, Response } from 'express';
import type { Dimension } from '../../applications/application.ts';
import { label } from '../../applications/catalogue.ts';
import { actingAccounts } from '../../entitlements/acting-accounts.ts';
import { loadActing } from '../../entitlements/acting.ts';
import { applicationAddresses } from '../../clients/application-addresses.ts';
import { cancelRequest, denyRequest } from '../../requests/answer-request.ts';
import { answerersOf } from '../../requests/request-notice.ts';
import { seeRequest } from '../../requests/inbox.ts';
import { reachOf } from '../../requests/reach.ts';
import { isFixed } from '../../entitlements/value-rule.ts';
import { languageOf } from '../../web/page.ts';
import { translatorOf } from '../../web/render.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formFields, refusalOf, type Refusal } from '../../web/refusal.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';
import { REQUESTS } from './ask.ts';

const DONE = ['asked', 'cancelled'] as const;

export function requestPages(settings: PortalSettings) {
  const { catalogue, site } = settings;

  async function show(req: Request, res: Response, refused?: Refusal, answer = ''): Promise<void> {
    const visitor = visitorOf(req);
    const { ctx } = visitor;
    const { request, own, answerable } = await seeRequest(ctx, String(req.params['request']));
    const language = languageOf(res, site);
    const t = translatorOf(site, res);
    const application = catalogue.get(request.application);
    const lists = Object.entries(request.wanted).map(([name, values]) => {
      const dimension = name as Dimension;
      const known = application && isFixed(dimension) ? application[dimension] : [];
      return {
        label: t(`rights:list.${dimension}`),
        values: values.map((value) => {
          const found = known.find(({ key }) => key === value);
          return found ? label(found.label, language) : value;
        }),
      };
    });
    const given = request.state === 'approved' || request.state === 'approved_in_part';
    const address = own && given ? (await applicationAddresses()).get(request.application) : undefined;
    const waiting = request.state === 'waiting';
    const done = DONE.find((one) => one === req.query['done']);
    settings.render(
      res,
      'portal/requests/request',
      {
        ...(await shellLocals(visitor, 'requests')),
        ...(done ? { notice: { kind: 'ok', text: t(`requests:done.${done}`) } } : {}),
        ...(refused ? { errors: refused.faults } : {}),
        request: {
          ...request,
          account: request.customerNumber ?? request.accountText,
          applicationLabel: application ? label(application.label, language) : request.application,
        },
        own,
        lists,
        answerers: own && waiting ? (await answerersOf(ctx, request)).map(({ name }) => name) : [],
        address,
        path: `${REQUESTS}/${request.id}`,
        ...(answerable ? { approve: await approval(req, request.id) } : {}),
        answer,
        ...(own ? {} : { askerHref: `/portal/users/${request.userId}` }),
      },
      { status: refused?.status ?? 200 },
    );
  }

  /** The form that leads to the editor, filled with what was asked for. */
  async function approval(req: Request, id: string) {
    const { ctx } = visitorOf(req);
    const { request } = await seeRequest(ctx, id);
    const acting = await loadActing(ctx);
    const reach = reachOf(acting);
    const mine = new Set(reach.accounts.filter((_, i) => reach.applications[i] === request.application));
    const accounts = (await actingAccounts(acting)).filter(
      (account) =>
        mine.has(account.id) && (request.customerAccountId === null || account.id === request.customerAccountId),
    );
    return {
      action: `/portal/users/${request.userId}/rights/${request.application}/edit`,
      carried: Object.entries(request.wanted).flatMap(([dimension, values]) =>
        values.map((value) => [dimension, value]),
      ),
      accounts: accounts.map(({ id: value, number, name, owner }) => ({
        value,
        label: name === '' ? number : `${number}, ${name}`,
        owner,
      })),
    };
  }

  return {
    show: (req: Request, res: Response) => show(req, res),

    deny: async (req: Request, res: Response): Promise<void> => {
      const answer = formFields(req.body)['answer'] ?? '';
      try {
        await denyRequest(visitorOf(req).ctx, { id: String(req.params['request']), answer });
      } catch (error) {
        const refusal = refusalOf(error);
        const faults =
          refusal.code === 'invalid_input' ? [{ key: 'requests:fault.answer', field: 'answer' }] : refusal.faults;
        return show(req, res, { ...refusal, faults }, answer);
      }
      res.redirect(303, `${REQUESTS}?view=waiting&done=denied`);
    },

    cancel: async (req: Request, res: Response): Promise<void> => {
      const id = String(req.params['request']);
      try {
        await cancelRequest(visitorOf(req).ctx, id);
      } catch (error) {
        return show(req, res, refusalOf(error));
      }
      res.redirect(303, `${REQUESTS}/${id}?done=cancelled`);
    },
  };
}
