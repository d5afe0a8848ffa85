// Which administration rights people hold, their own and those of their groups, and what follows from them: rank,
// what one may do. manage_administrators implies manage_users; a chief administrator holds all of them.
import type { OrganizationCtx } from '../context.ts';
import { prepared, query } from '../database/query.ts';
import type { Rank } from './touching.ts';

export const ACCOUNT_RIGHTS = ['view_account_settings', 'manage_account_settings'] as const;
export const ADMINISTRATION_RIGHTS = [
  'chief_administrator',
  'manage_administrators',
  'manage_users',
  'recover_password',
  'ftp_access',
  ...ACCOUNT_RIGHTS,
] as const;
export type AdministrationRight = (typeof ADMINISTRATION_RIGHTS)[number];

export type HeldRight = {
  readonly id: string;
  readonly name: AdministrationRight;
  /** Only for the two that concern one customer account. */
  readonly customerAccountId: string | null;
  readonly validUntil: Date | null;
  /** The group that carries it; null: given to the person himself. */
  readonly groupId: string | null;
};

/** Rows of administration rights of the users $2 in organization $1 at $3; `userId` says whose each is. */
export const HELD_RIGHTS = `with recursive reach(user_id, group_id) as (
    select user_id, group_id from group_users where organization_id = $1 and user_id = any($2::uuid[])
    union
    select r.user_id, n.parent_id from reach r join group_groups n on n.organization_id = $1 and n.child_id = r.group_id
  ), subjects(user_id, subject_id, group_id) as (
    select id, id, null::uuid from unnest($2::uuid[]) as id
    union all select user_id, group_id, group_id from reach
  )
  select s.user_id as "userId", a.id, a.name, a.customer_account_id as "customerAccountId", a.valid_until as "validUntil",
    s.group_id as "groupId"
  from subjects s join administration_rights a on a.organization_id = $1 and a.subject_id = s.subject_id
  where a.ended_at is null and (a.valid_until is null or a.valid_until > $3)
  order by a.id`;
/** SQL: somebody with a rank (rankOf). $1 organization, $2 user, $3 instant. */
export const IS_ADMINISTRATOR = `exists (
  with recursive reach(group_id) as (
    select group_id from group_users where organization_id = $1 and user_id = $2
    union
    select n.parent_id from reach r join group_groups n on n.organization_id = $1 and n.child_id = r.group_id
  )
  select 1 from administration_rights a where a.organization_id = $1
    and (a.subject_id = $2 or a.subject_id in (select group_id from reach))
    and a.ended_at is null and (a.valid_until is null or a.valid_until > $3)
    and a.name in ('chief_administrator', 'manage_administrators', 'manage_users')
)`;

const HELD = prepared('administration_rights_held', HELD_RIGHTS);

/** Of each of these users, whether active or not. Ids must be UUIDs. */
export async function administrationRightsOf(
  ctx: OrganizationCtx,
  userIds: readonly string[],
): Promise<Map<string, HeldRight[]>> {
  const rows = await query<HeldRight & { userId: string }>(HELD, [ctx.organizationId, userIds, ctx.now]);
  const out = new Map(userIds.map((id): [string, HeldRight[]] => [id.toLowerCase(), []]));
  for (const { userId, ...right } of rows) out.get(userId)?.push(right);
  return out;
}

export const isChief = (held: readonly HeldRight[]): boolean => held.some(({ name }) => name === 'chief_administrator');

export function rankOf(held: readonly HeldRight[]): Rank {
  const names = held.map(({ name }) => name);
  if (names.includes('chief_administrator')) return 'chief';
  if (names.includes('manage_administrators')) return 'administrators';
  return names.includes('manage_users') ? 'users' : 'none';
}

/** The held rights by which somebody has this one. */
export const holdings = (
  held: readonly HeldRight[],
  name: AdministrationRight,
  customerAccountId: string | null = null,
): HeldRight[] =>
  held.filter(
    (right) =>
      right.name === 'chief_administrator' ||
      (right.name === name && right.customerAccountId === customerAccountId) ||
      (name === 'manage_users' && right.name === 'manage_administrators'),
  );

export const holdsRight = (
  held: readonly HeldRight[],
  name: AdministrationRight,
  customerAccountId: string | null = null,
): boolean => holdings(held, name, customerAccountId).length > 0;

/** As touching.ts compares them: `<key>`, or `<key>@<customer account>`. */
export const rightKeys = (held: readonly HeldRight[]): string[] => [
  ...new Set(
    held.map(({ name, customerAccountId }) => (customerAccountId === null ? name : `${name}@${customerAccountId}`)),
  ),
];
