// The address of the question why somebody may do something, for the first combination of what he holds.
import type { Acting } from '../../entitlements/acting.ts';
import type { Entitlement } from '../../entitlements/box.ts';

/** `path`: the person's page. */
export function whyAddress(
  path: string,
  { snapshot }: Acting,
  { application, customerAccount, values }: Pick<Entitlement, 'application' | 'customerAccount' | 'values'>,
): string {
  const resources = snapshot.accounts.get(customerAccount)?.resources ?? [];
  const firstActive = (dimension: string): string =>
    resources.find(({ kind, state }) => kind === dimension && state === 'active')?.number ?? '';
  const combination = Object.entries(values).map(([dimension, list]): [string, string] => [
    dimension,
    list === '*' ? firstActive(dimension) : (list[0] ?? ''),
  ]);
  const query = new URLSearchParams([['application', application], ['account', customerAccount], ...combination]);
  return `${path}/why?${query.toString()}`;
}
