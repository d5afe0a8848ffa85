// The editor of one entitlement: shown, previewed, saved. A preview carries the save out and undoes it, so that it says
// what the save will say; a save ends the old assignment and begins the new in one act. Whoever finds the assignment
// ended meanwhile is shown both versions and loses nothing.
import type { Request, Response } from 'express';
import type { Application, Dimension } from '../../applications/application.ts';
import type { Entitlement } from '../../entitlements/box.ts';
import type { EndedEntitlement, GivenEntitlement, HeldEntitlement, Holder } from '../../entitlements/holder.ts';
import { previewAct } from '../../entitlements/preview-act.ts';
import { apartValues, type ApartValues } from '../../entitlements/separation-ahead.ts';
import { HubError } from '../../errors.ts';
import { approveRequest } from '../../requests/answer-request.ts';
import { toProblem } from '../../web/problem.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { isSame } from './changes.ts';
import { showConflict } from './conflict-page.ts';
import { accountAt, applicationAt, fieldOf, openDesk, type Desk } from './desk.ts';
import { editorLists } from './editor-lists.ts';
import { editingOf, lockOf, showEditor } from './editor-page.ts';
import { givenFrom, tickAll } from './editor-parts.ts';
import { ceilingEnd, ceilingOn } from './ceiling-end.ts';
import { carriesState, entitlementOf, queryOf, readState, stateOf, type EditorState } from './editor-state.ts';
import { rightsPath } from './entitlements-page.ts';
import { showPreview } from './preview-page.ts';
import { asRefusal, faultsOf, issueFaults, type Fault } from './refusal-words.ts';
import type { Words } from './words.ts';

/** Beyond it a form's ticks do not go into an address, and the page is made at once. */
const LONGEST_QUERY = 6000;

/** One request to the editor. `stored`: the entitlement as it stands, unless a new one is given. */
export type Edit = {
  readonly desk: Desk;
  readonly application: Application;
  readonly words: Words;
  readonly state: EditorState;
  readonly stored?: Entitlement;
  /** What nobody may hold beside what the receiver holds already. */
  readonly apart?: ApartValues;
};

type Opened = { edit: Edit; ended?: EndedEntitlement };

const isFresh = (source: unknown): boolean => !carriesState(source);

async function open(
  settings: PortalSettings,
  req: Request,
  res: Response,
  kind: Holder['kind'],
  source: unknown,
): Promise<Opened> {
  const application = applicationAt(settings, req);
  const desk = await openDesk(settings, req, res, kind);
  const sent = readState(source, application);
  const account = accountAt(desk, sent.accountId);
  const words = await desk.words([account.id]);
  const found = sent.assignmentId === undefined ? undefined : await findStanding(desk, application, sent.assignmentId);
  const stored = found?.held.entitlement;
  if (stored && stored.customerAccount !== account.id) throw notHere();
  const apart = await apartValues(desk.ctx, desk.subject, {
    application,
    customerAccountId: account.id,
    ...(found ? { replaced: { id: found.held.id, entitlement: found.held.entitlement } } : {}),
  });
  const { timeZone } = settings.site;
  const state =
    isFresh(source) && stored
      ? stateOf(stored, timeZone, found.held)
      : isFresh(source)
        ? { ...sent, until: desk.acting.unbounded ? '' : (ceilingEnd(desk, application, account.id)?.day ?? '') }
        : sent;
  return {
    edit: { desk, application, words, state, apart, ...(stored ? { stored } : {}) },
    ...(found?.ended ? { ended: found.ended } : {}),
  };
}

const notHere = () => new HubError('not_found', 'There is no such assignment here.');

/** The entitlement as it stands, or as it stood before it ended. Throws HubError `not_found`. */
async function findStanding(
  { ctx, acts }: Desk,
  application: Application,
  id: string,
): Promise<{ held: HeldEntitlement; ended?: EndedEntitlement }> {
  const ended = await acts.findEnded(ctx, id);
  const held = ended?.held ?? (await acts.find(ctx, id));
  if (held.entitlement.application !== application.key) throw notHere();
  return ended ? { held, ended } : { held };
}

/** What the form means as an entitlement and as an act; its faults of form otherwise. */
function planOf({ desk, application, state, stored }: Edit) {
  const { timeZone } = desk.settings.site;
  const read = entitlementOf(state, application, {
    ceiling: ceilingOn(desk, application, state.accountId),
    timeZone,
    now: desk.ctx.now,
    ...(stored ? { stored } : {}),
  });
  if (!read.entitlement) return { faults: issueFaults(read.issues) };
  const { entitlement } = read;
  const given = givenFrom(application, entitlement);
  const { ctx, acts } = desk;
  const { consent, assignmentId, request } = state;
  return {
    entitlement,
    unchanged: stored !== undefined && isSame(application, stored, entitlement),
    act: () =>
      request
        ? approve(desk, request, { ...given, consent })
        : assignmentId === undefined
          ? acts.give(ctx, { ...given, consent })
          : acts.replace(ctx, assignmentId, { ...given, consent }),
  };
}

/** Giving what somebody asked for closes his request in the same act. That it is in part the administrator says, else what was chosen. */
async function approve(
  { ctx }: Desk,
  { id, inPart, answer }: NonNullable<EditorState['request']>,
  { consent, ...gift }: GivenEntitlement & { readonly consent: boolean },
): Promise<string[]> {
  const given = await approveRequest(ctx, { id, answer, gifts: [gift], consent, ...(inPart ? { inPart } : {}) });
  return given.map((assignment) => assignment.id);
}

/** What is locked cannot be saved either. */
function checkLock(edit: Edit): void {
  const lock = lockOf(edit);
  if (!lock) return;
  throw new HubError(lock.code, 'This entitlement is locked.', { missing: [{ boxes: lock.missing }] });
}

async function refuse(res: Response, edit: Edit, error: unknown): Promise<void> {
  const refusal = asRefusal(error);
  return showEditor(res, edit, {
    status: toProblem(refusal).status,
    faults: (idOf) =>
      faultsOf(refusal, edit.words, { application: edit.application, accountId: edit.state.accountId, idOf }),
  });
}

const showFaults = (res: Response, edit: Edit, faults: readonly Fault[]): Promise<void> =>
  showEditor(res, edit, { status: 422, faults: () => faults });

async function preview(res: Response, { edit, ended }: Opened): Promise<void> {
  if (ended) return showConflict(res, edit, ended);
  const plan = planOf(edit);
  if (plan.faults) return showFaults(res, edit, plan.faults);
  if (plan.unchanged) return showPreview(res, edit, { entitlement: plan.entitlement });
  try {
    checkLock(edit);
    const found = await previewAct(edit.desk.ctx, edit.desk.subject, plan.act);
    return await showPreview(res, edit, { entitlement: plan.entitlement, found });
  } catch (error) {
    return refuse(res, edit, error);
  }
}

async function save(res: Response, opened: Opened): Promise<void> {
  const { edit, ended } = opened;
  const path = rightsPath(edit.desk, edit.application);
  const plan = planOf(edit);
  if (plan.faults) return showFaults(res, edit, plan.faults);
  if (ended) {
    // A form sent twice finds its own work done.
    const [only, ...others] = ended.successors;
    const mine = only && others.length === 0 ? only.entitlement : undefined;
    const own = only?.givenBy.id === edit.desk.ctx.actor.id;
    if (mine && own && isSame(edit.application, mine, plan.entitlement)) return res.redirect(303, `${path}?done=saved`);
    return showConflict(res, edit, ended);
  }
  if (plan.unchanged) return res.redirect(303, `${path}?done=unchanged`);
  try {
    checkLock(edit);
    await plan.act();
  } catch (error) {
    const { ctx, acts } = edit.desk;
    const now = edit.state.assignmentId && (await acts.findEnded(ctx, edit.state.assignmentId));
    return now ? showConflict(res, edit, now) : refuse(res, edit, error);
  }
  return res.redirect(303, edit.state.request ? '/portal/requests?view=waiting&done=approved' : `${path}?done=saved`);
}

/** To an address that carries the form, so that language, theme, reload and back keep it; without where it is too long. */
function continueAt(res: Response, { edit, ended }: Opened, page: 'edit' | 'preview', part = ''): Promise<void> | void {
  const query = queryOf(edit.state);
  if (query.length <= LONGEST_QUERY)
    return res.redirect(303, `${rightsPath(edit.desk, edit.application)}/${page}?${query}${part}`);
  return page === 'preview' ? preview(res, { edit, ...(ended ? { ended } : {}) }) : showEditor(res, edit);
}

function withAllOf(edit: Edit, dimension: Dimension): Edit {
  const found = editorLists(editingOf(edit)).lists.find((list) => list.dimension === dimension);
  if (!found) return edit;
  const { ticks } = edit.state;
  return { ...edit, state: { ...edit.state, ticks: { ...ticks, [dimension]: tickAll(ticks, found) } } };
}

export function editPages(settings: PortalSettings, kind: Holder['kind']) {
  return {
    show: async (req: Request, res: Response): Promise<void> => {
      const { edit, ended } = await open(settings, req, res, kind, req.query);
      return ended ? showConflict(res, edit, ended) : showEditor(res, edit);
    },
    preview: async (req: Request, res: Response): Promise<void> =>
      preview(res, await open(settings, req, res, kind, req.query)),
    send: async (req: Request, res: Response): Promise<void> => {
      const body: unknown = req.body;
      const opened = await open(settings, req, res, kind, body);
      const act = (body as Record<string, unknown>)['act'];
      if (act === 'save') return save(res, opened);
      const list = opened.edit.application.dimensions.find((dimension) => dimension === fieldOf(body, 'all'));
      if (list) return continueAt(res, { ...opened, edit: withAllOf(opened.edit, list) }, 'edit', `#list-${list}`);
      if (act === 'profile') return continueAt(res, opened, 'edit', '#profile');
      return continueAt(res, opened, act === 'preview' ? 'preview' : 'edit');
    },
  };
}
