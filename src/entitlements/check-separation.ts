// Nobody is brought to hold two values together that the catalogue refuses to be held together, by whatever door. Judged on
// what is assigned, whether it has effect or not, since what has none today may come to have it. What is held together
// already, from before the catalogue said so, is no reason to refuse an act that adds nothing to it.
import type { ConflictSide } from '../applications/application.ts';
import { catalogue } from '../applications/current-catalogue.ts';
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { HubError } from '../errors.ts';
import type { Box } from './box.ts';
import { assignedIn } from './effective.ts';
import { gainOf } from './giving.ts';
import { loadMany } from './load-many.ts';
import { holdsSide, pairName, pairsIn, together } from './separation.ts';

export type Separated = {
  /** All that is given, uncut. */
  readonly given: readonly Box[];
  /** What of it comes in addition to what it takes the place of; without it all of it. */
  readonly gained?: readonly Box[];
  /** Persons who receive it. */
  readonly users?: readonly string[];
  /** Groups whose members, those of nested groups too, receive it. */
  readonly groups?: readonly string[];
};

const CHUNK = 200;

/** Whether any pair is refused at all; without one nothing is asked. */
export const refusesPairs = (): boolean => pairsIn(catalogue(), 'refuse').length > 0;

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
  ) h where $2::timestamptz is not null order by h.id`;

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
  ) h where ${RECEIVES} order by h.id`;

/**
 * Throws HubError `separation_of_duties`: details.pair is the pair, details.between its name in each language, details.userId
 * who would hold it, details.customerAccountId where. Call inside the act's transaction, after what it ends has ended.
 */
export async function checkSeparation(ctx: OrganizationCtx, separated: Separated): Promise<void> {
  const { given, gained = given, users = [], groups = [] } = separated;
  const pairs = pairsIn(catalogue(), 'refuse').filter(({ a, b }) =>
    gained.some((box) => holdsSide(box, a) || holdsSide(box, b)),
  );
  if (pairs.length === 0 || (users.length === 0 && groups.length === 0)) return;
  // Two acts that each give one side at the same time see each other.
  await query("select pg_advisory_xact_lock(hashtextextended('separation ' || $1::text, 0))", [ctx.organizationId]);
  const at = ctx.now.getTime();
  const inItself = together(pairs, { some: gained, all: given, at }).length > 0;
  const opposite = gained.flatMap((box) =>
    pairs.flatMap(({ a, b }): (ConflictSide & { account: string })[] => [
      ...(holdsSide(box, a) ? [{ ...b, account: box.customerAccount }] : []),
      ...(holdsSide(box, b) ? [{ ...a, account: box.customerAccount }] : []),
    ]),
  );
  const receivers = [ctx.organizationId, ctx.now, users, groups];
  const sides = (['application', 'dimension', 'value', 'account'] as const).map((part) =>
    opposite.map((side) => side[part]),
  );
  const candidates = inItself
    ? await query<{ id: string }>(EVERYBODY, receivers)
    : await query<{ id: string }>(HOLDERS, [...receivers, ...sides]);
  for (let i = 0; i < candidates.length; i += CHUNK) {
    const ids = candidates.slice(i, i + CHUNK).map(({ id }) => id);
    const { snapshots } = await loadMany(ctx, { userIds: ids });
    for (const [userId, snapshot] of snapshots) {
      const held = assignedIn(snapshot).map(({ entitlement }) => entitlement);
      const [found] = together(pairs, { some: gainOf(held, gained), all: [...held, ...given], at });
      if (!found) continue;
      const between = pairName(catalogue(), found.pair);
      throw new HubError('separation_of_duties', `One person must not hold both: ${between.en}. Nothing was changed.`, {
        pair: { a: found.pair.a, b: found.pair.b },
        between,
        userId,
        customerAccountId: found.customerAccount,
      });
    }
  }
}
