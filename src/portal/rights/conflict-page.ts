// Somebody else changed or ended the entitlement while it was being edited: how it was, how it is now and how this
// visitor has it, side by side; what he changed can be laid on top of what stands now.
import type { Response } from 'express';
import { label } from '../../applications/catalogue.ts';
import type { Entitlement } from '../../entitlements/box.ts';
import type { EndedEntitlement, HeldEntitlement } from '../../entitlements/holder.ts';
import { isSame, listChanges, rebased } from './changes.ts';
import { ceilingOn } from './ceiling-end.ts';
import type { Edit } from './edit.ts';
import { entitlementOf, fieldsFor, stateOf } from './editor-state.ts';
import { rightsPath } from './entitlements-page.ts';

export async function showConflict(res: Response, edit: Edit, ended: EndedEntitlement): Promise<void> {
  const { desk, application, words, state } = edit;
  const { timeZone } = desk.settings.site;
  const base = ended.held.entitlement;
  const read = entitlementOf(state, application, {
    stored: base,
    ceiling: ceilingOn(desk, application, state.accountId),
    timeZone,
    now: desk.ctx.now,
  });
  // A date that is none is no reason to lose the rest.
  const mine = read.entitlement ?? { ...base, ...(state.profile === undefined ? {} : { profile: state.profile }) };

  const column = (entitlement: Entitlement | undefined) =>
    entitlement && {
      profile: words.profileOf(entitlement),
      lists: listChanges(application, base, entitlement).map(({ dimension, ...change }) => {
        const named = (values: readonly string[]): string[] =>
          words.namesOf(application, state.accountId, dimension, values);
        return {
          label: words.t(`rights:list.${dimension}`),
          unchanged: named(change.unchanged),
          added: named(change.added),
          removed: named(change.removed),
        };
      }),
      ...(entitlement.validity.until === null ? {} : { until: new Date(entitlement.validity.until - 1) }),
    };
  const onTop = (theirs: HeldEntitlement) =>
    fieldsFor({
      ...stateOf(rebased(application, base, mine, theirs.entitlement), timeZone, theirs),
      consent: state.consent,
    });
  const { assignmentId: _gone, ...anew } = state;
  desk.settings.render(
    res,
    'portal/rights/conflict',
    {
      ...desk.frame,
      applicationLabel: label(application.label, words.language),
      account: words.accountOf(state.accountId),
      path: rightsPath(desk, application),
      endedBy: ended.endedBy.id === desk.ctx.actor.id ? desk.t('rights:you') : ended.endedBy.label,
      endedAt: ended.endedAt,
      opened: column(base),
      now: ended.successors.map((theirs) => ({ ...column(theirs.entitlement), merged: onTop(theirs) })),
      mine: column(mine),
      changedHere: !isSame(application, base, mine),
      anew: fieldsFor(anew),
      action: `${rightsPath(desk, application)}/edit?account=${state.accountId}`,
    },
    { status: 409 },
  );
}
