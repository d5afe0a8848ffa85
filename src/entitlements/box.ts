// The vocabulary of the rights model: a box allows every combination of its values, and no other.
// Types only; covers.ts, intersect.ts and accept.ts compute with them. No I/O anywhere in these files.
import type { Dimension } from '../applications/application.ts';

/** `"*"` is all values, now and later. A list is sorted and without repeats. */
export type Values = '*' | readonly string[];

/** Epoch milliseconds; [from, until). `null` is unbounded on that side. */
export type Validity = { readonly from: number | null; readonly until: number | null };

export type Box = {
  readonly application: string;
  /** Id of the customer account. */
  readonly customerAccount: string;
  /** One entry for each dimension of the application; resource dimensions hold resource numbers. */
  readonly values: Readonly<Partial<Record<Dimension, Values>>>;
  readonly validity: Validity;
};

/** A box together with its profile, where the application has profiles. */
export type Entitlement = Box & { readonly profile?: string };

export const ALWAYS: Validity = { from: null, until: null };
