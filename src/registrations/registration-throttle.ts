// So many registrations an hour per visitor's network and per mailbox; see hourly-throttle.ts.
import { countHourly, type HourlyCount } from '../credentials/hourly-throttle.ts';
import { HubError } from '../errors.ts';

const MOST_AN_HOUR = { address: 10, mailbox: 3 } as const;
const HOUR_S = 3600;

/** Counts one form. Throws HubError `throttled`. */
export async function countRegistration(
  counted: readonly HourlyCount<keyof typeof MOST_AN_HOUR>[],
  now: Date,
): Promise<void> {
  if (!(await countHourly({ purpose: 'registration', most: MOST_AN_HOUR, now }, counted)))
    throw new HubError('throttled', 'Too many registrations were sent from here.', { retryAfter: HOUR_S });
}
