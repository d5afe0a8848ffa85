// The page of the editor: profile first, then the lists side by side, the dates, and what has changed so far.
import type { Response } from 'express';
import { label } from '../../applications/catalogue.ts';
import { whomItReaches, type Reach } from '../../entitlements/whom-it-reaches.ts';
import type { Lock } from '../../entitlements/locks.ts';
import { ceilingEnd } from './ceiling-end.ts';
import type { Edit } from './edit.ts';
import type { Editing } from './editor-lists.ts';
import { editorParts, type PlacedFaults } from './editor-parts.ts';
import { rightsPath } from './entitlements-page.ts';
import { missingFaults } from './refusal-words.ts';

type Shown = { readonly status?: number; readonly faults?: PlacedFaults };

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
  const path = rightsPath(desk, application);
  const address = new URLSearchParams({
    account: state.accountId,
    ...(state.assignmentId === undefined ? {} : { assignment: state.assignmentId }),
  });
  const directories = await directoriesOf(edit);
  desk.settings.render(
    res,
    'portal/rights/edit',
    {
      ...desk.frame,
      ...editorParts(editing, ceilingEnd(desk, application, state.accountId), faults),
      ...(state.request ? { notice: { kind: 'info', text: t('requests:approve.answering') } } : {}),
      applicationLabel: label(application.label, words.language),
      account: words.accountOf(state.accountId),
      action: `${path}/edit?${address.toString()}`,
      path,
      isNew: stored === undefined,
      profileHeld: words.profileOf(stored ?? { application: application.key }),
      lock: lock && {
        reason: t(`reasons:${lock.code}`),
        beyond: lock.code === 'grantor_lacks_right',
        missing: missingFaults(lock.missing, words),
      },
      addHref: stored && locks.giving(state.accountId) === null ? `${path}/edit?account=${state.accountId}` : undefined,
      directories,
      consent: state.consent,
      mayConsent: acting.unbounded,
      deactivateOnly: editing.deactivateOnly,
    },
    { status },
  );
}
