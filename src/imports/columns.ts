// Which column of a file is which field. A header may be written in any of the four languages, as the screens label the
// fields, or with the technical names; case, accents, spaces and punctuation make no difference.
import { toLanguage } from '../texts.ts';
import { SALUTATIONS, type PersonDetails } from '../users/person-details.ts';
import { fileFault } from './file-fault.ts';

export const FIELDS = [
  'userName',
  'givenName',
  'familyName',
  'email',
  'language',
  'salutation',
  'groups',
  'roles',
  'administrationRights',
  // What our own file of errors adds; passed over when it comes back corrected.
  'note',
] as const;
export type Field = (typeof FIELDS)[number];

/** What gives something: several names in one cell, with a vertical bar between. */
const LISTS = { groups: 'group', roles: 'role', administrationRights: 'right' } as const;
type GiftKind = (typeof LISTS)[keyof typeof LISTS];

const NAMES: Record<Field, readonly string[]> = {
  userName: ['user name', 'username', 'login', 'gebruikersnaam', "nom d'utilisateur", 'utilisateur', 'benutzername'],
  givenName: ['given name', 'first name', 'voornaam', 'prenom', 'vorname'],
  familyName: [
    'family name',
    'last name',
    'surname',
    'achternaam',
    'naam',
    'familienaam',
    'nom',
    'nom de famille',
    'nachname',
    'familienname',
  ],
  email: ['email', 'e-mail address', 'mail', 'e-mailadres', 'adresse e-mail', 'courriel', 'e-mail-adresse', 'e-mail'],
  language: ['language', 'preferred language', 'taal', 'langue', 'sprache'],
  salutation: ['salutation', 'aanspreking', 'aanhef', 'civilite', 'anrede'],
  groups: ['groups', 'group', 'groepen', 'groep', 'groupes', 'groupe', 'gruppen', 'gruppe'],
  roles: ['roles', 'role', 'rollen', 'rol', 'rolle'],
  administrationRights: [
    'administration rights',
    'beheerrechten',
    "droits d'administration",
    'droits de gestion',
    'verwaltungsrechte',
  ],
  note: ['line', 'regel', 'ligne', 'zeile', 'problem', 'problems', 'probleem', 'probleme'],
};

const plain = (name: string): string =>
  name
    .normalize('NFD')
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();

const FIELD_OF = new Map(
  FIELDS.flatMap((field) => [field, ...NAMES[field]].map((name): [string, Field] => [plain(name), field])),
);

/** Index of each column's field. Throws HubError `invalid_input` (see file-fault.ts): the column that is at fault. */
export function columnsOf(header: readonly string[], usernames: 'free' | 'email'): Field[] {
  const columns = header.map((name): Field => {
    const field = FIELD_OF.get(plain(name));
    if (!field) throw fileFault('unknown_column', { name: name.trim().slice(0, 100), line: 1 });
    return field;
  });
  columns.forEach((field, i) => {
    if (field !== 'note' && columns.indexOf(field) < i) throw fileFault('twice_column', { name: field, line: 1 });
  });
  const needed: Field[] = [
    'givenName',
    'familyName',
    'email',
    ...(usernames === 'free' ? (['userName'] as const) : []),
  ];
  const missing = needed.find((field) => !columns.includes(field));
  if (missing) throw fileFault('missing_column', { name: missing, line: 1 });
  return columns;
}

const SALUTATION_WORDS: Record<(typeof SALUTATIONS)[number], readonly string[]> = {
  Mr: ['mr', 'dhr', 'de heer', 'heer', 'm', 'monsieur', 'herr'],
  Mrs: ['mrs', 'ms', 'mevr', 'mevrouw', 'mme', 'madame', 'frau'],
  Mx: ['mx', 'neutral', 'neutraal', 'neutre'],
};
const SALUTATION_OF = new Map(
  SALUTATIONS.flatMap((key) => SALUTATION_WORDS[key].map((word): [string, string] => [plain(word), key])),
);
const LANGUAGE_OF = new Map(
  Object.entries({
    nl: ['nederlands', 'dutch', 'neerlandais', 'niederlandisch'],
    fr: ['frans', 'french', 'francais', 'franzosisch'],
    de: ['duits', 'german', 'allemand', 'deutsch'],
    en: ['engels', 'english', 'anglais', 'englisch'],
  }).flatMap(([code, words]) => words.map((word): [string, string] => [word, code])),
);

export type ReadRow = {
  readonly details: PersonDetails;
  /** `group:mailroom`, `role:depositor`, `right:manage_users`: names as they are compared. */
  readonly gives: readonly string[];
};

/** What an item is called in the file. */
export const itemOf = (kind: GiftKind, name: string): string => `${kind}:${name}`;

/** The cells as a form would have them: nothing is judged here. `language`: where the file says none. */
export function readCells(
  cells: readonly string[],
  columns: readonly Field[],
  { usernames, language, keyOf }: { usernames: 'free' | 'email'; language: string; keyOf: (name: string) => string },
): ReadRow {
  const at = (field: Field): string => unguarded((cells[columns.indexOf(field)] ?? '').trim());
  const tongue = at('language');
  const salutation = at('salutation');
  const gives = Object.entries(LISTS).flatMap(([field, kind]) =>
    at(field as Field)
      .split('|')
      .map((name) => name.trim())
      .filter((name) => name !== '')
      .map((name) => itemOf(kind, kind === 'right' ? rightOf(name) : keyOf(name))),
  );
  return {
    details: {
      userName: at('userName') === '' && usernames === 'email' ? at('email') : at('userName'),
      givenName: at('givenName'),
      familyName: at('familyName'),
      email: at('email'),
      salutation: SALUTATION_OF.get(plain(salutation)) ?? salutation,
      // What is no language of ours stays as it was written, so that its fault can be told.
      language: (tongue === ''
        ? language
        : (toLanguage(tongue) ?? LANGUAGE_OF.get(plain(tongue)) ?? tongue)) as PersonDetails['language'],
    },
    gives: [...new Set(gives)],
  };
}

/** Our own files put a mark before what a spreadsheet would take for a formula; it is no part of the text. */
const unguarded = (cell: string): string => (/^'[=+\-@]/.test(cell) ? cell.slice(1) : cell);

/** manageUsers, "Manage users" and manage_users are one. */
const rightOf = (name: string): string =>
  name
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll(/[\s-]+/g, '_')
    .toLowerCase();
