// So many requests for recovery an hour per name typed, per visitor's network and per mailbox; see hourly-throttle.ts.
import { countHourly, type HourlyCount } from './hourly-throttle.ts';

const MOST_AN_HOUR = { identifier: 5, address: 60, mailbox: 5 } as const;

type Counted = HourlyCount<keyof typeof MOST_AN_HOUR>;

/** Counts one request in each, and says whether it is within the limit of all. */
export const countRecovery = (counted: readonly Counted[], now: Date): Promise<boolean> =>
  countHourly({ purpose: 'recovery', most: MOST_AN_HOUR, now }, counted);
