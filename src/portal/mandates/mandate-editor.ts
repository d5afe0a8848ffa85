// The page of the editor of a mandate, with what was refused; and both versions where somebody else was quicker.
import type { Response } from 'express';
import { label } from '../../applications/catalogue.ts';
import { toProblem } from '../../web/problem.ts';
import { asRefusal, faultsOf, type Fault } from '../rights/refusal-words.ts';
import { showConflict } from './conflict.ts';
import { MANDATES } from './mandate-desk.ts';
import { editingOf, type MandateEdit } from './mandate-edit.ts';
import { mandateLists } from './mandate-lists.ts';
import { mandateFields } from './mandate-state.ts';

/** Path to which "Cancel" leads. */
const backOf = ({ mandate, receiver }: MandateEdit): string =>
  mandate ? `${MANDATES}/${mandate.id}` : `${MANDATES}/routers/${receiver.id}`;

/** What every page about the edit shows. */
export const frameOf = (edit: MandateEdit) => {
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
export function showsConflict(res: Response, edit: MandateEdit): boolean {
  const { meanwhile, mandate: now, desk, words, application, state, accountId } = edit;
  if (!meanwhile) return false;
  showConflict(res, { desk, words, application, state, accountId, now, meanwhile, frame: frameOf(edit) });
  return true;
}

/** With what is wrong with it. */
export function showEditor(
  res: Response,
  edit: MandateEdit,
  { status = 200, faults = [] as readonly Fault[] } = {},
): void {
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

/** The editor again, with the words of the refusal. Rethrows what is none. */
export function showRefusal(res: Response, edit: MandateEdit, error: unknown): void {
  const refusal = asRefusal(error);
  const onward = refusal.code === 'mandate_not_onward' || refusal.code === 'mandate_cycle';
  const faults = faultsOf(refusal, edit.words);
  showEditor(res, edit, {
    status: toProblem(refusal).status === 400 ? 422 : toProblem(refusal).status,
    faults: onward ? faults.map((fault) => ({ ...fault, field: 'onward' })) : faults,
  });
}
