// What differs between the two sides of an audited event, as leaves of the recorded values: a path, and what stood there
// before and after. Knows nothing of words; src/web/event-changes.ts says them.
import type { AuditedEvent } from '../audit/list-events.ts';

type Scalar = string | number | boolean;
type Step = string | number;
export type Leaf = {
  /** Names and, in a list of several things, their places from 0 on. */
  readonly path: readonly Step[];
  readonly before: readonly Scalar[];
  readonly after: readonly Scalar[];
  /** So many more values stand in the list than are told. */
  readonly leftOut: { readonly before: number; readonly after: number };
  /** The application whose rights these are. */
  readonly application: string | undefined;
};
type Found = { readonly path: readonly Step[]; readonly values: readonly Scalar[]; readonly application?: string };

/** Nothing that a person could use: ids of records without a name, and what only programs read. */
const TECHNICAL = new Set([
  'schemas',
  'version',
  'id',
  '$ref',
  'resourceType',
  'location',
  'assignment',
  // Their ids; how many there were is told.
  'assignments',
  'roleEntitlement',
  'administrationRight',
  'substitution',
  'request',
  'session',
  'mail',
  'visit',
  'replaces',
  'parentId',
  'ownerOrganizationId',
  'subjectKind',
  'subjectId',
  'position',
]);
/** As people ask: where, what, until when. What stands nowhere here keeps its place between them. */
const FIRST = ['application', 'customerAccount', 'customerAccountId', 'profile', 'role', 'rights', 'products'];
const LAST = ['validFrom', 'validUntil', 'from', 'until', 'consent'];
/** An event tells no more of a list, and no more leaves. */
const MOST_VALUES = 25;
export const MOST_LEAVES = 60;

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
export const isIdText = (value: unknown): value is string => typeof value === 'string' && ID.test(value);

const isScalar = (value: unknown): value is Scalar => ['string', 'number', 'boolean'].includes(typeof value);

function* leavesIn(value: unknown, path: readonly Step[], application?: string): Generator<Found> {
  const within = application === undefined ? {} : { application };
  if (Array.isArray(value)) {
    const plain = value.filter(isScalar);
    if (plain.length === value.length) {
      if (plain.length > 0) yield { path, values: plain, ...within };
    } else {
      for (const [i, one] of value.entries()) yield* leavesIn(one, [...path, i], application);
    }
  } else if (typeof value === 'object' && value !== null) {
    const named = 'application' in value && typeof value.application === 'string' ? value.application : application;
    for (const [key, one] of Object.entries(value))
      if (!TECHNICAL.has(key) || (key === 'assignments' && typeof one === 'number'))
        yield* leavesIn(one, [...path, key], named);
  } else if (isScalar(value) && value !== '') yield { path, values: [value], ...within };
}

/** Of a list too long to tell, what the other side has not comes first. */
function told(values: readonly Scalar[], other: readonly Scalar[]): readonly Scalar[] {
  if (values.length <= MOST_VALUES) return values;
  const known = new Set(other);
  const [own, common] = [values.filter((value) => !known.has(value)), values.filter((value) => known.has(value))];
  return [...own, ...common].slice(0, MOST_VALUES);
}

/** The one thing in a list needs no number. */
function numbered(path: readonly Step[], several: ReadonlySet<string>): readonly Step[] {
  return path.filter((step, i) => typeof step === 'string' || several.has(JSON.stringify(path.slice(0, i))));
}

const same = (a: readonly Scalar[], b: readonly Scalar[]): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);

const rankOf = (path: readonly Step[]): number => {
  const name = String(path.findLast((step) => typeof step === 'string'));
  const [first, last] = [FIRST.indexOf(name), LAST.indexOf(name)];
  return first >= 0 ? first : FIRST.length + last + 1;
};

/** What stands for itself before the parts of a list, those one after the other. */
const partOf = (path: readonly Step[]): number => path.find((step) => typeof step === 'number') ?? -1;

const hasSpan = (value: unknown): boolean => typeof value === 'object' && value !== null && 'validUntil' in value;

/** In an order for people; `leftOut` leaves more are not told. A consent is an id only where it has a record of its own. */
export function changedLeaves({ before, after }: Pick<AuditedEvent, 'before' | 'after'>): {
  readonly leaves: readonly Leaf[];
  readonly leftOut: number;
} {
  const both = new Map<string, { before?: Found; after?: Found }>();
  const several = new Set<string>();
  for (const [side, value] of [
    ['before', before],
    ['after', after],
  ] as const)
    for (const found of leavesIn(value, [])) {
      const key = JSON.stringify(found.path);
      both.set(key, { ...both.get(key), [side]: found });
      found.path.forEach((step, i) => {
        if (typeof step === 'number' && step > 0) several.add(JSON.stringify(found.path.slice(0, i)));
      });
    }
  // The span of an assignment stands beside what it gives, which repeats it.
  const twice = hasSpan(before) || hasSpan(after);
  const ordered = [...both.values()].toSorted((one, other) => {
    const [a, b] = [one.after ?? one.before, other.after ?? other.before].map((found) => found?.path ?? []);
    return partOf(a ?? []) - partOf(b ?? []) || rankOf(a ?? []) - rankOf(b ?? []);
  });
  const changed = ordered.flatMap(({ before: old, after: now }): Leaf[] => {
    const found = now ?? old;
    if (twice && found?.path.includes('validity') === true) return [];
    const [was, is] = [old?.values ?? [], now?.values ?? []];
    if (!found || same(was, is)) return [];
    if (found.path.at(-1) === 'consent' && (isIdText(is[0] ?? was[0]) || (was.length === 0 && is[0] === false)))
      return [];
    const [toldBefore, toldAfter] = [told(was, is), told(is, was)];
    return [
      {
        path: numbered(found.path, several),
        before: toldBefore,
        after: toldAfter,
        leftOut: { before: was.length - toldBefore.length, after: is.length - toldAfter.length },
        application: found.application,
      },
    ];
  });
  return { leaves: changed.slice(0, MOST_LEAVES), leftOut: Math.max(0, changed.length - MOST_LEAVES) };
}
