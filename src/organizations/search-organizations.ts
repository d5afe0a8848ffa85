// The operator's list of organizations: by a part of the name or a customer number, by state, and those that nobody leads.
import type { Ctx } from '../context.ts';
import { query } from '../database/query.ts';
import { isId } from '../users/is-id.ts';
import { checkOperator } from './check-operator.ts';
import type { OrganizationState } from './organization-record.ts';
import { WITHOUT_CHIEF } from './without-chief.ts';

type OrganizationSearch = {
  /** A part of the name, or a whole customer number. */
  readonly text?: string;
  readonly state?: OrganizationState;
  readonly withoutChief?: boolean;
  /** The `next` of the page before. */
  readonly before?: string;
  readonly limit: number;
};
type FoundOrganization = {
  readonly id: string;
  readonly name: string;
  readonly kind: 'customer' | 'operator';
  readonly state: OrganizationState;
  readonly createdAt: Date;
  readonly accounts: number;
  readonly firstNumber: string | null;
};

/** Newest first. Throws HubError `not_permitted` (operator only). */
export async function searchOrganizations(
  ctx: Ctx,
  { text, state, withoutChief = false, before, limit }: OrganizationSearch,
): Promise<{ organizations: FoundOrganization[]; next: string | null }> {
  checkOperator(ctx);
  const rows = await query<FoundOrganization>(
    `with page as materialized (
       select o.id, o.name, o.kind, o.state, o.created_at from organizations o
       where $1::timestamptz is not null and ($2::uuid is null or o.id < $2) and ($3::text is null or o.state = $3)
         and ($4::text is null or strpos(lower(o.name), lower($4)) > 0
           or o.id in (select organization_id from customer_account_numbers where number = $4))
         ${withoutChief ? `and ${WITHOUT_CHIEF}` : ''}
       order by o.id desc limit $5
     )
     select page.id, page.name, page.kind, page.state, page.created_at as "createdAt", a.accounts, a.first_number as "firstNumber"
     from page cross join lateral (
       select count(*)::int as accounts, min(number) as first_number from customer_accounts
       where organization_id = page.id and moved_at is null
     ) a order by page.id desc`,
    [ctx.now, before !== undefined && isId(before) ? before : null, state ?? null, text?.trim() || null, limit + 1],
  );
  const organizations = rows.slice(0, limit);
  return { organizations, next: rows.length > limit ? (organizations.at(-1)?.id ?? null) : null };
}
