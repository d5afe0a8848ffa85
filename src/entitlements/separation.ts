// Separation of duties: pairs of values that one user should not hold together on one customer account, as the catalogue
// names them. Pure. What is held together, and what an act would bring together; nothing is ever cut because of it.
import {
  LANGUAGES,
  type Catalogue,
  type ConflictingPair,
  type ConflictSide,
  type Labels,
} from '../applications/application.ts';
import type { Box } from './box.ts';
import { intersectValidity } from './validity.ts';

export type Together = { readonly pair: ConflictingPair; readonly customerAccount: string };

/** All pairs of the catalogue, or those of one mode. */
export const pairsIn = (catalogue: Catalogue, mode?: ConflictingPair['mode']): ConflictingPair[] =>
  [...catalogue.values()].flatMap(({ conflicts = [] }) =>
    conflicts.filter((pair) => mode === undefined || pair.mode === mode),
  );

export function holdsSide(box: Box, { application, dimension, value }: ConflictSide): boolean {
  const values = box.values[dimension];
  return box.application === application && (values === '*' || values?.includes(value) === true);
}

/**
 * The pairs of which one of `some` holds one side and one of `all` the other, on the same customer account and at the same
 * time, at `at` (epoch milliseconds) or later. With all twice: what is held together.
 */
export function together(
  pairs: readonly ConflictingPair[],
  { some, all, at }: { readonly some: readonly Box[]; readonly all: readonly Box[]; readonly at: number },
): Together[] {
  const fromNow = { from: at, until: null };
  const meet = (one: Box, other: Box): boolean => {
    const common = one.customerAccount === other.customerAccount && intersectValidity(one.validity, other.validity);
    return common !== false && common !== null && intersectValidity(common, fromNow) !== null;
  };
  return pairs.flatMap((pair) => {
    const accounts = new Set<string>();
    for (const [own, opposite] of [
      [pair.a, pair.b],
      [pair.b, pair.a],
    ] as const) {
      const others = all.filter((box) => holdsSide(box, opposite));
      for (const box of some) {
        if (holdsSide(box, own) && others.some((other) => meet(box, other))) accounts.add(box.customerAccount);
      }
    }
    return [...accounts].map((customerAccount) => ({ pair, customerAccount }));
  });
}

/** How people call a pair: its two values, behind a name of its own where it has one. */
export function pairName(catalogue: Catalogue, { a, b, labels }: ConflictingPair): Labels {
  const side = ({ application: key, dimension, value }: ConflictSide): Labels | undefined => {
    const application = catalogue.get(key);
    return application?.[dimension].find((one) => one.key === value)?.label;
  };
  return Object.fromEntries(
    LANGUAGES.map((language) => {
      const both = [side(a)?.[language] ?? a.value, side(b)?.[language] ?? b.value].join(' + ');
      return [language, labels ? `${labels[language]} (${both})` : both];
    }),
  ) as Labels;
}
