// One organization of the demonstration, made with the hub's own functions: accounts and limits, people, groups,
// roles. What is given to whom follows in seed-rights.ts, once every organization stands.
import type { Ctx, OrganizationCtx } from '../context.ts';
import { inviteUser } from '../credentials/invite-user.ts';
import { hashPassword } from '../credentials/password-hash.ts';
import { storePassword } from '../credentials/store-password.ts';
import { enrolTotp } from '../credentials/totp.ts';
import { giveAdministrationRight } from '../entitlements/give-administration-right.ts';
import { createRole } from '../entitlements/change-role.ts';
import { changeGroup } from '../groups/change-group.ts';
import { createGroup } from '../groups/create-group.ts';
import { createCustomerAccount } from '../organizations/create-customer-account.ts';
import { createOrganization } from '../organizations/create-organization.ts';
import { putResources } from '../organizations/put-resources.ts';
import { setSubscription } from '../organizations/set-subscription.ts';
import type { Document } from '../provisioning/attribute.ts';
import { createConnection, createToken } from '../provisioning/connection.ts';
import { GROUP_SCHEMA, USER_SCHEMA } from '../provisioning/schemas.ts';
import { createUser } from '../users/create-user.ts';
import type { DemoAccount, DemoOrganization, DemoPerson, DemoValues } from './demo-data.ts';
import { demoPassword, demoSecret, demoTotpSeed } from './demo-secrets.ts';

/** Ids by the names that the data uses. */
export type Seeded = {
  ctx: OrganizationCtx;
  accounts: Map<string, string>;
  users: Map<string, string>;
  groups: Map<string, string>;
  roles: Map<string, string>;
  connections: Map<string, string>;
};

/** `"*"` may be written as a list with the one star in it. */
export const valuesOf = (values: DemoValues): DemoValues =>
  Object.fromEntries(
    Object.entries(values).map(([dimension, list]) => [dimension, list === '*' || list.includes('*') ? '*' : list]),
  );

export const idOf = (map: ReadonlyMap<string, string>, name: string): string => {
  const id = map.get(name);
  if (!id) throw new Error(`config/demo.yaml names "${name}", which is not there`);
  return id;
};

/** The same work as done by one of the organization's connections. */
const asConnection = (ctx: OrganizationCtx, id: string, label: string): OrganizationCtx => ({
  ...ctx,
  actor: { kind: 'connection', id, organizationId: ctx.organizationId, label },
});

async function seedAccount(ctx: OrganizationCtx, account: DemoAccount): Promise<string> {
  const { id } = await createCustomerAccount(ctx, account);
  const resources = (['billing_addresses', 'contracts'] as const).flatMap((kind) =>
    (account[kind] ?? []).map((one) => ({ kind, ...one })),
  );
  if (resources.length > 0) await putResources(ctx, { customerAccountId: id, resources });
  for (const { application, values } of account.subscriptions ?? []) {
    await setSubscription(ctx, { customerAccountId: id, application, values: valuesOf(values) });
  }
  return id;
}

export const personDocument = (person: DemoPerson): Document => ({
  schemas: [USER_SCHEMA],
  userName: person.user_name,
  name: { givenName: person.given_name, familyName: person.family_name },
  displayName: `${person.given_name} ${person.family_name}`,
  ...(person.title === undefined ? {} : { title: person.title }),
  emails: [{ value: person.email, type: 'work', primary: true }],
  preferredLanguage: person.language,
  active: person.active ?? true,
});

const RIGHTS_OF_KIND: Readonly<
  Record<string, readonly ('chief_administrator' | 'manage_administrators' | 'manage_users')[]>
> = {
  chief_administrator: ['chief_administrator', 'manage_administrators', 'manage_users'],
  administrator: ['manage_users'],
  mail_house_administrator: ['manage_users'],
};

async function giveRights(seeded: Seeded, person: DemoPerson): Promise<void> {
  const subject = { kind: 'user' as const, id: idOf(seeded.users, person.user_name) };
  for (const name of [...(RIGHTS_OF_KIND[person.kind ?? 'user'] ?? []), ...(person.administration_rights ?? [])]) {
    await giveAdministrationRight(seeded.ctx, { subject, name });
  }
  for (const [number, names] of Object.entries(person.account_rights ?? {})) {
    for (const name of names)
      await giveAdministrationRight(seeded.ctx, { subject, name, customerAccountId: idOf(seeded.accounts, number) });
  }
}

/** Administrators always give a second factor. */
export const givesSecondFactor = (person: DemoPerson): boolean =>
  hasPassword(person) && (RIGHTS_OF_KIND[person.kind ?? 'user'] ?? []).length > 0;

export const hasPassword = (person: DemoPerson): boolean => !person.service && !person.connection && !person.invited;

/** Hashed before the transaction: half a second of work must not hold it open. */
export async function hashPasswords(organization: DemoOrganization): Promise<Map<string, string>> {
  const people = organization.users.filter(hasPassword);
  const hashes = await Promise.all(
    people.map((person) => hashPassword(demoPassword(organization.key, person.user_name))),
  );
  return new Map(people.map((person, i) => [person.user_name, hashes[i] ?? '']));
}

async function seedPeople(seeded: Seeded, data: DemoOrganization, hashes: ReadonlyMap<string, string>): Promise<void> {
  const { ctx, users, connections } = seeded;
  for (const person of data.users) {
    const by =
      person.connection === undefined
        ? ctx
        : asConnection(ctx, idOf(connections, person.connection), person.connection);
    const { id } = await createUser(by, {
      document: personDocument(person),
      kind: person.service ? 'service' : 'person',
    });
    users.set(person.user_name, id);
    const hash = hashes.get(person.user_name);
    if (hash) await storePassword(ctx, { organizationId: ctx.organizationId, userId: id, hash });
  }
  for (const person of data.users) {
    if (person.active !== false) await giveRights(seeded, person);
    if (givesSecondFactor(person)) {
      const seed = demoTotpSeed(data.key, person.user_name);
      await enrolTotp(ctx, { organizationId: ctx.organizationId, userId: idOf(users, person.user_name), seed });
    }
    if (person.invited) await inviteUser(ctx, { userId: idOf(users, person.user_name) });
  }
}

async function seedGroups(seeded: Seeded, data: DemoOrganization): Promise<void> {
  const { ctx, groups, users, connections } = seeded;
  for (const group of data.groups ?? []) {
    const by =
      group.connection === undefined ? ctx : asConnection(ctx, idOf(connections, group.connection), group.connection);
    const { id } = await createGroup(
      by,
      { schemas: [GROUP_SCHEMA], displayName: group.name },
      group.users.map((name) => idOf(users, name)),
    );
    groups.set(group.name, id);
  }
  for (const group of data.groups ?? []) {
    const nested = group.groups.map((name) => idOf(groups, name));
    if (nested.length > 0) await changeGroup(ctx, idOf(groups, group.name), { steps: [{ add: nested, remove: [] }] });
  }
}

export async function seedOrganization(
  hub: Ctx,
  data: DemoOrganization,
  hashes: ReadonlyMap<string, string>,
): Promise<Seeded> {
  const { name, attributes, settings } = data;
  const organization = await createOrganization(hub, {
    name,
    ...(attributes ? { attributes } : {}),
    ...(settings
      ? {
          settings: {
            username: settings.username ?? 'free',
            ftp: settings.ftp ?? false,
            deactivateOnly: settings.deactivate_only ?? false,
            router: settings.router ?? false,
            address: settings.address ?? '',
          },
        }
      : {}),
  });
  const ctx: OrganizationCtx = { ...hub, organizationId: organization.id };
  const seeded: Seeded = {
    ctx,
    accounts: new Map(),
    users: new Map(),
    groups: new Map(),
    roles: new Map(),
    connections: new Map(),
  };
  for (const account of data.customer_accounts ?? [])
    seeded.accounts.set(account.number, await seedAccount(ctx, account));
  for (const connection of data.connections ?? []) {
    const { id } = await createConnection(ctx, { name: connection.name });
    await createToken(ctx, id, { name: 'Demonstration', secret: demoSecret(`scim ${data.key} ${connection.name}`) });
    seeded.connections.set(connection.name, id);
  }
  await seedPeople(seeded, data, hashes);
  await seedGroups(seeded, data);
  for (const role of data.roles ?? []) seeded.roles.set(role.name, (await createRole(ctx, role)).id);
  return seeded;
}
