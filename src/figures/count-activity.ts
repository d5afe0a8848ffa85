// Counts what happens in the hub, for the operator's plots. Counted in memory and written every few seconds as deltas that
// a job folds: no request waits for it and nobody holds a counter's lock. A process that is killed loses its last seconds.
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { query } from '../database/query.ts';
import { writeLater } from '../database/write-later.ts';

export const ACTIVITY_KINDS = [
  'sign_in',
  'sign_in_failed',
  'token',
  'token_refused',
  'provisioning',
  'provisioning_failed',
] as const;
export type ActivityKind = (typeof ACTIVITY_KINDS)[number];

const FLUSH_MS = 3000;
const HOUR_MS = 3_600_000;

/** The hub's own hours stand under the operator's organization; see operator-organization.ts, which counts nothing. */
export const HUB = '00000000-0000-7000-8000-000000000001';

let counted = new Map<string, number>();

const startOf = (at: number, period: 'hour' | 'day'): string => {
  const hour = new Date(Math.floor(at / HOUR_MS) * HOUR_MS);
  if (period === 'day') hour.setUTCHours(0);
  return hour.toISOString();
};

const add = (key: string, times: number): void => void counted.set(key, (counted.get(key) ?? 0) + times);

/** What happened at another moment than now, or several times. */
type Happened = { readonly at?: Date; readonly times?: number };

/** Never throws and never waits. `organizationId`: whose it is, where that is known. */
export function countActivity(kind: ActivityKind, log: Logger, organizationId?: string, happened: Happened = {}): void {
  const at = happened.at?.getTime() ?? Date.now();
  const times = happened.times ?? 1;
  add(`${HUB} hour ${kind} ${startOf(at, 'hour')}`, times);
  if (organizationId !== undefined) add(`${organizationId} day ${kind} ${startOf(at, 'day')}`, times);
  counts.soon(log);
}

const INSERT = `insert into activity_counts (organization_id, period, kind, starts_at, id, count)
  select organization_id, period, kind, starts_at, id, count
  from jsonb_to_recordset($1::jsonb) as r(organization_id uuid, period text, kind text, starts_at timestamptz, id uuid, count bigint)`;

const counts = writeLater({
  everyMs: FLUSH_MS,
  take: () => {
    const rows = [...counted].map(([key, count]) => {
      const [organization_id, period, kind, starts_at] = key.split(' ');
      return { organization_id, period, kind, starts_at, id: uuidv7(), count };
    });
    counted = new Map();
    return rows;
  },
  write: (rows) => query(INSERT, [JSON.stringify(rows)]),
  lost: (log, error, rows) => log.warn({ err: error, lost: rows }, 'figures could not be written'),
});

/** Writes what was counted since the last time. Also called when the process ends. Never throws. */
export const flushActivity = counts.flush;
