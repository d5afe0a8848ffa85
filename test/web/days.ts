// Days in the time zone of the pages under test: what a form shows and takes, whatever hour the tests run at.
import { dayOf } from '../../src/web/days.ts';

export const TIME_ZONE = 'Europe/Brussels';

export const inDays = (days: number): Date => new Date(Date.now() + days * 86_400_000);

/** The day that many days from now, as a form writes it. */
export const dayIn = (days: number): string => dayOf(inDays(days), TIME_ZONE);
