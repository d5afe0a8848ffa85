// One user's row, computed from his document (the SCIM attributes as they are answered, RFC 7643 section 4).
// The columns beside the document exist to be searched; nothing but this file decides what stands in them.
import type { Document, Json } from '../provisioning/attribute.ts';
import { USER_ATTRIBUTES } from '../provisioning/attribute-index.ts';
import { fold, foldDocument } from '../provisioning/fold.ts';
import { ENTERPRISE_SCHEMA } from '../provisioning/schemas.ts';
import { isId } from './is-id.ts';

export type UserRow = {
  active: boolean;
  userName: string;
  userNameKey: string;
  displayNameKey: string | null;
  externalId: string | null;
  emailKey: string | null;
  workEmailKey: string | null;
  managerId: string | null;
  document: string;
  folded: string;
  /** Keys the person signs in with. */
  signInNames: string[];
};

const text = (value: Json | undefined): string | null => (typeof value === 'string' && value !== '' ? value : null);
const keyOf = (value: string | null): string | null => (value === null ? null : fold(value));

type Email = { readonly value?: Json; readonly type?: Json; readonly primary?: Json };
const emailsOf = (document: Document): readonly Email[] =>
  Array.isArray(document['emails']) ? (document['emails'] as readonly Email[]) : [];

/** The address people write to: the primary one, else the first. */
export function emailOf(document: Document): string | null {
  const emails = emailsOf(document);
  return text((emails.find((email) => email.primary === true) ?? emails[0])?.value);
}

/** How the person is called on screens: displayName, else the parts of the name, else the username. */
export function nameOf(document: Document): string {
  const name = document['name'] as Document | undefined;
  const parts = [name?.['givenName'], name?.['familyName']].map(text).filter((part) => part !== null);
  return (
    text(document['displayName']) ??
    text(name?.['formatted']) ??
    (parts.length > 0 ? parts.join(' ') : String(document['userName']))
  );
}

/** The enterprise extension's manager, where it is the id of a user. */
export function managerIdOf(document: Document): string | null {
  const manager = (document[ENTERPRISE_SCHEMA] as Document | undefined)?.['manager'] as Document | undefined;
  const value = text(manager?.['value']);
  return value !== null && isId(value) ? value.toLowerCase() : null;
}

/** What a directory wrote around a name nobody types, nor a mail server takes. */
const bareKeys = (...names: (string | null)[]): string[] => [
  ...new Set(names.map((name) => fold(name?.trim() ?? '')).filter((key) => key !== '')),
];

const signInNamesOf = (document: Document): string[] => bareKeys(String(document['userName']), emailOf(document));

/** He signs in with that name: his username or the address people write to. */
export const signsInAs = (document: Document, name: string): boolean =>
  signInNamesOf(document).includes(fold(name.trim()));

/** `document` must hold a userName. `active` absent means true (RFC 7643 section 4.1.1 leaves it to us). */
export function userRow(document: Document): UserRow {
  const userName = String(document['userName']);
  const [emailKey = null] = bareKeys(emailOf(document));
  const userNameKey = fold(userName);
  const work = emailsOf(document).find((email) => typeof email.type === 'string' && fold(email.type) === 'work');
  return {
    active: document['active'] !== false,
    userName,
    userNameKey,
    displayNameKey: keyOf(text(document['displayName'])),
    externalId: text(document['externalId']),
    emailKey,
    workEmailKey: keyOf(text(work?.value)),
    managerId: managerIdOf(document),
    document: JSON.stringify(document),
    folded: JSON.stringify(foldDocument(document, USER_ATTRIBUTES)),
    signInNames: signInNamesOf(document),
  };
}

/** The row's columns from `active` to `folded`, in the order in which every statement that writes a user takes them. */
export const rowValues = (row: UserRow): (string | boolean | null)[] => [
  row.active,
  row.userName,
  row.userNameKey,
  row.displayNameKey,
  row.externalId,
  row.emailKey,
  row.workEmailKey,
  row.managerId,
  row.document,
  row.folded,
];
