// Who is in the database of a load test: all of it follows from two numbers, so that the loader and the load
// generator agree without asking each other.
import { PATCH_SCHEMA } from '../../src/scim/patch.ts';
import { ENTERPRISE_SCHEMA, USER_SCHEMA } from '../../src/provisioning/schemas.ts';
import type { Document } from '../../src/provisioning/attribute.ts';

export type Population = { users: number; organizations: number };

export const SMALL_GROUP = 10;
export const DEPARTMENT = 100;
/** Groups that only the first organization has, if it is large enough. */
export const LARGE_GROUPS = [10_000, 100_000] as const;

const hex = (number: number, digits: number) => number.toString(16).padStart(digits, '0');
const id = (kind: string, organization: number, n: number) =>
  `0190${kind}-${hex(organization, 4)}-7000-8000-${hex(n, 12)}`;

export const organizationId = (organization: number): string => id('a000', organization, 0);
export const connectionId = (organization: number): string => id('a001', organization, 0);
export const userId = (organization: number, n: number): string => id('b000', organization, n);
export const smallGroupId = (organization: number, n: number): string => id('c000', organization, n);
export const departmentId = (organization: number, n: number): string => id('c001', organization, n);
/** A group of `size` members of the first organization. */
export const largeGroupId = (size: number): string => id('c002', 0, size);
export const token = (organization: number): string => `${organizationId(organization)}.load-${hex(organization, 38)}`;

/** The first organization holds a fifth of all users, as one large customer among many does. */
export function sizeOf({ users, organizations }: Population, organization: number): number {
  if (organizations === 1) return users;
  const first = Math.floor(users / 5);
  if (organization === 0) return first;
  return Math.floor((users - first) / (organizations - 1));
}

const GIVEN = ['Anna', 'Bram', 'Chloé', 'Dirk', 'Élise', 'Farid', 'Greet', 'Hugo', 'Inès', 'Jürgen'];
const FAMILY = ['Peeters', 'Janssens', 'Maes', 'Dubois', 'Lambert', 'Müller', 'Claes', 'Wouters', 'Leroy', 'Goossens'];
const one = (list: readonly string[], n: number): string => list[n % list.length] ?? '';

export const userNameOf = (organization: number, n: number | string): string => `U${n}@Customer${organization}.example`;
export const displayNameOf = (n: number): string => `${one(GIVEN, n)} ${one(FAMILY, Math.floor(n / 10))} ${n}`;
export const externalIdOf = (organization: number, n: number): string => `hr-${organization}-${n}`;
export const workEmailOf = (organization: number, n: number | string): string =>
  `mail.${n}@customer${organization}.example`;

/** A user as a directory sends him, in the order in which documents are stored; nine in ten have a manager. */
export function person(organization: number, n: number, name: number | string = n): Document {
  const givenName = one(GIVEN, n);
  const familyName = `${one(FAMILY, Math.floor(n / 10))} ${name}`;
  const manager = n - (n % 10);
  return {
    schemas: [USER_SCHEMA, ENTERPRISE_SCHEMA],
    externalId: `hr-${organization}-${name}`,
    userName: userNameOf(organization, name),
    name: { formatted: `${givenName} ${familyName}`, familyName, givenName },
    displayName: `${givenName} ${familyName}`,
    title: 'Account manager',
    preferredLanguage: 'nl-BE',
    active: true,
    emails: [{ value: workEmailOf(organization, name), type: 'work', primary: true }],
    phoneNumbers: [{ value: `+32 2 555 ${String(n % 10_000).padStart(4, '0')}`, type: 'work' }],
    [ENTERPRISE_SCHEMA]: {
      employeeNumber: String(n),
      department: `Department ${n % 40}`,
      ...(n === manager ? {} : { manager: { value: userId(organization, manager) } }),
    },
  };
}

/** A PATCH body of one operation. */
export const patchBody = (operation: object): string =>
  JSON.stringify({ schemas: [PATCH_SCHEMA], Operations: [operation] });
