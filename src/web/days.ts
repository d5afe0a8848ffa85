// Days as forms write them (2026-12-31) and the instants that they mean, in the portal's time zone. An end is the last
// day on which something holds; what is stored is the first instant after it.

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 24 * 60 * 60 * 1000;

export function dayOf(instant: Date | number, timeZone: string): string {
  // Swedish writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(instant);
}

/** The last day before an end. */
export const lastDayOf = (until: Date | number, timeZone: string): string => dayOf(Number(until) - 1, timeZone);

/** The first instant of a day; undefined for what is no day of the calendar. */
export function startOfDay(day: string, timeZone: string): Date | undefined {
  const midnight = DAY.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return undefined;
  // The offset at the guessed instant may be that of before a change of the clock; the second look is right.
  let instant = midnight - offsetAt(midnight, timeZone);
  instant = midnight - offsetAt(instant, timeZone);
  return new Date(instant);
}

/** The first instant after a day. */
export function endOfDay(day: string, timeZone: string): Date | undefined {
  const start = startOfDay(day, timeZone);
  // A day and a half later is the next day, however long this one is.
  return start && startOfDay(dayOf(start.getTime() + 1.5 * DAY_MS, timeZone), timeZone);
}

/** How far the zone's clock is ahead of UTC, in milliseconds. */
function offsetAt(instant: number, timeZone: string): number {
  const shown = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(instant);
  return Date.parse(`${shown.replace(' ', 'T')}Z`) - Math.floor(instant / 1000) * 1000;
}
