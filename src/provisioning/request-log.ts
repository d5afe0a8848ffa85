// The log of a connection's recent requests, for the people who look after it: what came, what was answered and why.
// Written in batches off the requests' path. Under pressure it gives up detail, never a request: failures are kept
// first, successes beyond some a second are only counted, and what does not fit in memory is counted as lost.
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import type { JobHandler } from '../database/jobs.ts';
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { writeLater } from '../database/write-later.ts';
import { countActivity } from '../figures/count-activity.ts';
import { isId } from '../users/is-id.ts';
import { connectionNotFound } from './connection.ts';
import { redactedBody } from './redact-body.ts';

type LoggedRequest = {
  readonly organizationId: string;
  readonly connectionId: string;
  /** With which of the connection's bearer tokens, or tokens of which of its clients, it came. */
  readonly tokenId: string | null;
  readonly clientId: string | null;
  readonly at: Date;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly status: number;
  readonly scimType?: string;
  readonly durationMs: number;
  /** As parsed; redacted when it is written. */
  readonly body?: unknown;
  /** Bytes; of a large body only this is kept. */
  readonly bodySize: number;
  readonly why?: string;
  readonly requestId: string;
  readonly dryRun: boolean;
};

const FLUSH_MS = 1000;
const MOST_HELD = 2000;
/** Successes of one connection that are written one by one, of each flush. */
const MOST_SUCCESSES = 50;
const LARGEST_BODY = 16 * 1024;
const LONGEST_PATH = 2000;

type Held = Omit<LoggedRequest, 'body'> & { readonly body?: unknown };
let held: Held[] = [];
let successes = new Map<string, { last: Held; one: number; more: number }>();
let lost = 0;

/** Requests that this process could not log: its memory for them was full, or the database refused them. */
export const lostRequests = (): number => lost;

/** Never throws and never waits. */
export function logRequest(request: LoggedRequest, log: Logger): void {
  countActivity(request.status < 400 ? 'provisioning' : 'provisioning_failed', log, request.organizationId);
  requestLog.soon(log);
  if (request.status < 400) {
    const of = successes.get(request.connectionId) ?? { last: request, one: 0, more: 0 };
    successes.set(request.connectionId, of);
    of.last = request;
    if (of.one >= MOST_SUCCESSES) return void (of.more += 1);
    of.one += 1;
  }
  if (held.length >= MOST_HELD) return void (lost += 1);
  const { body, ...rest } = request;
  held.push(request.bodySize > LARGEST_BODY ? rest : { ...rest, body });
}

const INSERT = `insert into provisioning_requests (organization_id, id, at, connection_id, token_id, client_id, method, path, status, scim_type,
    duration_ms, body, why, request_id, dry_run, requests)
  select organization_id, id, at, connection_id, token_id, client_id, method, path, status, scim_type, duration_ms, body, why, request_id, dry_run, requests
  from jsonb_to_recordset($1::jsonb) as r(organization_id uuid, id uuid, at timestamptz, connection_id uuid, token_id uuid, client_id text, method text,
    path text, status smallint, scim_type text, duration_ms integer, body text, why text, request_id text, dry_run boolean, requests integer)`;

const rowOf = (request: Held) => ({
  organization_id: request.organizationId,
  id: uuidv7({ msecs: request.at.getTime() }),
  at: request.at.toISOString(),
  connection_id: request.connectionId,
  token_id: request.tokenId,
  client_id: request.clientId,
  method: request.method,
  path: request.path.slice(0, LONGEST_PATH).toWellFormed(),
  status: request.status,
  scim_type: request.scimType ?? null,
  duration_ms: Math.round(request.durationMs),
  body: request.bodySize > LARGEST_BODY ? '(too large to be kept)' : redactedBody(request.body),
  why: request.why?.toWellFormed() ?? null,
  request_id: request.requestId,
  dry_run: request.dryRun,
  requests: 1,
});

const requestLog = writeLater({
  everyMs: FLUSH_MS,
  take: () => {
    const [rows, counted] = [held, successes];
    held = [];
    successes = new Map();
    const more = [...counted.values()].filter((of) => of.more > 0);
    return [
      ...rows.map(rowOf),
      ...more.map(({ last, more: requests }) => ({ ...rowOf(last), method: '', path: '', body: null, requests })),
    ];
  },
  // NUL cannot be stored, and a text of JSON may spell it.
  write: (rows) => query(INSERT, [JSON.stringify(rows).replaceAll('\\u0000', '\\ufffd')]),
  lost: (log, error, rows) => {
    lost += rows;
    log.warn({ err: error, requests: rows, lost }, 'the log of provisioning requests could not be written');
  },
});

/** Writes what is held. Also called when the process ends. */
export const flushRequests = requestLog.flush;

export type RequestRow = {
  readonly id: string;
  readonly at: Date;
  readonly tokenId: string | null;
  readonly clientId: string | null;
  /** Empty where `requests` counts several. */
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly scimType: string | null;
  readonly durationMs: number;
  readonly body: string | null;
  readonly why: string | null;
  readonly requestId: string;
  readonly dryRun: boolean;
  readonly requests: number;
};

type RequestQuery = {
  readonly connectionId: string;
  readonly failedOnly?: boolean;
  /** From this instant on. */
  readonly since?: Date;
  /** In capitals. Rows that count several requests have none. */
  readonly method?: string;
  /** Id of the last row of the page before. */
  readonly before?: string;
  readonly limit: number;
};

const GREATEST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** No id of that millisecond or a later one is less: the first 48 bits of a UUIDv7 are its time. */
function leastIdOf(time: Date): string {
  const hex = Math.min(Math.max(0, time.getTime()), 2 ** 48 - 1)
    .toString(16)
    .padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** Newest first, at most `limit`; also of a connection that has ended. Throws HubError `not_found`. */
export async function listRequests(ctx: OrganizationCtx, asked: RequestQuery): Promise<RequestRow[]> {
  const { connectionId, failedOnly = false, since, method, before } = asked;
  const known = isId(connectionId)
    ? await queryOne('select 1 from provisioning_connections where organization_id = $1 and id = $2', [
        ctx.organizationId,
        connectionId,
      ])
    : undefined;
  if (!known) throw connectionNotFound(connectionId);
  return query<RequestRow>(
    `select id, at, token_id as "tokenId", client_id as "clientId", method, path, status, scim_type as "scimType",
       duration_ms as "durationMs", body, why, request_id as "requestId", dry_run as "dryRun", requests
     from provisioning_requests where organization_id = $1 and connection_id = $2 and id < $3::uuid and id >= $4::uuid
       and ($5::text is null or method = $5) ${failedOnly ? 'and status >= 400' : ''}
     order by id desc limit ${Math.trunc(asked.limit)}`,
    [ctx.organizationId, connectionId, before ?? GREATEST_ID, leastIdOf(since ?? new Date(0)), method ?? null],
  );
}

const KEPT = '30 days';
const PORTION = 5000;

export const sweepRequests: JobHandler = {
  cron: '41 2 * * *',
  run: async () => {
    for (let gone = PORTION; gone === PORTION;) {
      const rows = await query(
        `delete from provisioning_requests where (organization_id, id) in (
           select organization_id, id from provisioning_requests where at < now() - interval '${KEPT}' limit ${PORTION}) returning 1`,
      );
      gone = rows.length;
    }
  },
};
