// What a save would do, before it does it: added, removed and unchanged values list by list, what the person gains and
// loses in combinations, from when, and who is told.
import type { Response } from 'express';
import { label } from '../../applications/catalogue.ts';
import type { Entitlement } from '../../entitlements/box.ts';
import type { Preview } from '../../entitlements/preview-act.ts';
import { listChanges } from './changes.ts';
import type { Edit } from './edit.ts';
import { directoriesOf } from './editor-page.ts';
import { fieldsFor } from './editor-state.ts';
import { rightsPath } from './entitlements-page.ts';
import type { Words } from './words.ts';
import type { Desk } from './desk.ts';

/** More combinations than these are counted, not named. */
const MOST_NAMED = 12;

/** Boxes as lines, and how many there are beside them. */
function linesOf(words: Words, boxes: Preview['gained']) {
  return {
    lines: boxes.slice(0, MOST_NAMED).map((box) => words.sentence(box)),
    more: Math.max(0, boxes.length - MOST_NAMED),
  };
}

/** What the preview pages say about the effect of an act. */
export const effectOf = (desk: Desk, words: Words, { gained, lost, withheld, reported }: Preview) => ({
  gained: linesOf(words, gained),
  lost: linesOf(words, lost),
  withheld: [...new Set(withheld.map(({ code }) => code))],
  reported: reported.map(({ between, customerAccountId, people }) => ({
    between: label(between, words.language),
    account: words.accountOf(customerAccountId).title,
    people,
  })),
  // The other chiefs are told then, too: see check-giving.ts.
  toHimself: desk.acting.unbounded && desk.subject.id === desk.acting.userId && gained.length > 0,
});

/** Without `found` there is nothing to save. */
export async function showPreview(
  res: Response,
  edit: Edit,
  { entitlement, found }: { entitlement: Entitlement; found?: Preview },
): Promise<void> {
  const { desk, application, words, state, stored } = edit;
  const path = rightsPath(desk, application);
  const { from, until } = entitlement.validity;
  const changes = listChanges(application, stored, entitlement).map(({ dimension, ...change }) => {
    const named = (values: readonly string[]): string[] =>
      words.namesOf(application, state.accountId, dimension, values);
    const narrowed = change.removed.includes('*') && !change.added.includes('*');
    return {
      label: words.t(`rights:list.${dimension}`),
      added: named(change.added),
      removed: named(change.removed),
      // From "all, also future ones" to a list: the list is what is left of it.
      unchanged: named(change.unchanged),
      narrowed,
    };
  });
  const before = stored?.validity;
  desk.settings.render(res, 'portal/rights/preview', {
    ...desk.frame,
    ...(state.request ? { notice: { kind: 'info', text: desk.t('requests:approve.answering') } } : {}),
    applicationLabel: label(application.label, words.language),
    account: words.accountOf(state.accountId),
    path,
    action: `${path}/edit?${new URLSearchParams({ account: state.accountId, ...(state.assignmentId === undefined ? {} : { assignment: state.assignmentId }) }).toString()}`,
    carried: fieldsFor(state),
    changes,
    profile: words.profileOf(entitlement),
    profileBefore: stored && stored.profile !== entitlement.profile ? words.profileOf(stored) : undefined,
    from: from === null || from <= desk.ctx.now.getTime() ? undefined : new Date(from),
    until: until === null ? undefined : new Date(until - 1),
    datesChanged: before !== undefined && (before.from !== from || before.until !== until),
    untilBefore: before?.until === null || before?.until === undefined ? undefined : new Date(before.until - 1),
    isNew: stored === undefined,
    effect: found && effectOf(desk, words, found),
    directories: await directoriesOf(edit),
  });
}
