// Of those whom an act reaches, directly or by groups, who was given a value already that the act's own values should not
// stand beside. Judged on what is assigned; a date that keeps two apart is for the caller to see.
import type { ConflictingPair, ConflictSide } from '../applications/application.ts';
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import type { Box } from './box.ts';
import { holdsSide } from './separation.ts';

export type Receivers = {
  readonly users: readonly string[];
  /** Their members, those of nested groups too. */
  readonly groups: readonly string[];
};

/** A value on one customer account. */
export type SideOn = ConflictSide & { readonly account: string };

/** What must not, or should not, be held beside these boxes. */
export const oppositeOf = (pairs: readonly ConflictingPair[], boxes: readonly Box[]): SideOn[] =>
  boxes.flatMap((box) =>
    pairs.flatMap(({ a, b }): SideOn[] => [
      ...(holdsSide(box, a) ? [{ ...b, account: box.customerAccount }] : []),
      ...(holdsSide(box, b) ? [{ ...a, account: box.customerAccount }] : []),
    ]),
  );

const live = (alias: string) =>
  `${alias}.ended_at is null and (${alias}.valid_until is null or ${alias}.valid_until > $2)`;

const BELOW = `below(id) as (
    select unnest($4::uuid[])
    union
    select n.child_id from below b join group_groups n on n.organization_id = $1 and n.parent_id = b.id
  )`;
const RECEIVES = `(h.id = any($3::uuid[]) or exists (
    select 1 from group_users m where m.organization_id = $1 and m.user_id = h.id and m.group_id in (select id from below)))`;

/** The receivers, all of them. */
const EVERYBODY = `with recursive ${BELOW}
  select distinct h.id from (
    select unnest($3::uuid[]) as id
    union select m.user_id from below b join group_users m on m.organization_id = $1 and m.group_id = b.id
  ) h where $2::timestamptz is not null order by h.id limit $5::int`;

/** Those of the receivers to whom one of the sides was given already. */
const HOLDERS = `with recursive ${BELOW}, sides as (
    select * from unnest($5::text[], $6::text[], $7::text[], $8::uuid[]) as s(application, dimension, value, account)
  ), given as (
    select a.subject_kind as kind, a.subject_id as id from sides s join assignments a on a.organization_id = $1
      and a.application = s.application and a.customer_account_id = s.account and ${live('a')}
      and a."values" -> s.dimension ?| array['*', s.value]
    union
    select a.subject_kind, a.subject_id from sides s join role_entitlements e on e.organization_id = $1
      and e.application = s.application and e.customer_account_id = s.account and ${live('e')}
      and e."values" -> s.dimension ?| array['*', s.value]
    join assignments a on a.organization_id = $1 and a.role_id = e.role_id and ${live('a')}
  ), down(id) as (
    select id from given where kind = 'group'
    union
    select n.child_id from down d join group_groups n on n.organization_id = $1 and n.parent_id = d.id
  )
  select h.id from (
    select id from given where kind = 'user'
    union select m.user_id from down d join group_users m on m.organization_id = $1 and m.group_id = d.id
  ) h where ${RECEIVES} order by h.id limit $9::int`;

const ids = (rows: readonly { id: string }[]): string[] => rows.map(({ id }) => id);

/** All of the receivers; with `most` no more than that. */
export const everybodyAmong = async (
  { organizationId, now }: OrganizationCtx,
  { users, groups }: Receivers,
  most: number | null = null,
): Promise<string[]> => ids(await query<{ id: string }>(EVERYBODY, [organizationId, now, users, groups, most]));

/** Those of the receivers to whom one of the sides was given; with `most` no more than that. */
export const holdersAmong = async (
  { organizationId, now }: OrganizationCtx,
  { users, groups }: Receivers,
  sides: readonly SideOn[],
  most: number | null = null,
): Promise<string[]> => {
  const columns = (['application', 'dimension', 'value', 'account'] as const).map((part) =>
    sides.map((one) => one[part]),
  );
  return ids(await query<{ id: string }>(HOLDERS, [organizationId, now, users, groups, ...columns, most]));
};
