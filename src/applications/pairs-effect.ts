// Who would stand in a pair of rights that a draft of the catalogue keeps apart anew: people of any organization to whom both
// sides were given for a common time on one customer account, directly, by groups or by roles. What was given counts, whether
// it has effect at this moment or not. Nobody loses anything by it: see entitlements/check-separation.ts.
import { query } from '../database/query.ts';
import { pairName } from '../entitlements/separation.ts';
import type { Application, ConflictingPair, Labels } from './application.ts';
import { catalogue } from './current-catalogue.ts';

export type OrganizationCount = { readonly id: string; readonly name: string; readonly count: number };

export type PairEffect = {
  readonly between: Labels;
  readonly mode: ConflictingPair['mode'];
  readonly people: number;
  /** How many organizations they are in, and the first by number. */
  readonly organizations: number;
  readonly most: readonly OrganizationCount[];
};

export const MOST_NAMED = 5;

const nameOf = ({ a, b }: ConflictingPair): string =>
  [a, b]
    .map(({ application, dimension, value }) => `${application} ${dimension} ${value}`)
    .toSorted()
    .join(' | ');

/** Pairs that are not there now, or were only reported. */
const freshPairs = (now: Application | undefined, draft: Application): ConflictingPair[] => {
  const known = new Map((now?.conflicts ?? []).map((pair) => [nameOf(pair), pair.mode]));
  return (draft.conflicts ?? []).filter((pair) => {
    const mode = known.get(nameOf(pair));
    return mode === undefined || (mode === 'report' && pair.mode === 'refuse');
  });
};

const live = (alias: string) =>
  `${alias}.ended_at is null and (${alias}.valid_until is null or ${alias}.valid_until > $1)`;
const span = (alias: string) => `tstzrange(${alias}.valid_from, ${alias}.valid_until)`;

const HOLDING_BOTH = `with recursive sides as (
    select * from unnest($2::int[], $3::int[], $4::text[], $5::text[], $6::text[]) as s(pair, side, application, dimension, value)
  ), given as (
    select a.organization_id as o, s.pair, s.side, a.customer_account_id as account, a.subject_kind as kind, a.subject_id as id, ${span('a')} as span
    from sides s join assignments a on a.application = s.application and ${live('a')} and a."values" -> s.dimension ?| array['*', s.value]
    union
    select e.organization_id, s.pair, s.side, e.customer_account_id, a.subject_kind, a.subject_id, ${span('e')} * ${span('a')}
    from sides s join role_entitlements e on e.application = s.application and ${live('e')} and e."values" -> s.dimension ?| array['*', s.value]
    join assignments a on a.organization_id = e.organization_id and a.role_id = e.role_id and ${live('a')}
  ), down(o, pair, side, account, id, span) as (
    select o, pair, side, account, id, span from given where kind = 'group'
    union
    select d.o, d.pair, d.side, d.account, n.child_id, d.span from down d join group_groups n on n.organization_id = d.o and n.parent_id = d.id
  ), holders as (
    select o, pair, side, account, id, span from given where kind = 'user'
    union select d.o, d.pair, d.side, d.account, m.user_id, d.span from down d join group_users m on m.organization_id = d.o and m.group_id = d.id
  ), counted as (
    select x.pair, x.o, count(distinct x.id)::int as people
    from holders x join holders y on y.o = x.o and y.id = x.id and y.pair = x.pair and y.account = x.account and y.side = 1
      and not isempty(x.span * y.span * tstzrange($1, null))
    join users u on u.organization_id = x.o and u.id = x.id and u.active and u.deleted_at is null
    where x.side = 0 group by x.pair, x.o
  ), ranked as (
    select c.*, sum(people) over p as total, count(*) over p as organizations,
      row_number() over (partition by c.pair order by c.people desc, c.o) as place
    from counted c window p as (partition by c.pair)
  )
  select r.pair, r.total::int as total, r.organizations::int as organizations, r.o as id, g.name, r.people as count
  from ranked r join organizations g on g.id = r.o where r.place <= $7 order by r.pair, r.place`;

type Row = OrganizationCount & { pair: number; total: number; organizations: number };

/** One entry for each pair that the draft adds or sharpens, also where nobody is in it. */
export async function pairsEffect(now: Application | undefined, draft: Application, at: Date): Promise<PairEffect[]> {
  const pairs = freshPairs(now, draft);
  if (pairs.length === 0) return [];
  const sides = pairs.flatMap(({ a, b }, pair) => [
    { pair, side: 0, ...a },
    { pair, side: 1, ...b },
  ]);
  const rows = await query<Row>(HOLDING_BOTH, [
    at,
    ...(['pair', 'side', 'application', 'dimension', 'value'] as const).map((part) => sides.map((one) => one[part])),
    MOST_NAMED,
  ]);
  const applications = new Map([...catalogue(), [draft.key, draft]]);
  return pairs.map((pair, index) => {
    const own = rows.filter((row) => row.pair === index);
    return {
      between: pairName(applications, pair),
      mode: pair.mode,
      people: own[0]?.total ?? 0,
      organizations: own[0]?.organizations ?? 0,
      most: own.map(({ id, name, count }) => ({ id, name, count })),
    };
  });
}
