// What somebody holds, as lines that a person reads: per application and customer account the values, by their labels.
import type { Application, Catalogue, Language } from '../applications/application.ts';
import { label } from '../applications/catalogue.ts';
import type { Entitlement } from '../entitlements/box.ts';
import type { Translate } from '../texts.ts';

type ShownRight = {
  readonly key: string;
  readonly application: string;
  readonly account: string;
  readonly values: readonly string[];
  /** The last moment, not the first after it. */
  readonly until?: Date;
};

/** One text per list of the application: fixed values by their labels, resources by their numbers. */
function shownValues(application: Application, entitlement: Entitlement, language: Language, t: Translate): string[] {
  return application.dimensions.flatMap((dimension) => {
    const values = entitlement.values[dimension];
    if (values === undefined) return [];
    if (values === '*') return [t(`portal:all.${dimension}`)];
    if (dimension === 'contracts' || dimension === 'billing_addresses') return [values.join(', ')];
    const known = new Map(application[dimension].map((value) => [value.key, label(value.label, language)]));
    return [values.map((value) => known.get(value) ?? value).join(', ')];
  });
}

/** In the order of the catalogue; what it does not hold any more is left out. */
export function shownRights(
  held: readonly { readonly entitlement: Entitlement; readonly accountNumber: string }[],
  catalogue: Catalogue,
  language: Language,
  t: Translate,
): ShownRight[] {
  const order = [...catalogue.keys()];
  return held
    .flatMap(({ entitlement, accountNumber }): ShownRight[] => {
      const application = catalogue.get(entitlement.application);
      if (!application) return [];
      const { until } = entitlement.validity;
      const values = shownValues(application, entitlement, language, t);
      const shown = {
        key: application.key,
        application: label(application.label, language),
        account: accountNumber,
        values,
      };
      return [{ ...shown, ...(until !== null && { until: new Date(until - 1) }) }];
    })
    .sort((a, b) => order.indexOf(a.key) - order.indexOf(b.key) || a.account.localeCompare(b.account));
}
