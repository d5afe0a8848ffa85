// What was refused to somebody who tried to sign in as a person, so that he sees it. Folded by hour, address prefix and kind,
// gathered in memory and written every few seconds: a flood of attempts is a few rows, and no answer waits for it, so that
// none takes longer for a name that exists. A process that is killed loses its last seconds.
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { deleteInPortions } from '../database/delete-in-portions.ts';
import { query } from '../database/query.ts';
import { writeLater } from '../database/write-later.ts';
import { shownPrefix } from './address-prefix.ts';

/** `throttled`: not even looked at, since there had been too many. */
export type RefusalKind = 'password' | 'second_factor' | 'passkey' | 'throttled';
type Target = { readonly organizationId: string; readonly userId: string };

type Row = {
  organization_id: string;
  user_id: string;
  hour: string;
  address: string;
  kind: RefusalKind;
  id: string;
  attempts: number;
  first_at: string;
  last_at: string;
};

const FLUSH_MS = 3000;
const HOUR_MS = 3_600_000;
/** Somebody who comes from ever new addresses is told apart no further. */
const MOST_ADDRESSES = 20;
const KEPT_DAYS = 90;

let noted = new Map<string, Row>();
let addresses = new Map<string, Set<string>>();

/** Of these users; none is no work. Never throws and never waits. */
export function noteRefusals(
  log: Logger,
  targets: readonly Target[],
  { kind, address, at }: { readonly kind: RefusalKind; readonly address: string; readonly at: Date },
): void {
  const hour = new Date(Math.floor(at.getTime() / HOUR_MS) * HOUR_MS).toISOString();
  const prefix = shownPrefix(address) ?? '';
  for (const { organizationId, userId } of targets) {
    const of = `${organizationId} ${userId} ${hour}`;
    const seen = addresses.get(of) ?? new Set();
    addresses.set(of, seen.size < MOST_ADDRESSES ? seen.add(prefix) : seen);
    const place = seen.has(prefix) ? prefix : '';
    const key = `${of} ${place} ${kind}`;
    const row = noted.get(key);
    if (row) {
      row.attempts += 1;
      row.last_at = at.toISOString();
      continue;
    }
    noted.set(key, {
      organization_id: organizationId,
      user_id: userId,
      hour,
      address: place,
      kind,
      id: uuidv7({ msecs: at.getTime() }),
      attempts: 1,
      first_at: at.toISOString(),
      last_at: at.toISOString(),
    });
  }
  if (noted.size > 0) refusals.soon(log);
}

const WRITE = `
  with given as (
    select * from jsonb_to_recordset($1::jsonb) as g(organization_id uuid, user_id uuid, hour timestamptz, address text, kind text,
      id uuid, attempts bigint, first_at timestamptz, last_at timestamptz)
  ), placed as (
    select g.*, case when (select count(distinct r.address) from refused_sign_ins r where r.organization_id = g.organization_id
        and r.user_id = g.user_id and r.hour = g.hour and r.address <> g.address) >= ${MOST_ADDRESSES} then '' else g.address end as place
    from given g
  )
  insert into refused_sign_ins as t (organization_id, user_id, hour, address, kind, id, attempts, first_at, last_at)
  select organization_id, user_id, hour, place, kind, (array_agg(id order by first_at))[1], sum(attempts), min(first_at), max(last_at)
  from placed group by organization_id, user_id, hour, place, kind order by organization_id, user_id, hour, place, kind
  on conflict (organization_id, user_id, hour, address, kind) do update set attempts = t.attempts + excluded.attempts,
    first_at = least(t.first_at, excluded.first_at), last_at = greatest(t.last_at, excluded.last_at)`;

const refusals = writeLater<Row>({
  everyMs: FLUSH_MS,
  take: () => {
    const rows = [...noted.values()];
    noted = new Map();
    addresses = new Map();
    return rows;
  },
  write: (rows) => query(WRITE, [JSON.stringify(rows)]),
  lost: (log, error, rows) => log.warn({ err: error, lost: rows }, 'refused sign-ins could not be written'),
});

/** Writes what was noted since the last time. Also called when the process ends. Never throws. */
export const flushRefusals = refusals.flush;

export const sweepRefusals = (now: Date): Promise<number> =>
  deleteInPortions({
    table: 'refused_sign_ins',
    column: 'last_at',
    before: new Date(now.getTime() - KEPT_DAYS * 86_400_000),
  });

/** SQL: the rows as audited events, each for the person alone. */
export const REFUSALS_AS_EVENTS = `select r.organization_id, r.id, r.first_at as at,
    '{"kind": "system", "id": "sign-in", "label": ""}'::jsonb as actor, 'sign_in.' || r.kind || '_refused' as action,
    'user' as target_kind, r.user_id::text as target_id, null::jsonb as before,
    jsonb_build_object('attempts', r.attempts, 'address', nullif(r.address, ''), 'lastAt', r.last_at) as after,
    '' as request_id
  from refused_sign_ins r`;
