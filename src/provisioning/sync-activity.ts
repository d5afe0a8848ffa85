// What a connection synchronized and when, from the log of its requests: kind by kind the last time, and how many in a day. The
// log is read back by a bounded number of rows, however busy the directory is.
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';

const MOST_ROWS = 10_000;
const SYNC_KINDS = ['created', 'changed', 'removed', 'bulk', 'read', 'refused'] as const;
type SyncKind = (typeof SYNC_KINDS)[number];

type SyncActivity = {
  readonly kinds: readonly { readonly kind: SyncKind; readonly lastAt: Date; readonly day: number }[];
  /** Of the users that it owns and that stand deactivated now, the last one's. */
  readonly lastDeactivatedAt: Date | null;
  readonly deactivated: number;
};

const KIND = `case when status >= 400 and not (status = 404 and method = 'GET') then 'refused'
    when dry_run then null
    when method in ('', 'GET', 'HEAD') or path ~ '/\\.search' then 'read'
    when path ~ '^/Bulk' then 'bulk'
    when method = 'POST' then 'created' when method = 'DELETE' then 'removed' else 'changed' end`;

/** The caller has found the connection. */
export async function syncActivity(ctx: OrganizationCtx, connectionId: string): Promise<SyncActivity> {
  const values = [ctx.organizationId, connectionId];
  const kinds = await query<SyncActivity['kinds'][number]>(
    `select kind, max(at) as "lastAt", coalesce(sum(requests) filter (where at > $3::timestamptz - interval '24 hours'), 0)::int as day
     from (select at, requests, ${KIND} as kind from provisioning_requests
       where organization_id = $1 and connection_id = $2 order by id desc limit ${MOST_ROWS}) r
     where kind is not null group by kind`,
    [...values, ctx.now],
  );
  const row = await queryOne<{ last: Date | null; deactivated: number }>(
    `select max(deactivated_at) as last, count(*)::int as deactivated from users
     where organization_id = $1 and not active and deleted_at is null and connection_id = $2`,
    values,
  );
  const found = new Map(kinds.map((one) => [one.kind, one]));
  return {
    kinds: SYNC_KINDS.flatMap((kind) => found.get(kind) ?? []),
    lastDeactivatedAt: row?.last ?? null,
    deactivated: row?.deactivated ?? 0,
  };
}
