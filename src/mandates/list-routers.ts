// The list of sub-contractors ("routers", mail houses) to whom an organization can give a mandate: those that the operator
// put on it, by name and address, searched and paged. Two may have the same name.
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { loadActing } from '../entitlements/acting.ts';
import { organizationNotFound } from '../organizations/find-organization.ts';
import { fold } from '../provisioning/fold.ts';
import { isId } from '../users/is-id.ts';
import { checkMandates } from './mandating.ts';

export type ListedRouter = { readonly id: string; readonly name: string; readonly address: string };
type RouterQuery = {
  /** Every word of it stands in the name or the address. */
  readonly search?: string;
  /** Id of the last one of the page before, or of the first one of the page after. */
  readonly after?: string;
  readonly before?: string;
  readonly size: number;
};
type RouterPage = {
  readonly routers: ListedRouter[];
  readonly next: string | null;
  readonly previous: string | null;
};

const MOST_WORDS = 8;
const COLUMNS = `o.id, o.name, coalesce(o.settings ->> 'address', '') as address`;
const LISTED = `o.listing_key is not null and o.state = 'active' and o.id <> $1`;

const wordsOf = (search: string): string[] => fold(search).split(/\s+/).filter(Boolean).slice(0, MOST_WORDS);

/** By name, then by address. Throws HubError `not_permitted` for somebody who may give no mandate. */
export async function listRouters(ctx: OrganizationCtx, asked: RouterQuery): Promise<RouterPage> {
  checkMandates(await loadActing(ctx));
  const { search = '', after, before, size } = asked;
  const newer = after === undefined && before !== undefined;
  const past = [after, before].find((id) => id !== undefined && isId(id)) ?? null;
  const found = await query<ListedRouter>(
    `select ${COLUMNS} from organizations o
     where ${LISTED} and not exists (select 1 from unnest($2::text[]) word where strpos(o.listing_key, word) = 0)
       and ($3::uuid is null or (o.listing_key, o.id) ${newer ? '<' : '>'} (select p.listing_key, p.id from organizations p where p.id = $3))
     order by o.listing_key ${newer ? 'desc' : 'asc'}, o.id ${newer ? 'desc' : 'asc'} limit $4`,
    [ctx.organizationId, wordsOf(search), past, size + 1],
  );
  const more = found.length > size;
  const cut = found.slice(0, size);
  const routers = newer ? cut.reverse() : cut;
  return {
    routers,
    next: newer || more ? (routers.at(-1)?.id ?? null) : null,
    previous: (newer ? more : past !== null) ? (routers[0]?.id ?? null) : null,
  };
}

/** One that stands on the list, or has a mandate of the organization already. Throws HubError `not_found`. */
export async function findRouter(ctx: OrganizationCtx, id: string): Promise<ListedRouter> {
  const row = isId(id)
    ? await queryOne<ListedRouter>(
        `select ${COLUMNS} from organizations o where o.id = $2 and (${LISTED} or exists (
           select 1 from mandates m where m.giver_organization_id = $1 and m.receiver_organization_id = o.id and m.ended_at is null))`,
        [ctx.organizationId, id],
      )
    : undefined;
  if (!row) throw organizationNotFound(id);
  return row;
}
