// Whether the pages about mandates are anything to somebody: a cheap question, asked for the menu of every page. What he may
// do there is asked by the pages themselves.
import { catalogue } from '../applications/current-catalogue.ts';
import type { Rank } from '../entitlements/touching.ts';

/** SQL: whether organization $1 has received a mandate. */
export const HAS_RECEIVED_MANDATE = `exists (
  select 1 from mandates m where m.receiver_organization_id = $1 and m.ended_at is null)`;

/** SQL: whether user $4 of organization $1 was given a right that gives mandates, at $3; $5 and $6 are markedRights. */
export const HOLDS_MARKED_RIGHT = `(with recursive reach(id) as (
    select group_id from group_users where organization_id = $1 and user_id = $4::uuid
    union
    select n.parent_id from reach r join group_groups n on n.organization_id = $1 and n.child_id = r.id
  ), given as (
    select a.application, a."values", a.role_id from (select $4::uuid as id union all select id from reach) s
    join assignments a on a.organization_id = $1 and a.subject_id = s.id
    where a.ended_at is null and (a.valid_until is null or a.valid_until > $3)
  )
  select exists (
    select 1 from unnest($5::text[], $6::text[]) as marked(application, "right")
    where exists (select 1 from given g where g.application = marked.application and g."values" -> 'rights' ? marked."right")
      or exists (select 1 from given g join role_entitlements e on e.organization_id = $1 and e.role_id = g.role_id
        where e.ended_at is null and e.application = marked.application and e."values" -> 'rights' ? marked."right")))`;

/** Those that the catalogue marks: applications, and the right of each. */
export function markedRights(): [applications: string[], rights: string[]] {
  const marked = [...catalogue().values()].flatMap(({ key, givesMandates }) =>
    givesMandates === undefined ? [] : [{ key, right: givesMandates }],
  );
  return [marked.map(({ key }) => key), marked.map(({ right }) => right)];
}

/** Chief administrators always; other administrators where mandates were received; whoever holds a right that gives them. */
export const concernsMandates = (
  rank: Rank,
  facts: { readonly received: boolean; readonly marked: boolean },
): boolean => rank === 'chief' || (rank !== 'none' && facts.received) || facts.marked;
