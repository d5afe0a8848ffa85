// Whether the pages about mandates are anything to somebody: a cheap question, asked for the menu of every page. What he may
// do there is asked by the pages themselves.
import { catalogue } from '../applications/current-catalogue.ts';
import type { OrganizationCtx } from '../context.ts';
import { prepared, queryOne } from '../database/query.ts';
import type { Rank } from '../entitlements/touching.ts';

const CONCERNS = prepared(
  'mandates_concern',
  `with recursive reach(id) as (
    select group_id from group_users where organization_id = $1 and user_id = $2
    union
    select n.parent_id from reach r join group_groups n on n.organization_id = $1 and n.child_id = r.id
  ), given as (
    select a.application, a."values", a.role_id from (select $2::uuid as id union all select id from reach) s
    join assignments a on a.organization_id = $1 and a.subject_id = s.id
    where a.ended_at is null and (a.valid_until is null or a.valid_until > $3)
  )
  select $4::boolean and exists (
      select 1 from mandates m where m.receiver_organization_id = $1 and m.ended_at is null
    ) or exists (
      select 1 from unnest($5::text[], $6::text[]) as marked(application, "right")
      where exists (select 1 from given g where g.application = marked.application and g."values" -> 'rights' ? marked."right")
        or exists (select 1 from given g join role_entitlements e on e.organization_id = $1 and e.role_id = g.role_id
          where e.ended_at is null and e.application = marked.application and e."values" -> 'rights' ? marked."right")
    ) as concerns`,
);

/** Chief administrators always; other administrators where mandates were received; whoever holds a right that gives them. */
export async function concernsMandates(ctx: OrganizationCtx, userId: string, rank: Rank): Promise<boolean> {
  if (rank === 'chief') return true;
  const marked = [...catalogue().values()].flatMap(({ key, givesMandates }) =>
    givesMandates === undefined ? [] : [{ key, right: givesMandates }],
  );
  const row = await queryOne<{ concerns: boolean }>(CONCERNS, [
    ctx.organizationId,
    userId,
    ctx.now,
    rank !== 'none',
    marked.map(({ key }) => key),
    marked.map(({ right }) => right),
  ]);
  return row?.concerns === true;
}
