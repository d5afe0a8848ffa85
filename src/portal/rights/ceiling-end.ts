// Until when the visitor holds what he may give in one application on one customer account.
import type { Application } from '../../applications/application.ts';
import type { Box } from '../../entitlements/box.ts';
import { endOf } from '../../entitlements/validity.ts';
import { lastDayOf } from '../../web/days.ts';
import type { Desk } from './desk.ts';

export const ceilingOn = ({ acting }: Pick<Desk, 'acting'>, application: Application, accountId: string): Box[] =>
  acting.ceiling.filter((box) => box.application === application.key && box.customerAccount === accountId);

/** Absent where some of it has no end: then it depends on what is given, and the save tells. */
export function ceilingEnd(
  desk: Pick<Desk, 'acting' | 'settings'>,
  application: Application,
  accountId: string,
): { readonly day: string; readonly until: Date } | undefined {
  const ends = ceilingOn(desk, application, accountId).map(({ validity }) => endOf(validity));
  const last = Math.max(...ends);
  if (!Number.isFinite(last)) return undefined;
  return { day: lastDayOf(last, desk.settings.site.timeZone), until: new Date(last) };
}
