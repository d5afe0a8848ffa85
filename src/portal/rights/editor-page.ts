// The page of the editor: profile first, then the lists side by side, the dates, and what has changed so far.
import type { Response } from 'express';
import type { Dimension } from '../../applications/application.ts';
import { label } from '../../applications/catalogue.ts';
import { whomItReaches, type Reach } from '../../entitlements/whom-it-reaches.ts';
import type { Lock } from '../../entitlements/locks.ts';
import { ceilingEnd } from './ceiling-end.ts';
import type { Edit } from './edit.ts';
import { editorLists, profileChoices, type Editing } from './editor-lists.ts';
import { fieldsFor } from './editor-state.ts';
import { rightsPath } from './entitlements-page.ts';
import { missingFaults, type Fault } from './refusal-words.ts';

type Shown = {
  readonly status?: number;
  /** Made once it is known where each value stands on the page. */
  readonly faults?: (idOf: (dimension: Dimension, value: string) => string | undefined) => readonly Fault[];
};

/** Whom a group or role reaches, the directories that decide it, and whether a chief has still to consent. */
export const directoriesOf = ({ desk }: Pick<Edit, 'desk'>): Promise<Reach | undefined> =>
  whomItReaches(desk.ctx, desk.subject);

/** Why nothing can be changed here; null where something can. */
export const lockOf = ({ desk, state, stored }: Edit): Lock | null =>
  stored ? desk.locks.changing(stored) : desk.locks.giving(state.accountId);

export function editingOf(edit: Edit): Editing {
  const { desk, application, words, state, stored } = edit;
  const { acting, locks, subject } = desk;
  return {
    acting,
    application,
    state,
    words,
    deactivateOnly: locks.takingAway(application.key) === 'deactivate_only',
    readOnly: lockOf(edit) !== null,
    self: subject.kind === 'user' && subject.id === acting.userId && !acting.unbounded,
    receiver: { kind: subject.kind, name: subject.name },
    ...(edit.apart ? { apart: edit.apart } : {}),
    ...(stored ? { stored } : {}),
  };
}

export async function showEditor(res: Response, edit: Edit, { status = 200, faults }: Shown = {}): Promise<void> {
  const { desk, application, words, state, stored } = edit;
  const { locks, acting, t } = desk;
  const lock = lockOf(edit);
  const editing = editingOf(edit);
  const profiles = profileChoices(editing);
  const chosen = profiles.length === 0 || profiles.some((one) => one.chosen);
  // Profile first: without one there is nothing to say about a value.
  const { lists, kept } = chosen ? editorLists(editing) : { lists: [], kept: [] };
  const items = new Map(
    lists.flatMap(({ dimension, items: own, all }) =>
      [...own, ...(all ? [all] : [])].map((item) => [`${dimension} ${item.value}`, item.id]),
    ),
  );
  const errors = faults?.((dimension, value) => items.get(`${dimension} ${value}`));
  const all = lists.flatMap((list) => [...list.items, ...(list.all ? [list.all] : [])]);
  const path = rightsPath(desk, application);
  const address = new URLSearchParams({
    account: state.accountId,
    ...(state.assignmentId === undefined ? {} : { assignment: state.assignmentId }),
  });
  const end = ceilingEnd(desk, application, state.accountId);
  const directories = await directoriesOf(edit);
  desk.settings.render(
    res,
    'portal/rights/edit',
    {
      ...desk.frame,
      ...(errors && errors.length > 0 ? { errors } : {}),
      ...(state.request ? { notice: { kind: 'info', text: t('requests:approve.answering') } } : {}),
      applicationLabel: label(application.label, words.language),
      account: words.accountOf(state.accountId),
      action: `${path}/edit?${address.toString()}`,
      path,
      isNew: stored === undefined,
      // The ticks have fields of their own on the page.
      carried: fieldsFor({
        ...state,
        ticks: chosen ? {} : state.ticks,
        fixed: [],
        kept: chosen ? kept : state.kept,
      }).filter(([name]) => !['profile', 'from', 'until', 'consent'].includes(name)),
      profiles,
      profileHeld: words.profileOf(stored ?? { application: application.key }),
      lists,
      chosen,
      dates: { from: state.from, until: state.until, ...(end ? { latest: end.day, latestDate: end.until } : {}) },
      lock: lock && {
        reason: t(`reasons:${lock.code}`),
        beyond: lock.code === 'grantor_lacks_right',
        missing: missingFaults(lock.missing, words),
      },
      addHref: stored && locks.giving(state.accountId) === null ? `${path}/edit?account=${state.accountId}` : undefined,
      changes: {
        added: all.filter(({ change }) => change === 'added').length,
        removed: all.filter(({ change }) => change === 'removed').length,
      },
      directories,
      consent: state.consent,
      mayConsent: acting.unbounded,
      deactivateOnly: editing.deactivateOnly,
    },
    { status },
  );
}
