// What a request asks to edit: one part of a mandate with the mandate's terms, where it goes, what the form says of it, and whether
// somebody else changed or withdrew it meanwhile. Shows nothing and changes nothing.
import type { Request, Response } from 'express';
import type { Application } from '../../applications/application.ts';
import { HubError } from '../../errors.ts';
import { changedSince, withdrawnMandate, type Meanwhile } from '../../mandates/changed-meanwhile.ts';
import { mostOnward } from '../../mandates/check-chain.ts';
import { findListedMandate, linksTo, type ListedMandate, type MandateBox } from '../../mandates/find-mandate.ts';
import { findRouter, type ListedRouter } from '../../mandates/list-routers.ts';
import { mandateCeiling } from '../../mandates/mandating.ts';
import { customerAccountNotFound } from '../../organizations/find-customer-account.ts';
import type { PortalSettings } from '../portal-settings.ts';
import type { Words } from '../rights/words.ts';
import { openGivingDesk, type MandateDesk } from './mandate-desk.ts';
import type { MandateEditing } from './mandate-lists.ts';
import { carriesTicks, filledFrom, readMandateState, type MandateState } from './mandate-state.ts';

export type MandateEdit = {
  readonly desk: MandateDesk;
  readonly words: Words;
  readonly application: Application;
  readonly state: MandateState;
  readonly receiver: ListedRouter;
  readonly accountId: string;
  readonly parent: ListedMandate | undefined;
  readonly mandate: ListedMandate | undefined;
  /** The part as it stands. */
  readonly box: MandateBox | undefined;
  readonly mostOnward: number;
  /** Somebody else changed or withdrew it after this visitor opened it. */
  readonly meanwhile?: Meanwhile;
};

/** Where a new mandate goes. Throws HubError `not_found` for a receiver, account or received mandate that cannot be meant. */
async function placeOf(desk: MandateDesk, state: MandateState) {
  const receiver = await findRouter(desk.ctx, state.receiver);
  const account = desk.accounts.find(({ id }) => id === state.account);
  if (!account || !desk.mandatable.has(account.id)) throw customerAccountNotFound(state.account);
  const parent = state.parent === undefined ? undefined : await findListedMandate(desk.ctx, state.parent, 'receiver');
  if ((account.owner === null) !== (parent === undefined) || (parent && parent.customerAccountId !== account.id))
    throw customerAccountNotFound(state.account);
  return { receiver, accountId: account.id, parent, mandate: undefined, links: parent ? await linksTo(parent) : [] };
}

/** The place of one that was withdrawn while it was being edited. Throws HubError `not_found` for any other that is not there. */
async function formerPlaceOf(desk: MandateDesk, sent: MandateState, error: unknown) {
  const meanwhile = await withdrawnMandate(desk.ctx, sent.mandate ?? '');
  if (!meanwhile) throw error;
  const { receiverOrganizationId: receiver, customerAccountId: account, parentId } = meanwhile.opened;
  const place = await placeOf(desk, { ...sent, receiver, account, ...(parentId === null ? {} : { parent: parentId }) });
  return { ...place, meanwhile };
}

async function standingOf(desk: MandateDesk, id: string) {
  const mandate = await findListedMandate(desk.ctx, id, 'giver');
  const receiver = await findRouter(desk.ctx, mandate.receiverOrganizationId);
  const links = (await linksTo(mandate)).slice(0, -1);
  return { receiver, accountId: mandate.customerAccountId, parent: undefined, mandate, links };
}

/**
 * `source`: the query or the posted body. Throws HubError `not_permitted`, and `not_found` for what cannot be meant.
 */
export async function openMandateEdit(
  settings: PortalSettings,
  req: Request,
  res: Response,
  source: unknown,
): Promise<MandateEdit> {
  const desk = await openGivingDesk(settings, req, res, 'given');
  const sent = readMandateState(source);
  const edited = carriesTicks(source);
  const found: Awaited<ReturnType<typeof standingOf | typeof placeOf>> & { readonly meanwhile?: Meanwhile } =
    sent.mandate === undefined
      ? await placeOf(desk, sent)
      : await standingOf(desk, sent.mandate).catch((error: unknown) => {
          if (edited) return formerPlaceOf(desk, sent, error);
          throw error;
        });
  const { links, meanwhile: withdrawn, ...place } = found;
  const { mandate: standing } = place;
  const stale = edited && standing !== undefined && sent.version !== undefined && sent.version !== standing.version;
  const meanwhile = stale ? await changedSince(desk.ctx, standing, sent.version) : withdrawn;
  const box = sent.part === undefined ? undefined : (meanwhile?.opened ?? place.mandate)?.boxes[sent.part];
  const key = box?.application ?? sent.application;
  const application = settings.catalogue.get(key);
  const may = desk.mandatable.get(place.accountId)?.includes(key) === true;
  if (!application || (!box && !may)) throw new HubError('not_found', `There is no mandate to give in "${key}" here.`);
  const read = readMandateState(source, application);
  const { timeZone } = settings.site;
  const state =
    place.mandate && !edited ? filledFrom(read, place.mandate, box, timeZone) : { ...read, application: key };
  const words = await desk.words([place.accountId]);
  const most = mostOnward(links);
  return { desk, words, application, state, box, mostOnward: most, ...place, ...(meanwhile ? { meanwhile } : {}) };
}

/** The same as the lists of the editor take it. */
export const editingOf = ({
  desk,
  words,
  application,
  state,
  accountId,
  box,
  parent,
  mandate,
}: MandateEdit): MandateEditing => ({
  acting: desk.acting,
  application,
  state,
  accountId,
  stored: box,
  ceilings: mandateCeiling(desk.acting, {
    application: application.key,
    customerAccountId: accountId,
    parentId: parent?.id ?? mandate?.parentId ?? null,
  }),
  words,
});
