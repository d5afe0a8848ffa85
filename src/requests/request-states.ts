// What becomes of a request. Only `waiting` can be answered.
export const REQUEST_STATES = [
  'waiting',
  'approved',
  'approved_in_part',
  'denied',
  'cancelled',
  'expired',
  'closed',
] as const;
export type RequestState = (typeof REQUEST_STATES)[number];
