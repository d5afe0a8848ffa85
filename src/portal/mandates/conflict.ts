// Somebody else changed or withdrew the mandate while it was being edited: how the part was, how it is now and how this visitor
// has it, side by side; what he changed can be laid on top of what stands now, or given as a new mandate.
import type { Response } from 'express';
import type { Application } from '../../applications/application.ts';
import type { Meanwhile } from '../../mandates/changed-meanwhile.ts';
import type { ListedMandate, Mandate, MandateBox } from '../../mandates/find-mandate.ts';
import { ALWAYS } from '../../entitlements/box.ts';
import { listChange, rebased } from '../rights/changes.ts';
import { endOfDay } from '../../web/days.ts';
import type { Words } from '../rights/words.ts';
import type { MandateDesk } from './mandate-desk.ts';
import { boxFrom, filledFrom, mandateFields, type MandateState } from './mandate-state.ts';

export type Conflict = {
  readonly desk: MandateDesk;
  readonly words: Words;
  readonly application: Application;
  readonly state: MandateState;
  readonly accountId: string;
  /** As it stands now; absent: withdrawn. */
  readonly now: ListedMandate | undefined;
  readonly meanwhile: Meanwhile;
  readonly frame: Record<string, unknown>;
};

/** The same part in the terms of now: at its place, else the first of its application. */
function partNow(now: Mandate, key: string, part: number | undefined): number | undefined {
  if (part !== undefined && now.boxes[part]?.application === key) return part;
  const found = part === undefined ? -1 : now.boxes.findIndex(({ application }) => application === key);
  return found === -1 ? undefined : found;
}

/** What he changed since he opened it, laid on what stands now. */
function onTop({ application, state, accountId, desk }: Conflict, opened: Mandate, now: ListedMandate): MandateState {
  const { timeZone } = desk.settings.site;
  const part = partNow(now, application.key, state.part);
  const [was, is] = [state.part === undefined ? undefined : opened.boxes[state.part], now.boxes[part ?? -1]];
  const entitlement = (box: MandateBox | undefined) => ({
    application: application.key,
    customerAccount: accountId,
    values: box?.values ?? {},
    validity: ALWAYS,
  });
  const mine = boxFrom(state, application);
  const values = rebased(application, entitlement(was), entitlement(mine), entitlement(is)).values;
  const [before, after] = [filledFrom(state, opened, was, timeZone), filledFrom(state, now, is, timeZone)];
  const { part: _part, ...rest } = state;
  const kept = <F extends 'from' | 'until' | 'onward'>(field: F): MandateState[F] =>
    state[field] === before[field] ? after[field] : state[field];
  return {
    ...rest,
    ...(part === undefined ? {} : { part }),
    version: now.version,
    ticks: Object.fromEntries(Object.entries(values).map(([name, list]) => [name, list === '*' ? ['*'] : list])),
    from: kept('from'),
    until: kept('until'),
    onward: kept('onward'),
  };
}

export function showConflict(res: Response, conflict: Conflict): void {
  const { desk, words, application, state, accountId, now, meanwhile, frame } = conflict;
  const { opened, by, at } = meanwhile;
  const was = state.part === undefined ? undefined : opened.boxes[state.part];
  const column = (box: MandateBox | undefined, terms: { until: Date | null; onward: number }) => ({
    lists: application.dimensions.map((dimension) => {
      const change = listChange(dimension, was?.values[dimension] ?? [], box?.values[dimension] ?? []);
      const named = (values: readonly string[]) => words.namesOf(application, accountId, dimension, values);
      return {
        label: words.t(`rights:list.${dimension}`),
        unchanged: named(change.unchanged),
        added: named(change.added),
        removed: named(change.removed),
      };
    }),
    onward: terms.onward,
    ...(terms.until === null ? {} : { until: new Date(terms.until.getTime() - 1) }),
  });
  const termsOf = ({ validUntil: until, onward }: Mandate) => ({ until, onward });
  const part = now && partNow(now, application.key, state.part);
  const { mandate: _mandate, version: _version, part: _part, ...rest } = state;
  const anew = {
    ...rest,
    receiver: opened.receiverOrganizationId,
    account: accountId,
    ...(opened.parentId === null ? {} : { parent: opened.parentId }),
  };
  desk.settings.render(
    res,
    'portal/mandates/conflict',
    {
      ...frame,
      by: by.id === desk.ctx.actor.id ? desk.t('rights:you') : by.label,
      at,
      withdrawn: now === undefined,
      opened: column(was, termsOf(opened)),
      now: now && column(part === undefined ? undefined : now.boxes[part], termsOf(now)),
      // A day that is none is put right in the editor.
      mine: column(state.remove ? undefined : boxFrom(state, application), {
        until: endOfDay(state.until, desk.settings.site.timeZone) ?? null,
        onward: state.onward,
      }),
      removes: state.remove,
      // What he wanted out and is gone needs nothing more.
      carried:
        state.remove && part === undefined ? undefined : mandateFields(now ? onTop(conflict, opened, now) : anew),
    },
    { status: 409 },
  );
}
