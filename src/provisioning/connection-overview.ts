// How an organization's connections are doing: whether the directory can sign in, what it last asked and was answered, how many
// users and groups it owns, and which token ends next. A constant number of look-ups in indexes for each connection.
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { isId } from '../users/is-id.ts';
import { connectionNotFound, type Product } from './connection.ts';
import { readConnectionSettings, type ConnectionSettings } from './connection-settings.ts';

/** A token that ends sooner is warned of. */
export const SOON_DAYS = 30;

type LastRequest = {
  readonly at: Date;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly scimType: string | null;
  readonly why: string | null;
};

export type ConnectionOverview = {
  readonly id: string;
  readonly name: string;
  readonly product: Product;
  readonly createdAt: Date;
  readonly settings: ConnectionSettings;
  readonly users: number;
  readonly groups: number;
  /** Live bearer tokens and OAuth clients. */
  readonly credentials: number;
  /** When the first of the live tokens ends; null where none has an end. */
  readonly endsNext: Date | null;
  readonly last: LastRequest | null;
};

type Row = Omit<ConnectionOverview, 'settings' | 'last'> & {
  settings: Partial<ConnectionSettings>;
  at: Date | null;
  method: string;
  path: string;
  status: number;
  scimType: string | null;
  why: string | null;
};

const count = (kind: string) => `(select coalesce(sum(delta), 0)::int from resource_counts r
    where r.organization_id = $1 and r.connection_id = c.id and r.kind = '${kind}')`;

const STATEMENT = `select c.id, c.name, c.product, c.created_at as "createdAt", c.settings, ${count('user')} as users, ${count('group')} as groups,
    t.live + (select count(*)::int from clients k where k.organization_id = $1 and k.connection_id = c.id and k.ended_at is null) as credentials,
    t.ends as "endsNext", q.at, q.method, q.path, q.status, q.scim_type as "scimType", q.why
  from provisioning_connections c
  cross join lateral (select count(*)::int as live, min(t.expires_at) as ends from provisioning_tokens t
    where t.organization_id = $1 and t.connection_id = c.id and t.revoked_at is null and (t.expires_at is null or t.expires_at > $2)) t
  left join lateral (select at, method, path, status, scim_type, why from provisioning_requests q
    where q.organization_id = $1 and q.connection_id = c.id order by q.id desc limit 1) q on true
  where c.organization_id = $1 and c.ended_at is null and ($3::uuid is null or c.id = $3) order by c.id`;

async function read(ctx: OrganizationCtx, id: string | null): Promise<ConnectionOverview[]> {
  const rows = await query<Row>(STATEMENT, [ctx.organizationId, ctx.now, id]);
  return rows.map(({ settings, at, method, path, status, scimType, why, ...row }) => ({
    ...row,
    settings: readConnectionSettings(settings),
    last: at === null ? null : { at, method, path, status, scimType, why },
  }));
}

/** Those that have not ended, the oldest first. */
export const listConnectionOverviews = (ctx: OrganizationCtx): Promise<ConnectionOverview[]> => read(ctx, null);

/** Throws HubError `not_found`. */
export async function findConnectionOverview(ctx: OrganizationCtx, id: string): Promise<ConnectionOverview> {
  const [found] = isId(id) ? await read(ctx, id) : [];
  if (!found) throw connectionNotFound(id);
  return found;
}

export type ConnectionState = 'no_access' | 'waiting' | 'refused' | 'in_use';

/** A directory asks for what may be gone and expects 404: that is no refusal. */
export const isRefusal = ({ method, status }: Pick<LastRequest, 'method' | 'status'>): boolean =>
  status >= 400 && !(status === 404 && method === 'GET');

/** By the credentials that live and the last request seen. */
export function stateOf({ credentials, last }: Pick<ConnectionOverview, 'credentials' | 'last'>): ConnectionState {
  if (credentials === 0) return 'no_access';
  if (last === null) return 'waiting';
  return isRefusal(last) ? 'refused' : 'in_use';
}
