// What the lists of applications and of customer accounts in a form of questions offer.
import type { Application } from '../../applications/application.ts';
import type { Words } from './words.ts';

type Option = { readonly value: string; readonly label: string; readonly selected: boolean };

export const applicationOptions = (
  applications: readonly Application[],
  chosen: string | undefined,
  words: Words,
): Option[] =>
  applications.map(({ key }) => ({ value: key, label: words.applicationOf(key), selected: key === chosen }));

export const accountOptions = (
  accounts: readonly { readonly id: string }[],
  chosen: string | undefined,
  words: Words,
): Option[] => accounts.map(({ id }) => ({ value: id, label: words.accountOf(id).title, selected: id === chosen }));
