// What a refusal names, as a row keeps it: what whoever imports does not hold himself, and what must not be held together.
import type { Dimension, Labels } from '../applications/application.ts';
import type { Box } from '../entitlements/box.ts';
import type { Gain } from '../entitlements/giving.ts';
import type { HubError } from '../errors.ts';
import type { MissingPart, RowFault } from './import-record.ts';

const MOST_PARTS = 3;
const MOST_VALUES = 4;

/** Of the details of `grantor_lacks_right`, `outlasts_ceiling` and `separation_of_duties`; empty for others. */
export function lackingIn({ missing, between }: HubError['details']): Pick<RowFault, 'missing' | 'between'> {
  const boxes = ((missing ?? []) as Gain[]).flatMap((gain) => gain.boxes);
  return {
    ...(boxes.length > 0 && { missing: boxes.slice(0, MOST_PARTS).map(partOf) }),
    ...(between !== undefined && { between: between as Labels }),
  };
}

const partOf = ({ application, customerAccount, values }: Box): MissingPart => ({
  application,
  customerAccountId: customerAccount,
  lists: Object.entries(values).map(([dimension, list]) => {
    const all = list === '*' ? ['*'] : list;
    return {
      dimension: dimension as Dimension,
      values: all.slice(0, MOST_VALUES),
      more: Math.max(0, all.length - MOST_VALUES),
    };
  }),
});
