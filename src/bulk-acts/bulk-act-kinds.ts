// What can be done to many people in one act, and to how many. Data only: the command line reads it without the server.

export const BULK_ACTS = ['deactivate', 'reactivate', 'invite'] as const;
export type BulkActKind = (typeof BULK_ACTS)[number];

/** More than the people of most organizations; a narrower filter does the rest. */
export const MOST_PEOPLE = 10_000;
