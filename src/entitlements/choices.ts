// What the rights editor shows for each value of each list: free, mandatory or refused with its reason. The reasons
// come from the function that `accept` refuses with, so the screen cannot promise what the server denies.
import type { Dimension } from '../applications/application.ts';
import type { ErrorCode } from '../errors.ts';
import type { Box } from './box.ts';
import { isFixed, valueRule, type ValueSetting } from './value-rule.ts';

export type Choice = {
  readonly dimension: Dimension;
  /** A catalogue key, a resource number, or `"*"` for "all, also future ones". */
  readonly value: string;
  readonly state: 'free' | 'mandatory' | 'refused';
  /** Why it is not free: `profile_mandatory`, or the reason of the refusal. */
  readonly code?: ErrorCode;
};

/** The actor's ceiling, to grey what he cannot give at all; whether a whole box is covered `mayGive` decides at save. */
type ChoiceCeiling = { readonly customerAccount: string; readonly ceiling: readonly Box[] };

/** In the order of the application's lists and of the catalogue; in a resource list `"*"` comes first. */
export function choices(setting: ValueSetting, within?: ChoiceCeiling): Choice[] {
  const { application } = setting;
  const rule = valueRule(setting);
  return application.dimensions.flatMap((dimension) => {
    const values = isFixed(dimension)
      ? application[dimension].map((value) => value.key)
      : ['*', ...setting.resources.flatMap(({ kind, number }) => (kind === dimension ? [number] : []))];
    const givable = within === undefined ? null : inCeiling(application.key, dimension, within);
    return values.map((value): Choice => {
      const code = rule.refusal(dimension, value);
      if (code !== null) return { dimension, value, state: 'refused', code };
      if (givable?.(value) === false) return { dimension, value, state: 'refused', code: 'grantor_lacks_right' };
      if (rule.isMandatory(dimension, value))
        return { dimension, value, state: 'mandatory', code: 'profile_mandatory' };
      return { dimension, value, state: 'free' };
    });
  });
}

function inCeiling(application: string, dimension: Dimension, within: ChoiceCeiling): (value: string) => boolean {
  const named = new Set<string>();
  for (const box of within.ceiling) {
    if (box.application !== application || box.customerAccount !== within.customerAccount) continue;
    const values = box.values[dimension];
    if (values === '*') return () => true;
    values?.forEach((value) => named.add(value));
  }
  return (value) => named.has(value);
}
