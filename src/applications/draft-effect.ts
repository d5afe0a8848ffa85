// What publishing a draft would do to what was given: which values, profiles and lists are left out though somebody names them,
// and how many entitlements lose values, break their profile or fall below a minimum. Equal entitlements are judged once.
import type { Ctx } from '../context.ts';
import { query } from '../database/query.ts';
import { checkOperator } from '../organizations/check-operator.ts';
import { FIXED_DIMENSIONS, type Application, type Dimension } from './application.ts';
import { checkSource } from './catalogue.ts';
import { catalogue } from './current-catalogue.ts';

export type DraftEffect = {
  /** Named by something that is in force, and not in the draft: `rights:create`, `profile:pro`, `list:products`. */
  readonly missing: readonly { readonly name: string; readonly uses: number }[];
  readonly entitlements: number;
  /** Those that give less than now. */
  readonly losing: number;
  /** Those that give nothing any more. */
  readonly broken: number;
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
  const none = { missing: [], entitlements: 0, losing: 0, broken: 0, addedValues: [], retiredValues: [] };
  if (!application) return none;
  const known = new Set([
    ...valuesOf(application),
    ...application.profiles.map((profile) => `profile:${profile.key}`),
    ...application.dimensions.map((dimension) => `list:${dimension}`),
  ]);
  const [before, after] = [retiredOf(now), retiredOf(application)];
  const newlyRetired = new Set([...after].filter((value) => !before.has(value)));
  const missing = new Map<string, number>();
  const counts = { entitlements: 0, losing: 0, broken: 0 };
  for (const one of await given(key, ctx.now)) {
    const names = namesIn(one);
    for (const name of names) if (!known.has(name)) missing.set(name, (missing.get(name) ?? 0) + one.uses);
    if (one.limit) continue;
    counts.entitlements += one.uses;
    const wasBroken = now !== undefined && isBroken(now, one, before);
    if (!wasBroken && isBroken(application, one, after)) counts.broken += one.uses;
    else if (names.some((name) => newlyRetired.has(name))) counts.losing += one.uses;
  }
  const held = new Set(valuesOf(now));
  return {
    missing: [...missing].map(([name, uses]) => ({ name, uses })).sort((a, b) => (a.name < b.name ? -1 : 1)),
    ...counts,
    addedValues: valuesOf(application).filter((value) => !held.has(value)),
    retiredValues: [...newlyRetired],
  };
}
