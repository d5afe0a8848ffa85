// What the form for a new deposit offers: every value that the person holds anywhere, all elements together. On purpose:
// so that a combination nobody gave can be tried, and seen to be refused. A real form would offer what goes together.
import type { Element } from './enforce.ts';

export type Choices = {
  readonly customerAccounts: readonly string[];
  readonly products: readonly string[];
  readonly billingAddresses: readonly string[];
  /** Some element allows all billing addresses, so that one may be typed. */
  readonly anyBillingAddress: boolean;
};

export function choicesOf(elements: readonly Element[]): Choices {
  const sorted = (values: readonly string[]) => [...new Set(values)].sort();
  const addresses = elements.flatMap((element) => element.billing_addresses ?? []);
  return {
    customerAccounts: sorted(elements.map(({ identifier }) => identifier)),
    products: sorted(elements.flatMap((element) => element.products ?? [])),
    billingAddresses: sorted(addresses.filter((address) => address !== '*')),
    anyBillingAddress: addresses.includes('*'),
  };
}
