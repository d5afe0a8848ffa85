// The form of a person's details, for making and for editing him: its values, its faults at the fields.
import { LANGUAGES } from '../../applications/application.ts';
import { HubError } from '../../errors.ts';
import { SALUTATIONS, type DetailsFault, type DetailsField, type PersonDetails } from '../../users/person-details.ts';
import { ENDONYMS } from '../../web/languages.ts';
import type { Fault } from '../../web/refusal.ts';

const FIELDS = [
  'userName',
  'salutation',
  'givenName',
  'familyName',
  'email',
  'language',
] as const satisfies readonly DetailsField[];

export const detailsIn = (fields: Readonly<Record<string, string>>): PersonDetails =>
  Object.fromEntries(FIELDS.map((name) => [name, (fields[name] ?? '').trim()])) as PersonDetails;

export const faultOf = ({ path, code }: Pick<DetailsFault, 'path' | 'code'>): Fault => ({
  key: `users:fault.${path}.${code}`,
  field: path,
});

/** Faults that belong to fields of the form; undefined for any other refusal. */
export function detailsFaults(error: unknown): Fault[] | undefined {
  if (!(error instanceof HubError)) return undefined;
  if (error.code === 'uniqueness') return [{ key: 'users:fault.userName.taken', field: 'userName' }];
  if (error.code !== 'invalid_input') return undefined;
  const issues = (error.details['issues'] ?? []) as { path: DetailsField; code?: DetailsFault['code'] }[];
  const known = issues.flatMap(({ path, code }) =>
    code !== undefined && FIELDS.includes(path) ? [faultOf({ path, code })] : [],
  );
  if (known.length > 0) return known;
  return issues.some(({ path }) => path === 'email') ? [faultOf({ path: 'email', code: 'no_email' })] : undefined;
}

/** What views/partials/person-fields shows. A salutation that a directory wrote is one of the choices. */
export const detailsLocals = (
  values: PersonDetails,
  faults: readonly Fault[],
  usernames: 'free' | 'email',
  locked: Readonly<Partial<Record<DetailsField, string>>> = {},
) => ({
  values,
  usernames,
  locked,
  salutations: [
    ...SALUTATIONS,
    ...(values.salutation === '' || (SALUTATIONS as readonly string[]).includes(values.salutation)
      ? []
      : [values.salutation]),
  ],
  languages: LANGUAGES.map((code) => ({ code, name: ENDONYMS[code] })),
  faultAt: Object.fromEntries(faults.flatMap(({ field, key }) => (field === undefined ? [] : [[field, key]]))),
});
