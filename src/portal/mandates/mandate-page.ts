// One mandate: for the giver its parts and who acts under it, for the receiver which of his people hold what by it, and the
// way to pass it on. And the page that withdraws it, which says first how many people lose by it.
import type { Request, Response } from 'express';
import { withdrawMandate } from '../../mandates/change-mandate.ts';
import { findListedMandate } from '../../mandates/find-mandate.ts';
import { mandateEffect, type MandateEffect } from '../../mandates/mandate-effect.ts';
import { mandatePeople, type MandatePerson } from '../../mandates/mandate-people.ts';
import { mayAdminister } from '../../entitlements/acting.ts';
import { asBox } from '../../entitlements/ceiling.ts';
import type { HubError } from '../../errors.ts';
import { toProblem } from '../../web/problem.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { fieldOf } from '../rights/desk.ts';
import { asRefusal, faultsOf } from '../rights/refusal-words.ts';
import type { Words } from '../rights/words.ts';
import { visitorOf } from '../signed-in.ts';
import {
  MANDATES,
  openGivingDesk,
  openMandateDesk,
  shownMandate,
  shownParts,
  type MandateDesk,
} from './mandate-desk.ts';
import { noticeOf } from './lists.ts';

const shownPerson = (words: Words, person: MandatePerson) => ({
  shownAs: person.shownAs,
  byNumber: person.byNumber,
  since: person.since,
  lastUsed: person.lastUsedOn === null ? undefined : new Date(`${person.lastUsedOn}T12:00:00Z`),
  ...(person.userId === undefined ? {} : { href: `/portal/users/${person.userId}` }),
  held: person.held.map((one) => ({
    application: words.applicationOf(one.entitlement.application),
    sentence: words.sentence(asBox(one)),
    ...(one.entitlement.validity.until === null ? {} : { until: new Date(one.entitlement.validity.until - 1) }),
  })),
});

export function mandatePages(settings: PortalSettings) {
  async function open(req: Request, res: Response) {
    const desk = await openGivingDesk(settings, req, res, 'given');
    const mandate = await findListedMandate(desk.ctx, String(req.params['mandate']), 'giver');
    const words = await desk.words([mandate.customerAccountId]);
    return { desk, mandate, words };
  }

  /** Applications that the visitor may add to it. */
  const addable = (desk: MandateDesk, words: Words, customerAccountId: string) =>
    (desk.mandatable.get(customerAccountId) ?? []).map((key) => ({ key, label: words.applicationOf(key) }));

  async function given(req: Request, res: Response): Promise<void> {
    const { desk, mandate, words } = await open(req, res);
    const { people, next, passedOnTo } = await mandatePeople(
      desk.ctx,
      mandate.id,
      'giver',
      fieldOf(req.query, 'after'),
    );
    const path = `${MANDATES}/${mandate.id}`;
    settings.render(res, 'portal/mandates/mandate', {
      ...desk.frame,
      ...noticeOf(desk, req),
      mandate: shownMandate(desk, words, mandate),
      parts: shownParts(words, mandate).map((part) => ({
        ...part,
        editHref: `${MANDATES}/edit?mandate=${mandate.id}&part=${part.part}`,
        ...(mandate.boxes.length > 1
          ? { removeHref: `${MANDATES}/preview?mandate=${mandate.id}&part=${part.part}&remove=1` }
          : {}),
      })),
      routerHref: `${MANDATES}/routers/${mandate.receiverOrganizationId}`,
      applications: addable(desk, words, mandate.customerAccountId),
      addAction: `${MANDATES}/edit`,
      withdrawHref: `${path}/withdraw`,
      people: people.map((person) => shownPerson(words, person)),
      nextHref: next === null ? undefined : `${path}?after=${next}#people`,
      passedOnTo,
    });
  }

  async function received(req: Request, res: Response): Promise<void> {
    const desk = await openMandateDesk(settings, req, res, 'received');
    const id = String(req.params['mandate']);
    const { mandate, people, next } = await mandatePeople(desk.ctx, id, 'receiver', fieldOf(req.query, 'after'));
    const words = await desk.words([mandate.customerAccountId]);
    settings.render(res, 'portal/mandates/received-one', {
      ...desk.frame,
      mandate: shownMandate(desk, words, mandate),
      parts: shownParts(words, mandate),
      people: people.map((person) => shownPerson(words, person)),
      nextHref: next === null ? undefined : `${MANDATES}/received/${mandate.id}?after=${next}#people`,
      mayGiveRights: mayAdminister(desk.acting, [mandate.customerAccountId]),
      mayPassOn: mandate.onward > 0 && desk.mandatable.has(mandate.customerAccountId),
    });
  }

  async function withdraw(req: Request, res: Response, refused?: HubError): Promise<void> {
    const { desk, mandate, words } = await open(req, res);
    let refusal = refused;
    let effect: MandateEffect | undefined;
    if (!refusal) {
      try {
        const place = { ...mandate, receiverId: mandate.receiverOrganizationId };
        effect = await mandateEffect(desk.ctx, place, mandate.id, async () => {
          await withdrawMandate(desk.ctx, mandate.id);
          return undefined;
        });
      } catch (error) {
        refusal = asRefusal(error);
      }
    }
    settings.render(
      res,
      'portal/mandates/withdraw',
      {
        ...desk.frame,
        ...(refusal ? { errors: faultsOf(refusal, words) } : {}),
        mandate: shownMandate(desk, words, mandate),
        parts: shownParts(words, mandate),
        effect,
        path: `${MANDATES}/${mandate.id}`,
        action: `${MANDATES}/${mandate.id}/withdraw`,
      },
      { status: refusal ? toProblem(refusal).status : 200 },
    );
  }

  return {
    given,
    received,
    withdraw: (req: Request, res: Response) => withdraw(req, res),
    withdrawn: async (req: Request, res: Response): Promise<void> => {
      // The act asks all that there is to ask; nothing of a page is needed for a click that is accepted.
      try {
        await withdrawMandate(visitorOf(req).ctx, String(req.params['mandate']));
      } catch (error) {
        return withdraw(req, res, asRefusal(error));
      }
      res.redirect(303, `${MANDATES}/given?done=withdrawn`);
    },
  };
}
