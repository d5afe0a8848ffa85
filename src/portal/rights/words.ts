// Rights in the words of the catalogue: the lists of a box, one sentence of it, and the names of customer accounts.
import type { Application, Catalogue, Dimension, Language } from '../../applications/application.ts';
import { label } from '../../applications/catalogue.ts';
import type { ActingAccount, NamedResource } from '../../entitlements/acting-accounts.ts';
import type { Box, Entitlement } from '../../entitlements/box.ts';
import type { Translate } from '../../texts.ts';

type ShownList = { readonly label: string; readonly values: readonly string[] };
type ShownAccount = { readonly id: string; readonly title: string; readonly owner: string | null };
export type Words = ReturnType<typeof wordsFor>;

/** No sentence names more values of one list. */
const MOST_NAMED = 4;

export function wordsFor(given: {
  readonly catalogue: Catalogue;
  readonly language: Language;
  readonly t: Translate;
  readonly accounts: readonly ActingAccount[];
  readonly resources: readonly NamedResource[];
}) {
  const { catalogue, language, t } = given;
  const accounts = new Map(given.accounts.map((account) => [account.id, account]));
  const resources = new Map(given.resources.map((one) => [`${one.customerAccount} ${one.kind} ${one.number}`, one]));

  const resourceOf = (account: string, dimension: Dimension, number: string): NamedResource | undefined =>
    resources.get(`${account} ${dimension} ${number}`);

  function valueOf(application: Application, account: string, dimension: Dimension, value: string): string {
    if (value === '*') return t(`rights:all.${dimension}`);
    if (dimension !== 'contracts' && dimension !== 'billing_addresses') {
      const known = application[dimension].find(({ key }) => key === value);
      return known ? label(known.label, language) : value;
    }
    const known = resourceOf(account, dimension, value);
    if (!known || known.label === value) return value;
    return dimension === 'contracts' ? `${value}, ${known.label}` : known.label;
  }

  /** In the order of the screen, which is the catalogue's, not the alphabet's. */
  function namesOf(
    application: Application,
    account: string,
    dimension: Dimension,
    values: readonly string[],
  ): string[] {
    const order = new Map(orderOf(application, dimension).map((key, index) => [key, index]));
    return values
      .toSorted((a, b) => (order.get(a) ?? -1) - (order.get(b) ?? -1))
      .map((value) => valueOf(application, account, dimension, value));
  }

  function accountOf(id: string): ShownAccount {
    const account = accounts.get(id);
    if (!account) return { id, title: t('rights:account.unknown'), owner: null };
    const title = account.name === '' ? account.number : `${account.number}, ${account.name}`;
    return { id, title, owner: account.owner };
  }

  /** In the order of the application's lists. */
  function listsOf(box: Pick<Box, 'application' | 'customerAccount' | 'values'>): ShownList[] {
    const application = catalogue.get(box.application);
    return (application?.dimensions ?? []).flatMap((dimension) => {
      const values = box.values[dimension];
      if (!application || values === undefined) return [];
      const listed = values === '*' ? ['*'] : values;
      const named = namesOf(application, box.customerAccount, dimension, listed);
      return [{ label: t(`rights:list.${dimension}`), values: named }];
    });
  }

  return {
    t,
    language,
    catalogue,
    valueOf,
    namesOf,
    accountOf,
    listsOf,
    resourceOf,
    applicationOf: (key: string): string => {
      const application = catalogue.get(key);
      return application ? label(application.label, language) : key;
    },
    profileOf: ({ application, profile }: Pick<Entitlement, 'application' | 'profile'>): string | undefined => {
      if (profile === undefined) return undefined;
      const known = catalogue.get(application)?.profiles.find(({ key }) => key === profile);
      return known ? label(known.label, language) : profile;
    },
    /** One line. */
    sentence: (box: Box): string => {
      const lists = listsOf(box).map(({ label: list, values }) => `${list}: ${shortened(values, t)}`);
      return lists.length === 0 ? t('rights:access') : lists.join('; ');
    },
  };
}

function orderOf(application: Application, dimension: Dimension): readonly string[] {
  return dimension === 'contracts' || dimension === 'billing_addresses'
    ? []
    : application[dimension].map(({ key }) => key);
}

function shortened(values: readonly string[], t: Translate): string {
  if (values.length <= MOST_NAMED + 1) return values.join(', ');
  return t('rights:and_more', {
    values: values.slice(0, MOST_NAMED).join(', '),
    count: values.length - MOST_NAMED,
  });
}
