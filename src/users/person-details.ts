// The details of a person as a form holds them, and what of them stands where in his document (RFC 7643 section 4.1).
import { LANGUAGES, type Language } from '../applications/application.ts';
import { HubError } from '../errors.ts';
import { isMailable } from '../mail/address.ts';
import type { Document, Json } from '../provisioning/attribute.ts';
import { USER_SCHEMA } from '../provisioning/schemas.ts';
import { toLanguage } from '../texts.ts';
import { emailOf } from './user-row.ts';

/** `Mx` is the neutral one. A directory may have written another text; it stays until somebody chooses. */
export const SALUTATIONS = ['Mr', 'Mrs', 'Mx'] as const;

export type PersonDetails = {
  readonly userName: string;
  /** Empty: none. */
  readonly salutation: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly email: string;
  readonly language: Language;
};
export type DetailsField = keyof PersonDetails;

export type DetailsFault = {
  readonly path: DetailsField;
  readonly code: 'missing' | 'too_long' | 'unprintable' | 'no_email' | 'not_email_name' | 'unknown';
};

const MOST: Record<DetailsField, number> = {
  userName: 128,
  salutation: 32,
  givenName: 64,
  familyName: 64,
  email: 254,
  language: 8,
};
const OPTIONAL: readonly DetailsField[] = ['salutation'];

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

export function detailsOf(document: Document): PersonDetails {
  const name = document['name'] as Document | undefined;
  return {
    userName: textOf(document['userName']),
    salutation: textOf(name?.['honorificPrefix']),
    givenName: textOf(name?.['givenName']),
    familyName: textOf(name?.['familyName']),
    email: emailOf(document) ?? '',
    language: toLanguage(textOf(document['preferredLanguage'])) ?? toLanguage(textOf(document['locale'])) ?? 'nl',
  };
}

/** In the order of the form. `usernames`: the organization's rule. */
export function faultsIn(details: PersonDetails, usernames: 'free' | 'email', kept?: PersonDetails): DetailsFault[] {
  const faults: DetailsFault[] = [];
  for (const path of Object.keys(MOST) as DetailsField[]) {
    const value = details[path];
    // What stands there already, perhaps by a directory or an older rule, is no fault of whoever changes something else.
    if (kept !== undefined && kept[path] === value) continue;
    if (value.trim() === '') {
      if (!OPTIONAL.includes(path)) faults.push({ path, code: 'missing' });
    } else if (value.length > MOST[path]) faults.push({ path, code: 'too_long' });
    else if (/\p{Cc}|\p{Zl}|\p{Zp}/u.test(value)) faults.push({ path, code: 'unprintable' });
    else if (path === 'email' && !isMailable(value)) faults.push({ path, code: 'no_email' });
    else if (path === 'userName' && usernames === 'email' && !isMailable(value))
      faults.push({ path, code: 'not_email_name' });
    else if (path === 'language' && !(LANGUAGES as readonly string[]).includes(value))
      faults.push({ path, code: 'unknown' });
    else if (path === 'salutation' && !(SALUTATIONS as readonly string[]).includes(value))
      faults.push({ path, code: 'unknown' });
  }
  return faults;
}

/** Throws HubError `invalid_input`; each of details.issues has the path and the code of a DetailsFault. */
export function checkDetails(details: PersonDetails, usernames: 'free' | 'email', kept?: PersonDetails): void {
  const faults = faultsIn(details, usernames, kept);
  if (faults.length === 0) return;
  throw new HubError('invalid_input', 'Some of the details are missing or cannot be used.', {
    issues: faults.map((fault) => ({ ...fault, message: `${fault.path}: ${fault.code}` })),
  });
}

export const trimmed = (details: PersonDetails): PersonDetails =>
  Object.fromEntries(Object.entries(details).map(([key, value]) => [key, value.trim()])) as PersonDetails;

/** The address that people write to is replaced; others stay. */
function emailsWith(before: Document, email: string): Json {
  const old = emailOf(before);
  const all = (Array.isArray(before['emails']) ? before['emails'] : []) as readonly Document[];
  if (old === email) return all;
  return [
    { value: email, type: 'work', primary: true },
    ...all.filter(({ value }) => value !== old && value !== email).map((one) => ({ ...one, primary: false })),
  ];
}

/** Only what differs from the document is written, so that what nobody touched stays as its source wrote it. */
export function withDetails(before: Document, details: PersonDetails): Document {
  const old = detailsOf(before);
  const after: Record<string, Json> = { ...before };
  if (details.userName !== old.userName) after['userName'] = details.userName;
  if (details.email !== old.email) after['emails'] = emailsWith(before, details.email);
  if (details.language !== old.language) after['preferredLanguage'] = details.language;
  const renamed = details.givenName !== old.givenName || details.familyName !== old.familyName;
  if (renamed || details.salutation !== old.salutation) {
    const { formatted: _formatted, ...name } = { ...(before['name'] as Record<string, Json> | undefined) };
    const next: Record<string, Json> = { ...name, givenName: details.givenName, familyName: details.familyName };
    if (details.salutation === '') delete next['honorificPrefix'];
    else next['honorificPrefix'] = details.salutation;
    after['name'] = next;
  }
  if (renamed) after['displayName'] = `${details.givenName} ${details.familyName}`.trim();
  return after;
}

export const newDocument = (details: PersonDetails): Document => ({
  ...withDetails({ schemas: [USER_SCHEMA], userName: '', active: true }, details),
  preferredLanguage: details.language,
});
