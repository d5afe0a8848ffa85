// A person's sessions as he, or an administrator, sees them: in which browser, roughly where, since when, last used, and to
// which applications he is signed in. Only those that still open a door.
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { isId } from '../users/is-id.ts';
import { idleEnd, lastUse, sessionLives, wholeEnd } from './session-limits.ts';

export type ListedSession = {
  readonly uid: string;
  readonly browser: string | null;
  readonly platform: string | null;
  /** "192.0.2.0/24" */
  readonly addressPrefix: string | null;
  readonly startedAt: Date;
  readonly usedAt: Date;
  /** Unless it is used before. */
  readonly endsAt: Date;
  /** Names of clients, and the keys of their applications. */
  readonly clients: readonly {
    readonly clientId: string;
    readonly name: string;
    readonly application: string | null;
  }[];
};

const MOST = 100;
const ALIASES = { artefact: 'a', session: 's', organization: 'o' };

const LIVE = `from oidc_artefacts a
  join users u on u.organization_id = a.organization_id and u.id = a.user_id
  join organizations o on o.id = a.organization_id
  left join sessions s on s.organization_id = a.organization_id and s.uid = a.uid
  where a.organization_id = $1 and a.user_id = $2 and a.model = 'Session' and a.expires_at > $3 and u.active and u.deleted_at is null
    and o.state = 'active' and a.issued_at >= u.tokens_valid_from and ${sessionLives(ALIASES, '$3::timestamptz')}`;

/** The last used first, a hundred at most. Who may ask is the caller's to know. */
export async function listSessions(ctx: OrganizationCtx, userId: string): Promise<ListedSession[]> {
  if (!isId(userId)) return [];
  return query<ListedSession>(
    `select a.uid, s.browser, s.platform, s.address_prefix as "addressPrefix", coalesce(s.started_at, a.issued_at) as "startedAt",
       ${lastUse(ALIASES)} as "usedAt", least(${idleEnd(ALIASES)}, ${wholeEnd(ALIASES)}) as "endsAt",
       coalesce((select jsonb_agg(jsonb_build_object('clientId', c.client_id, 'name', c.name, 'application', c.application) order by c.name)
         from clients c where c.ended_at is null and c.client_id in (
           select jsonb_object_keys(case when jsonb_typeof(a.payload -> 'authorizations') = 'object' then a.payload -> 'authorizations' else '{}' end))), '[]') as clients
     ${LIVE} order by ${lastUse(ALIASES)} desc, a.uid limit ${MOST}`,
    [ctx.organizationId, userId, ctx.now],
  );
}

export async function countSessions(ctx: OrganizationCtx, userId: string): Promise<number> {
  const row = isId(userId)
    ? await queryOne<{ count: number }>(`select count(*)::int as count ${LIVE}`, [ctx.organizationId, userId, ctx.now])
    : undefined;
  return row?.count ?? 0;
}
