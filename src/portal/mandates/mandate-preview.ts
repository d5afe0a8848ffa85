// What saving a mandate would change: in its lists, and for how many people. Carries the save out and undoes it, so that it says what the
// save will say.
import type { Response } from 'express';
import { mandateEffect } from '../../mandates/mandate-effect.ts';
import { listChange } from '../rights/changes.ts';
import type { MandateEdit } from './mandate-edit.ts';
import { frameOf, showEditor, showRefusal, showsConflict } from './mandate-editor.ts';
import { planOf } from './mandate-plan.ts';
import { boxFrom, mandateFields, spanFrom } from './mandate-state.ts';

export async function showPreview(res: Response, edit: MandateEdit): Promise<void> {
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
    return showRefusal(res, edit, error);
  }
}
