import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dayOf, endOfDay, lastDayOf, startOfDay } from '../../src/web/days.ts';

const ZONES = ['Europe/Brussels', 'UTC', 'America/New_York', 'Pacific/Kiritimati', 'Asia/Kathmandu'];
const day = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2060-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

describe('a day', () => {
  it('begins and ends with the clock of the zone, also when the clock changes', () => {
    expect(startOfDay('2026-03-29', 'Europe/Brussels')?.toISOString()).toBe('2026-03-28T23:00:00.000Z');
    expect(endOfDay('2026-03-29', 'Europe/Brussels')?.toISOString()).toBe('2026-03-29T22:00:00.000Z');
    expect(endOfDay('2026-10-25', 'Europe/Brussels')?.toISOString()).toBe('2026-10-25T23:00:00.000Z');
  });

  it('comes back from its own bounds', () => {
    fc.assert(
      fc.property(day, fc.constantFrom(...ZONES), (one, zone) => {
        expect(dayOf(startOfDay(one, zone) as Date, zone)).toBe(one);
        expect(lastDayOf(endOfDay(one, zone) as Date, zone)).toBe(one);
      }),
      { numRuns: 300 },
    );
  });

  it.each(['2026-02-30', '2026-13-01', '26-01-01', '01/02/2026', '', '2026-1-1'])('is not %p', (text) => {
    expect(startOfDay(text, 'Europe/Brussels')).toBeUndefined();
  });
});
