// A customer account's resource as the rights model sees it; the record with its texts belongs to organizations.
import type { ResourceDimension } from '../applications/application.ts';

export type Resource = {
  /** The dimension whose lists name it. Its number is unique among those of its kind in one customer account. */
  readonly kind: ResourceDimension;
  readonly number: string;
  readonly state: 'active' | 'closed';
  /** The master contract, the only one that some applications accept. */
  readonly master: boolean;
  /** Products and borderels that the contract allows, by key; without any of a list it allows all of that list. */
  readonly services?: readonly string[];
};
