// The editor of one part of a mandate with the mandate's terms: shown, previewed with how many people gain and lose, saved.
// A preview carries the save out and undoes it, so that it says what the save will say. Whoever finds the mandate changed or withdrawn
// meanwhile is shown both versions and loses nothing.
import type { Request, Response } from 'express';
import type { Application } from '../../applications/application.ts';
import { label } from '../../applications/catalogue.ts';
import { HubError } from '../../errors.ts';
import { changeMandate } from '../../mandates/change-mandate.ts';
import { changedSince, withdrawnMandate, type Meanwhile } from '../../mandates/changed-meanwhile.ts';
import { mostOnward } from '../../mandates/check-chain.ts';
import {
  findListedMandate,
  linksTo,
  type ListedMandate,
  type Mandate,
  type MandateBox,
} from '../../mandates/find-mandate.ts';
import { giveMandate } from '../../mandates/give-mandate.ts';
import { findRouter, type ListedRouter } from '../../mandates/list-routers.ts';
import { mandateEffect } from '../../mandates/mandate-effect.ts';
import { mandateCeiling } from '../../mandates/mandating.ts';
import { customerAccountNotFound } from '../../organizations/find-customer-account.ts';
import { toProblem } from '../../web/problem.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { fieldOf } from '../rights/desk.ts';
import { listChange } from '../rights/changes.ts';
import { tickAll } from '../rights/editor-parts.ts';
import { asRefusal, faultsOf, issueFaults, type Fault } from '../rights/refusal-words.ts';
import type { Words } from '../rights/words.ts';
import { showConflict } from './conflict.ts';
import { MANDATES, openGivingDesk, type MandateDesk } from './mandate-desk.ts';
import { mandateLists, type MandateEditing } from './mandate-lists.ts';
import {
  boxFrom,
  carriesTicks,
  filledFrom,
  mandateFields,
  readMandateState,
  spanFrom,
  type MandateState,
} from './mandate-state.ts';

/** Beyond it a form's ticks do not go into an address, and the page is made at once. */
const LONGEST_QUERY = 6000;

type Edit = {
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

async function open(settings: PortalSettings, req: Request, res: Response, source: unknown): Promise<Edit> {
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

const editingOf = ({ desk, words, application, state, accountId, box, parent, mandate }: Edit): MandateEditing => ({
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

/** What the form means as an act; its faults of form otherwise. */
function planOf(edit: Edit): { faults: Fault[]; act?: never } | { act: () => Promise<Mandate>; faults?: never } {
  const { desk, application, state, mandate, receiver, accountId, parent, words } = edit;
  const read = spanFrom(state, mandate, { timeZone: desk.settings.site.timeZone, now: desk.ctx.now });
  if (!read.span) return { faults: issueFaults(read.issues) };
  const box = boxFrom(state, application);
  const empty = application.dimensions.filter((dimension) => box.values[dimension] === undefined);
  if (empty.length > 0 && !state.remove)
    return {
      faults: empty.map((dimension) => ({
        key: 'rights:fault.minimum',
        values: { list: words.t(`rights:list.${dimension}`), count: 1 },
        field: `list-${dimension}`,
      })),
    };
  const terms = { onward: state.onward, ...read.span };
  if (!mandate) {
    const to = { customerAccountId: accountId, receiverOrganizationId: receiver.id };
    const through = parent ? { parentId: parent.id } : {};
    return { act: () => giveMandate(desk.ctx, { ...to, ...through, ...terms, boxes: [box] }) };
  }
  const { boxes: standing } = mandate;
  const others = (index: number): MandateBox[] =>
    index === state.part ? (state.remove ? [] : [box]) : [standing[index] as MandateBox];
  const boxes = [...standing.flatMap((_, index) => others(index)), ...(state.part === undefined ? [box] : [])];
  const version = state.version === undefined ? {} : { version: state.version };
  return { act: () => changeMandate(desk.ctx, mandate.id, { ...terms, boxes, ...version }) };
}

/** Path to which "Cancel" leads. */
const backOf = ({ mandate, receiver }: Edit): string =>
  mandate ? `${MANDATES}/${mandate.id}` : `${MANDATES}/routers/${receiver.id}`;

const frameOf = (edit: Edit) => {
  const { desk, words, application, receiver, accountId, mandate } = edit;
  return {
    ...desk.frame,
    router: receiver,
    applicationLabel: label(application.label, words.language),
    account: words.accountOf(accountId),
    path: backOf(edit),
    action: `${MANDATES}/edit`,
    isNew: mandate === undefined,
  };
};

/** Both versions; false where nobody else changed anything. */
function showsConflict(res: Response, edit: Edit): boolean {
  const { meanwhile, mandate: now, desk, words, application, state, accountId } = edit;
  if (!meanwhile) return false;
  showConflict(res, { desk, words, application, state, accountId, now, meanwhile, frame: frameOf(edit) });
  return true;
}

function showEditor(res: Response, edit: Edit, { status = 200, faults = [] as readonly Fault[] } = {}): void {
  const { desk, state } = edit;
  const lists = mandateLists(editingOf(edit));
  const items = lists.flatMap((list) => [...list.items, ...(list.all ? [list.all] : [])]);
  desk.settings.render(
    res,
    'portal/mandates/edit',
    {
      ...frameOf(edit),
      ...(faults.length > 0 ? { errors: faults } : {}),
      carried: mandateFields({ ...state, ticks: {}, remove: false }).filter(
        ([name]) => !['from', 'until', 'onward'].includes(name),
      ),
      lists,
      dates: { from: state.from, until: state.until },
      onward: { chosen: Math.min(state.onward, 3), most: edit.mostOnward },
      changes: {
        added: items.filter(({ change }) => change === 'added').length,
        removed: items.filter(({ change }) => change === 'removed').length,
      },
    },
    { status },
  );
}

function refuse(res: Response, edit: Edit, error: unknown): void {
  const refusal = asRefusal(error);
  const onward = refusal.code === 'mandate_not_onward' || refusal.code === 'mandate_cycle';
  const faults = faultsOf(refusal, edit.words);
  showEditor(res, edit, {
    status: toProblem(refusal).status === 400 ? 422 : toProblem(refusal).status,
    faults: onward ? faults.map((fault) => ({ ...fault, field: 'onward' })) : faults,
  });
}

async function preview(res: Response, edit: Edit): Promise<void> {
  if (showsConflict(res, edit)) return;
  const { desk, words, application, state, accountId, receiver, mandate, parent, box } = edit;
  const plan = planOf(edit);
  if (plan.faults) return showEditor(res, edit, { status: 422, faults: plan.faults });
  try {
    const owner = mandate?.ownerOrganizationId ?? parent?.ownerOrganizationId ?? desk.ctx.organizationId;
    const place = { ownerOrganizationId: owner, customerAccountId: accountId, receiverId: receiver.id };
    const effect = await mandateEffect(desk.ctx, place, mandate?.id ?? null, plan.act);
    const after = boxFrom(state, application);
    const changes = application.dimensions.map((dimension) => {
      const change = listChange(
        dimension,
        box?.values[dimension] ?? [],
        state.remove ? [] : (after.values[dimension] ?? []),
      );
      const named = (values: readonly string[]) => words.namesOf(application, accountId, dimension, values);
      return {
        label: words.t(`rights:list.${dimension}`),
        added: named(change.added),
        removed: named(change.removed),
        unchanged: named(change.unchanged),
      };
    });
    const { span } = spanFrom(state, mandate, { timeZone: desk.settings.site.timeZone, now: desk.ctx.now });
    desk.settings.render(res, 'portal/mandates/preview', {
      ...frameOf(edit),
      carried: mandateFields(state),
      changes,
      from: span?.validFrom && span.validFrom > desk.ctx.now ? span.validFrom : undefined,
      until: span?.validUntil ? new Date(span.validUntil.getTime() - 1) : undefined,
      onward: state.onward,
      effect,
    });
  } catch (error) {
    return refuse(res, edit, error);
  }
}

async function save(res: Response, edit: Edit): Promise<void> {
  if (showsConflict(res, edit)) return;
  const plan = planOf(edit);
  if (plan.faults) return showEditor(res, edit, { status: 422, faults: plan.faults });
  try {
    const saved = await plan.act();
    res.redirect(303, `${MANDATES}/${saved.id}?done=${edit.mandate ? 'changed' : 'given'}`);
  } catch (error) {
    return refuse(res, edit, error);
  }
}

function withAllOf(edit: Edit, dimension: string): Edit {
  const list = mandateLists(editingOf(edit)).find((one) => one.dimension === dimension);
  if (!list) return edit;
  const { ticks } = edit.state;
  return { ...edit, state: { ...edit.state, ticks: { ...ticks, [list.dimension]: tickAll(ticks, list) } } };
}

/** To an address that carries the form, so that language, theme, reload and back keep it; without where it is too long. */
function continueAt(res: Response, edit: Edit, page: 'edit' | 'preview', part = ''): Promise<void> | void {
  const query = new URLSearchParams(mandateFields(edit.state).map(([name, value]) => [name, value])).toString();
  if (query.length <= LONGEST_QUERY) return res.redirect(303, `${MANDATES}/${page}?${query}${part}`);
  return page === 'preview' ? preview(res, edit) : showEditor(res, edit);
}

export const editMandatePages = (settings: PortalSettings) => ({
  show: async (req: Request, res: Response): Promise<void> => {
    const edit = await open(settings, req, res, req.query);
    if (!showsConflict(res, edit)) showEditor(res, edit);
  },
  preview: async (req: Request, res: Response): Promise<void> =>
    preview(res, await open(settings, req, res, req.query)),
  send: async (req: Request, res: Response): Promise<void> => {
    const body: unknown = req.body;
    const edit = await open(settings, req, res, body);
    const act = fieldOf(body, 'act');
    if (act === 'save') return save(res, edit);
    const list = fieldOf(body, 'all');
    if (list !== '') return continueAt(res, withAllOf(edit, list), 'edit', `#list-${list}`);
    return continueAt(res, edit, act === 'preview' ? 'preview' : 'edit');
  },
});
