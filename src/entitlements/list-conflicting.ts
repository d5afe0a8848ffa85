// Who holds what one person should not hold together: everybody for whom both values of a pair have effect at this moment on
// one customer account, whether giving it would be refused today or is only reported. A page at a time.
import type { ConflictingPair } from '../applications/application.ts';
import { catalogue } from '../applications/current-catalogue.ts';
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { isId } from '../users/is-id.ts';
import { checkAdministers } from './check-administers.ts';
import { effectiveEntitlements, type Cause } from './effective.ts';
import { loadMany } from './load-many.ts';
import { holdsSide, pairsIn, together } from './separation.ts';

type HeldTogether = {
  readonly userId: string;
  readonly userName: string;
  readonly name: string;
  readonly pair: ConflictingPair;
  readonly customerAccountId: string;
  /** Null: not known here any more. */
  readonly customerNumber: string | null;
  /** How he comes by the one side and by the other. */
  readonly causes: { readonly a: readonly Cause[]; readonly b: readonly Cause[] };
};
type ConflictPage = { readonly conflicts: readonly HeldTogether[]; readonly next: string | null };

const live = (alias: string) =>
  `${alias}.ended_at is null and (${alias}.valid_from is null or ${alias}.valid_from <= $2) and (${alias}.valid_until is null or ${alias}.valid_until > $2)`;

/** Active users to whom both sides of some pair were given on one account; what of it has effect is asked of the rights model. */
const CANDIDATES = `with recursive sides as (
    select * from unnest($3::int[], $4::int[], $5::text[], $6::text[], $7::text[]) as s(pair, side, application, dimension, value)
  ), given as (
    select s.pair, s.side, a.customer_account_id as account, a.subject_kind as kind, a.subject_id as id
    from sides s join assignments a on a.organization_id = $1 and a.application = s.application and ${live('a')}
      and a."values" -> s.dimension ?| array['*', s.value]
    union
    select s.pair, s.side, e.customer_account_id, a.subject_kind, a.subject_id
    from sides s join role_entitlements e on e.organization_id = $1 and e.application = s.application and ${live('e')}
      and e."values" -> s.dimension ?| array['*', s.value]
    join assignments a on a.organization_id = $1 and a.role_id = e.role_id and ${live('a')}
  ), down(pair, side, account, id) as (
    select pair, side, account, id from given where kind = 'group'
    union
    select d.pair, d.side, d.account, n.child_id from down d join group_groups n on n.organization_id = $1 and n.parent_id = d.id
  ), holders as (
    select pair, side, account, id from given where kind = 'user'
    union select d.pair, d.side, d.account, m.user_id from down d join group_users m on m.organization_id = $1 and m.group_id = d.id
  )
  select distinct u.id, u.document ->> 'userName' as "userName", coalesce(u.document ->> 'displayName', u.user_name) as name
  from holders x join holders y on y.id = x.id and y.pair = x.pair and y.account = x.account and y.side = 1 and x.side = 0
  join users u on u.organization_id = $1 and u.id = x.id and u.active and u.deleted_at is null
  where $8::uuid is null or u.id > $8 order by u.id limit $9`;

/** `size` people are looked at; `after` is the `next` of the page before. Throws HubError `not_permitted`. */
export async function listConflicting(
  ctx: OrganizationCtx,
  { after, size = 50 }: { readonly after?: string; readonly size?: number } = {},
): Promise<ConflictPage> {
  await checkAdministers(ctx);
  const pairs = pairsIn(catalogue());
  if (pairs.length === 0) return { conflicts: [], next: null };
  const sides = pairs.flatMap(({ a, b }, i) => [
    { pair: i, side: 0, ...a },
    { pair: i, side: 1, ...b },
  ]);
  const found = await query<{ id: string; userName: string; name: string }>(CANDIDATES, [
    ctx.organizationId,
    ctx.now,
    ...(['pair', 'side', 'application', 'dimension', 'value'] as const).map((part) => sides.map((one) => one[part])),
    after !== undefined && isId(after) ? after : null,
    size + 1,
  ]);
  const people = found.slice(0, size);
  const { snapshots, numbers } = await loadMany(ctx, { userIds: people.map(({ id }) => id) });
  const at = ctx.now.getTime();
  const conflicts = people.flatMap(({ id, userName, name }) => {
    const snapshot = snapshots.get(id);
    const { effective } = snapshot ? effectiveEntitlements(snapshot) : { effective: [] };
    const boxes = effective.map(({ entitlement }) => entitlement);
    return together(pairs, { some: boxes, all: boxes, at }).map(({ pair, customerAccount }): HeldTogether => {
      const causesOf = (side: ConflictingPair['a']) =>
        effective.flatMap(({ entitlement, causes }) =>
          entitlement.customerAccount === customerAccount && holdsSide(entitlement, side) ? causes : [],
        );
      return {
        userId: id,
        userName,
        name,
        pair,
        customerAccountId: customerAccount,
        customerNumber: numbers.get(customerAccount) ?? null,
        causes: { a: causesOf(pair.a), b: causesOf(pair.b) },
      };
    });
  });
  return { conflicts, next: found.length > size ? (people.at(-1)?.id ?? null) : null };
}
