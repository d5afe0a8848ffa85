// The demonstration's data against the catalogue and the rights model: nothing in it names what does not exist, and nobody in it
// holds what he could not have been given.
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Catalogue } from '../../src/applications/application.ts';
import { findApplication, loadCatalogue } from '../../src/applications/catalogue.ts';
import { checkClientUris } from '../../src/clients/client-uris.ts';
import { accept } from '../../src/entitlements/accept.ts';
import { ceilingOf } from '../../src/entitlements/ceiling.ts';
import { checkLimit } from '../../src/entitlements/check-limit.ts';
import { missing } from '../../src/entitlements/covers.ts';
import { effectiveEntitlements } from '../../src/entitlements/effective.ts';
import { tokenClaims } from '../../src/entitlements/token-claims.ts';
import { readDemo, type Demo, type DemoOrganization } from './demo-file.ts';
import { accountsOf, attributesOf, entitlementsOf, groupPaths, snapshotOf, START } from './demo-snapshot.ts';

const demo: Demo = readDemo();
let catalogue: Catalogue;
beforeAll(async () => {
  catalogue = await loadCatalogue(fileURLToPath(new URL('../../config/applications', import.meta.url)));
});

const eachOrganization = demo.organizations.map((organization) => [organization.name, organization] as const);
const organizationOf = (key: string): DemoOrganization => {
  const found = demo.organizations.find((one) => one.key === key);
  if (found === undefined) throw new Error(`There is no organization ${key}`);
  return found;
};
const userOf = (organization: DemoOrganization, userName: string) => {
  const found = organization.users.find((one) => one.user_name === userName);
  if (found === undefined) throw new Error(`${organization.name} has no user ${userName}`);
  return found;
};
const detailsOf = (organization: DemoOrganization, userName: string, application: string) =>
  tokenClaims(effectiveEntitlements(snapshotOf(demo, catalogue, organization, userName)).effective, {
    issuer: 'https://hub.example/oidc',
    application: findApplication(catalogue, application),
    accountNumber: (id) => id,
  }).authorization_details;
const repeated = (names: readonly string[]): string[] => names.filter((name, i) => names.indexOf(name) !== i);

describe('what the demonstration names', () => {
  it('gives each customer account a number, and each organization a key, of its own', () => {
    expect(repeated(demo.organizations.flatMap((one) => one.customer_accounts.map(({ number }) => number)))).toEqual(
      [],
    );
    expect(repeated(demo.organizations.map(({ key }) => key))).toEqual([]);
    expect(repeated(demo.clients.map(({ client_id }) => client_id))).toEqual([]);
  });

  it.each(eachOrganization)('uses each name in %s once, whatever its case', (_, organization) => {
    expect(repeated(organization.users.map(({ user_name }) => user_name.toLowerCase()))).toEqual([]);
    expect(repeated(organization.groups.map(({ name }) => name.toLowerCase()))).toEqual([]);
    expect(repeated(organization.roles.map(({ name }) => name.toLowerCase()))).toEqual([]);
    for (const account of organization.customer_accounts) {
      const numbers = [...account.billing_addresses, ...account.contracts].map(({ number }) => number);
      expect(repeated(numbers)).toEqual([]);
    }
  });

  it('uses only addresses that nobody can own', () => {
    const addresses = [
      demo.operator.email,
      ...demo.staff.map(({ email }) => email),
      ...demo.registrations.map(({ email }) => email),
      ...demo.organizations.flatMap((one) => one.users.map(({ email }) => email)),
    ];
    expect(addresses.filter((address) => !address.endsWith('.example'))).toEqual([]);
  });

  it.each(eachOrganization)('subscribes %s to what exists', (_, organization) => {
    const accounts = new Map(accountsOf(demo, organization).map((account) => [account.id, account]));
    for (const { number, subscriptions } of organization.customer_accounts) {
      expect(repeated(subscriptions.map(({ application }) => application))).toEqual([]);
      for (const { application, values } of subscriptions) {
        const resources = accounts.get(number)?.resources ?? [];
        expect(() => checkLimit(findApplication(catalogue, application), values, resources)).not.toThrow();
      }
    }
  });

  it.each(eachOrganization)('lets contracts of %s allow only products and slips that exist', (_, organization) => {
    const known = new Set(
      [...catalogue.values()].flatMap(({ products, borderels }) => [...products, ...borderels].map(({ key }) => key)),
    );
    const services = organization.customer_accounts.flatMap(({ contracts }) =>
      contracts.flatMap((contract) => contract.services ?? []),
    );
    expect(services.filter((service) => !known.has(service))).toEqual([]);
  });

  it.each(eachOrganization)('refers in %s to users, groups, roles and connections that it has', (_, organization) => {
    const users = new Set(organization.users.map(({ user_name }) => user_name));
    const groups = new Set(organization.groups.map(({ name }) => name));
    const roles = new Set(organization.roles.map(({ name }) => name));
    const connections = new Set(organization.connections.map(({ name }) => name));
    const accounts = new Set(organization.customer_accounts.map(({ number }) => number));
    const named = {
      users: [
        ...organization.groups.flatMap((group) => group.users),
        ...organization.assignments.flatMap(({ to_user, by }) => [by, ...(to_user === undefined ? [] : [to_user])]),
        ...organization.connections.map(({ opened_by }) => opened_by),
      ],
      groups: [
        ...organization.groups.flatMap((group) => group.groups),
        ...organization.assignments.flatMap(({ to_group }) => (to_group === undefined ? [] : [to_group])),
        ...organization.connections.flatMap(({ opened_groups }) => opened_groups),
      ],
      roles: organization.assignments.flatMap(({ role }) => (role === undefined ? [] : [role])),
      connections: [...organization.users, ...organization.groups].flatMap((one) => one.connection ?? []),
      accounts: organization.users.flatMap(({ account_rights }) => Object.keys(account_rights)),
    };
    expect(named.users.filter((name) => !users.has(name))).toEqual([]);
    expect(named.groups.filter((name) => !groups.has(name))).toEqual([]);
    expect(named.roles.filter((name) => !roles.has(name))).toEqual([]);
    expect(named.connections.filter((name) => !connections.has(name))).toEqual([]);
    expect(named.accounts.filter((number) => !accounts.has(number))).toEqual([]);
  });

  it.each(eachOrganization)('gives each assignment in %s one receiver and one content', (_, organization) => {
    for (const { to_user, to_group, role, application } of organization.assignments) {
      expect([to_user, to_group].filter((one) => one !== undefined)).toHaveLength(1);
      expect([role, application].filter((one) => one !== undefined)).toHaveLength(1);
    }
  });

  it('registers clients of known applications, with addresses the hub accepts', () => {
    for (const client of demo.clients) {
      findApplication(catalogue, client.application);
      const at = (uri: string) => uri.replace('{example}', 'http://localhost:3100');
      checkClientUris({
        kind: client.kind,
        redirectUris: (client.redirect_uris ?? []).map(at),
        postLogoutRedirectUris: (client.post_logout_redirect_uris ?? []).map(at),
        backchannelLogoutUri: client.backchannel_logout_uri && at(client.backchannel_logout_uri),
      });
      const { service_user: service } = client;
      expect(service !== undefined).toBe(client.kind === 'service');
      if (service) expect(userOf(organizationOf(service.organization), service.user_name).service).toBe(true);
    }
  });
});

describe('the rights in the demonstration', () => {
  it.each(eachOrganization)('are accepted by the catalogue in %s', (_, organization) => {
    const accounts = new Map(accountsOf(demo, organization).map((account) => [account.id, account]));
    const reasons = organization.assignments
      .flatMap((assignment) => entitlementsOf(organization, assignment))
      .flatMap((entitlement) => {
        const account = accounts.get(entitlement.customerAccount);
        if (account === undefined)
          throw new Error(`${organization.name} cannot act for ${entitlement.customerAccount}`);
        return accept({
          application: findApplication(catalogue, entitlement.application),
          entitlement,
          attributes: attributesOf(organization),
          resources: account.resources,
        }).map((reason) => ({ reason, entitlement }));
      });
    expect(reasons).toEqual([]);
  });

  it.each(eachOrganization)(
    'have full effect in %s: nothing lies outside a subscription or mandate',
    (_, organization) => {
      const people = organization.users.filter(({ active }) => active);
      const withheld = people.flatMap(
        ({ user_name }) => effectiveEntitlements(snapshotOf(demo, catalogue, organization, user_name)).withheld,
      );
      expect(withheld).toEqual([]);
    },
  );

  it.each(eachOrganization)('in %s were each given by somebody who may, within his ceiling', (_, organization) => {
    for (const assignment of organization.assignments) {
      const giver = userOf(organization, assignment.by);
      const chief = giver.kind === 'chief_administrator';
      expect(chief || giver.kind.endsWith('administrator')).toBe(true);
      expect(assignment.to_user).not.toBe(assignment.by);
      const ceiling = ceilingOf(snapshotOf(demo, catalogue, organization, assignment.by), { chief });
      const lacking = entitlementsOf(organization, assignment).flatMap((entitlement) => {
        const { application, customerAccount, values } = entitlement;
        const from = { ...entitlement.validity, from: START };
        return missing(ceiling, { application, customerAccount, values, validity: from });
      });
      expect({ assignment, lacking }).toEqual({ assignment, lacking: [] });
    }
  });

  it.each(eachOrganization)('reach groups that a directory fills in %s only from a chief', (_, organization) => {
    for (const { to_group, by } of organization.assignments) {
      const group = organization.groups.find(({ name }) => name === to_group);
      if (group?.connection) expect(userOf(organization, by).kind).toBe('chief_administrator');
    }
  });

  it('under a mandate lie within what its giver owns', () => {
    for (const { from, to, by, customer_account, boxes } of demo.mandates) {
      const owner = organizationOf(from);
      const account = accountsOf(demo, owner).find(({ id }) => id === customer_account);
      if (account === undefined) throw new Error(`${from} does not own ${customer_account}`);
      expect(organizationOf(to).key).not.toBe(from);
      expect(userOf(owner, by).kind).toBe('chief_administrator');
      for (const { application, values } of boxes) {
        const limit = checkLimit(findApplication(catalogue, application), values, account.resources);
        const wanted = {
          application,
          customerAccount: account.id,
          values: limit,
          validity: { from: START, until: null },
        };
        expect(missing(account.subscription, wanted)).toEqual([]);
      }
    }
  });
});

describe('what the demonstration is there to show', () => {
  it('has a chief in each organization, and every kind of person', () => {
    for (const { users } of demo.organizations)
      expect(users.some(({ kind }) => kind === 'chief_administrator')).toBe(true);
    const kinds = new Set(demo.organizations.flatMap(({ users }) => users.map(({ kind }) => kind)));
    expect([...kinds].sort()).toEqual([
      'administrator',
      'chief_administrator',
      'mail_house_administrator',
      'mail_house_user',
      'user',
    ]);
  });

  it('gives two organizations a directory whose group is opened to it and carries rights in e-MassPost', () => {
    const ready = demo.organizations.filter((organization) =>
      organization.connections.some(({ name, opened_groups }) =>
        organization.groups.some(
          (group) =>
            group.connection === name &&
            opened_groups.includes(group.name) &&
            organization.assignments.some((one) => one.to_group === group.name && one.application === 'emasspost'),
        ),
      ),
    );
    expect(ready.length).toBeGreaterThanOrEqual(2);
  });

  it('puts only people of the directory in its groups', () => {
    for (const organization of demo.organizations)
      for (const group of organization.groups)
        for (const name of group.users)
          if (group.connection) expect(userOf(organization, name).connection).toBe(group.connection);
  });

  it('gives Carla letters for Sales and periodicals for Finance as two elements', () => {
    const details = detailsOf(organizationOf('noordzee-media'), 'carla.dewit', 'emasspost');
    expect(details.map(({ products, billing_addresses }) => [products, billing_addresses])).toEqual(
      expect.arrayContaining([
        [['letter'], ['NM-SALES']],
        [['periodical'], ['NM-FINANCE']],
      ]),
    );
    expect(details).toHaveLength(2);
  });

  it('gives Lotte more than fits in a token', () => {
    const details = detailsOf(organizationOf('noordzee-media'), 'lotte.verhaegen', 'emasspost');
    expect(Buffer.byteLength(JSON.stringify(details))).toBeGreaterThan(4096);
  });

  it('lets the mail house act for its customer', () => {
    const vermeer = organizationOf('lettershop-vermeer');
    const houseUsers = vermeer.users.filter(({ kind }) => kind.startsWith('mail_house'));
    const forNoordzee = houseUsers.filter(({ user_name }) =>
      detailsOf(vermeer, user_name, 'emasspost').some((element) => element.for?.organization === 'noordzee-media'),
    );
    expect(forNoordzee).toEqual(houseUsers);
    const rights = detailsOf(vermeer, 'petra.lenaerts', 'emasspost').filter((element) => element.for !== undefined);
    expect(rights.flatMap(({ privileges }) => privileges)).toContain('administrator_role');
  });

  it('names groups that nest', () => {
    expect(groupPaths(organizationOf('noordzee-media'), 'wim.decock')).toContainEqual([
      'Mail room',
      'Everyone in Oostende',
    ]);
  });
});
