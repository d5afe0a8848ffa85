// What the form of a mandate means as an act: giving a new one, or changing one in this part. A preview carries it out and undoes
// it, a save carries it out.
import { changeMandate } from '../../mandates/change-mandate.ts';
import type { Mandate, MandateBox } from '../../mandates/find-mandate.ts';
import { giveMandate } from '../../mandates/give-mandate.ts';
import { issueFaults, type Fault } from '../rights/refusal-words.ts';
import type { MandateEdit } from './mandate-edit.ts';
import { boxFrom, spanFrom } from './mandate-state.ts';

type Plan = { faults: Fault[]; act?: never } | { act: () => Promise<Mandate>; faults?: never };

/** Its faults of form where it means none. */
export function planOf(edit: MandateEdit): Plan {
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
