// What a provisioning connection may hand on: the groups and roles that were opened to it, a page at a time.
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { fold } from '../provisioning/fold.ts';
import { decodeKey, pageOf } from '../provisioning/name-cursor.ts';
import { isId } from '../users/is-id.ts';

export type ListedOpening = {
  readonly kind: 'group' | 'role';
  readonly targetId: string;
  readonly name: string;
  readonly openedBy: string;
  readonly openedAt: Date;
};

const COLUMNS = `o.kind, o.target_id as "targetId", coalesce(g.display_name, r.name) as name, o.opened_by ->> 'label' as "openedBy",
  o.opened_at as "openedAt", coalesce(g.display_name_key, r.name_key, '') as key`;
const FROM = `connection_openings o
  left join groups g on o.kind = 'group' and g.organization_id = o.organization_id and g.id = o.target_id
  left join roles r on o.kind = 'role' and r.organization_id = o.organization_id and r.id = o.target_id
  where o.organization_id = $1 and o.connection_id = $2`;

/** By id, those beyond `after`. Empty for a connection that has none, is unknown or is another organization's. */
export const listOpenings = async (
  ctx: OrganizationCtx,
  connectionId: string,
  { after, limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<ListedOpening[]> =>
  isId(connectionId)
    ? query<ListedOpening>(
        `select ${COLUMNS} from ${FROM} and ($3::uuid is null or o.target_id > $3) order by o.target_id limit $4`,
        [ctx.organizationId, connectionId, after ?? null, limit],
      )
    : [];

type OpeningsAsked = {
  /** A part of the name. */
  readonly search?: string | undefined;
  readonly after?: string | undefined;
  readonly size: number;
};

/** The same by name. The caller has found the connection. */
export async function listOpeningPage(
  ctx: OrganizationCtx,
  connectionId: string,
  { search = '', after, size }: OpeningsAsked,
): Promise<{ openings: ListedOpening[]; next: string | null }> {
  const from = decodeKey(after);
  const rows = await query<ListedOpening & { key: string }>(
    `select * from (select ${COLUMNS} from ${FROM}) o where strpos(o.key, $3) > 0
       and ($4::text is null or (o.key, o."targetId") > ($4::text, $5::uuid)) order by o.key, o."targetId" limit $6`,
    [ctx.organizationId, connectionId, fold(search.trim()), from?.key ?? null, from?.id ?? null, size + 1],
  );
  const { page: openings, next } = pageOf(rows, size, ({ targetId }) => targetId);
  return { openings, next };
}

export const findOpening = async (
  ctx: OrganizationCtx,
  connectionId: string,
  targetId: string,
): Promise<ListedOpening | undefined> =>
  isId(targetId)
    ? queryOne<ListedOpening>(`select ${COLUMNS} from ${FROM} and o.target_id = $3`, [
        ctx.organizationId,
        connectionId,
        targetId,
      ])
    : undefined;

export const countOpenings = async (ctx: OrganizationCtx, connectionId: string): Promise<number> =>
  (
    await queryOne<{ count: number }>(
      'select count(*)::int as count from connection_openings where organization_id = $1 and connection_id = $2',
      [ctx.organizationId, connectionId],
    )
  )?.count ?? 0;
