// What publishing a draft would do to what was given: which values, profiles and lists are left out though somebody names them,
// how many entitlements lose values, break their profile or fall below a minimum, in which organizations, and who would stand in
// a pair that is kept apart anew. Equal entitlements are judged once.
import type { Ctx } from '../context.ts';
import { query } from '../database/query.ts';
import { checkOperator } from '../organizations/check-operator.ts';
import { FIXED_DIMENSIONS, type Application, type Dimension } from './application.ts';
import { checkSource } from './catalogue.ts';
import { catalogue } from './current-catalogue.ts';
import { MOST_NAMED, pairsEffect, type OrganizationCount, type PairEffect } from './pairs-effect.ts';

type DraftEffect = {
  /** Named by something that is in force, and not in the draft: `rights:create`, `profile:pro`, `list:products`. */
  readonly missing: readonly { readonly name: string; readonly uses: number }[];
  readonly entitlements: number;
  /** Those that give less than now. */
  readonly losing: number;
  /** Those that give nothing any more. */
  readonly broken: number;
  /** Where entitlements lose something or all: how many organizations, and those with most of them. */
  readonly organizations: number;
  readonly most: readonly OrganizationCount[];
  /** Of rights that are kept apart anew: who holds both today. */
  readonly pairs: readonly PairEffect[];
  readonly addedValues: readonly string[];
  readonly retiredValues: readonly string[];
};

type Given = {
  profile: string | null;
  values: Partial<Record<Dimension, '*' | string[]>>;
  uses: number;
  limit: boolean;
};

const live = 'ended_at is null and (valid_until is null or valid_until > $2)';

/** What names values of the application: entitlements of people, groups and roles, and limits. */
const given = (key: string, now: Date) =>
  query<Given>(
    `select profile, "values", count(*)::int as uses, false as "limit" from (
       select profile, "values" from assignments where application = $1 and ${live}
       union all select profile, "values" from role_entitlements where application = $1 and ${live}
     ) e group by 1, 2
     union all
     select null, "values", count(*)::int, true from (
       select "values" from subscriptions where application = $1 and ${live}
       union all select box -> 'values' from mandates, jsonb_array_elements(boxes) box where box ->> 'application' = $1 and ${live}
     ) l group by 1, 2`,
    [key, now],
  );

/** Where the entitlements of these forms are, most of them first. */
async function placesOf(key: string, now: Date, forms: readonly Given[]) {
  if (forms.length === 0) return { organizations: 0, most: [] };
  const rows = await query<OrganizationCount & { organizations: number }>(
    `with forms as (
       select f.profile, f.v from unnest($3::text[], $4::jsonb[]) as f(profile, v)
     ), counted as (
       select e.organization_id, count(*)::int as count from (
         select organization_id, profile, "values" from assignments where application = $1 and ${live}
         union all select organization_id, profile, "values" from role_entitlements where application = $1 and ${live}
       ) e join forms f on f.v = e."values" and f.profile is not distinct from e.profile group by 1
     )
     select o.id, o.name, c.count, (count(*) over ())::int as organizations
     from counted c join organizations o on o.id = c.organization_id order by c.count desc, o.id limit ${MOST_NAMED}`,
    [key, now, forms.map(({ profile }) => profile), forms.map(({ values }) => JSON.stringify(values))],
  );
  return { organizations: rows[0]?.organizations ?? 0, most: rows.map(({ id, name, count }) => ({ id, name, count })) };
}

const valuesOf = (application: Application | undefined): string[] =>
  FIXED_DIMENSIONS.flatMap((dimension) => (application?.[dimension] ?? []).map(({ key }) => `${dimension}:${key}`));
const retiredOf = (application: Application | undefined): Set<string> =>
  new Set(
    FIXED_DIMENSIONS.flatMap((dimension) =>
      (application?.[dimension] ?? []).filter(({ retired }) => retired).map(({ key }) => `${dimension}:${key}`),
    ),
  );

const namesIn = ({ values, profile }: Given): string[] => [
  ...Object.keys(values).map((dimension) => `list:${dimension}`),
  ...FIXED_DIMENSIONS.flatMap((dimension) => {
    const named = values[dimension];
    return named === '*' || named === undefined ? [] : named.map((value) => `${dimension}:${value}`);
  }),
  ...(profile === null ? [] : [`profile:${profile}`]),
];

function isBroken(application: Application, { values, profile }: Given, gone: ReadonlySet<string>): boolean {
  const left = (dimension: Dimension): number => {
    const named = values[dimension];
    if (named === '*') return Infinity;
    return (named ?? []).filter((value) => !gone.has(`${dimension}:${value}`)).length;
  };
  if (application.dimensions.some((dimension) => left(dimension) < Math.max(1, application.minimum[dimension] ?? 1)))
    return true;
  if (application.profiles.length > 0 && profile === null) return true;
  const cells = application.profiles.find(({ key }) => key === profile)?.cells ?? {};
  return FIXED_DIMENSIONS.some((dimension) =>
    Object.entries(cells[dimension] ?? {}).some(([value, cell]) => {
      const holds = values[dimension] === '*' || (values[dimension] ?? []).includes(value);
      if (cell === 'X') return !holds || gone.has(`${dimension}:${value}`);
      return cell !== 'O' && holds;
    }),
  );
}

/** Of a sound text. Throws HubError `not_permitted` (operator only). */
export async function draftEffect(ctx: Ctx, key: string, source: string): Promise<DraftEffect> {
  checkOperator(ctx);
  const { application } = checkSource({ file: key, text: source });
  const now = catalogue().get(key);
  const nothing = { entitlements: 0, losing: 0, broken: 0, organizations: 0 };
  if (!application) return { ...nothing, missing: [], most: [], pairs: [], addedValues: [], retiredValues: [] };
  const known = new Set([
    ...valuesOf(application),
    ...application.profiles.map((profile) => `profile:${profile.key}`),
    ...application.dimensions.map((dimension) => `list:${dimension}`),
  ]);
  const [before, after] = [retiredOf(now), retiredOf(application)];
  const newlyRetired = new Set([...after].filter((value) => !before.has(value)));
  const missing = new Map<string, number>();
  const counts = { entitlements: 0, losing: 0, broken: 0 };
  const touched: Given[] = [];
  for (const one of await given(key, ctx.now)) {
    const names = namesIn(one);
    for (const name of names) if (!known.has(name)) missing.set(name, (missing.get(name) ?? 0) + one.uses);
    if (one.limit) continue;
    counts.entitlements += one.uses;
    const wasBroken = now !== undefined && isBroken(now, one, before);
    const breaks = !wasBroken && isBroken(application, one, after);
    if (!breaks && !names.some((name) => newlyRetired.has(name))) continue;
    counts[breaks ? 'broken' : 'losing'] += one.uses;
    touched.push(one);
  }
  const held = new Set(valuesOf(now));
  return {
    missing: [...missing].map(([name, uses]) => ({ name, uses })).sort((a, b) => (a.name < b.name ? -1 : 1)),
    ...counts,
    ...(await placesOf(key, ctx.now, touched)),
    pairs: await pairsEffect(now, application, ctx.now),
    addedValues: valuesOf(application).filter((value) => !held.has(value)),
    retiredValues: [...newlyRetired],
  };
}
