// How often a page asks the database: as often for a large organization as for a small one, and the frame around it once.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { putResources } from '../../src/organizations/put-resources.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { createRole } from '../../src/entitlements/change-role.ts';
import { requestFactorReset } from '../../src/credentials/reset-factors.ts';
import { pageFrame } from '../../src/users/page-frame.ts';
import { aGroup, anOrganization, aUser, gift, type Organization } from '../giving/world.ts';
import type { Browser } from '../oidc/browser.ts';
import { statementsOf } from '../support/statements-of.ts';
import { aNamedUser, openPortal, signedIn, type PortalHub } from './portal-hub.ts';

let hub: PortalHub;
beforeAll(async () => {
  hub = await openPortal();
});
afterAll(() => hub.stop());

async function grow(organization: Organization): Promise<void> {
  const { operator, accountId } = organization;
  await putResources(operator, {
    customerAccountId: accountId,
    resources: Array.from({ length: 40 }, (_, i) => ({
      kind: 'contracts' as const,
      number: `n${i}`,
      label: `Contract ${i}`,
      state: 'active' as const,
    })),
  });
  for (let i = 0; i < 8; i++) await createRole(operator, { name: `Role ${i}` });
  for (let i = 0; i < 24; i++) {
    const { id } = await aUser(organization, i % 6 === 0 ? ['manage_users'] : [], [gift(organization, 'b', 'n1')]);
    const group = await aGroup(organization, [id]);
    await assign(operator, { subject: { kind: 'group', id: group }, gifts: [gift(organization, 'a', 'n2')] });
  }
}

describe('the pages that administrators use most', () => {
  it('ask the database as often in a large organization as in a small one', async () => {
    const organization = await anOrganization();
    const boss = await aUser(organization, ['chief_administrator']);
    const subject = await aUser(organization, [], [gift(organization, 'b', '1')]);
    const browser = await signedIn(hub, organization.id, boss.id);
    const user = `/portal/users/${subject.id}`;
    const pages = [
      '/portal',
      '/portal/users',
      user,
      `${user}/rights`,
      `${user}/rights/plain/edit?account=${organization.accountId}`,
    ];
    const counts = async (): Promise<Record<string, number>> => {
      const counted: Record<string, number> = {};
      for (const path of pages) {
        const statements = await statementsOf(async () => expect((await browser.open(path)).status).toBe(200));
        counted[path] = statements.length;
      }
      return counted;
    };
    // The first visit of a session notes its use.
    await browser.open('/portal');
    const small = await counts();
    await grow(organization);
    expect(await counts()).toEqual(small);
  });

  it('ask once for the frame around them, whatever stands in it', async () => {
    const organization = await anOrganization();
    const boss = await aUser(organization, ['chief_administrator']);
    const lost = await aUser(organization);
    expect(await statementsOf(() => pageFrame(boss.ctx, boss.id))).toHaveLength(1);
    await requestFactorReset(lost.ctx, { organizationId: organization.id, userId: lost.id, reason: '' });
    await aNamedUser(await anOrganization(), { userName: boss.ctx.actor.label });
    const statements = await statementsOf(async () =>
      expect(await pageFrame(boss.ctx, boss.id)).toEqual({
        rank: 'chief',
        factorResets: 1,
        requests: 0,
        mandates: true,
        directories: false,
        elsewhere: true,
      }),
    );
    expect(statements).toHaveLength(1);
  });
});

describe('the switch to another organization', () => {
  const hats = { userName: 'two.hats' };
  const switchOn = async (browser: Browser, path: string): Promise<string | undefined> =>
    /<header[\s\S]*href="(\/portal\/switch-organization[^"]*)"[\s\S]*<\/header>/.exec(
      (await browser.open(path)).html,
    )?.[1];

  it('stands on every page of whoever has one, and leads back to the same part of the portal', async () => {
    const organization = await anOrganization();
    const own = await aNamedUser(organization, hats);
    const browser = await signedIn(hub, organization.id, own);
    expect(await switchOn(browser, '/portal/details')).toBeUndefined();
    await aNamedUser(await anOrganization(), hats);
    expect(await switchOn(browser, '/portal/details')).toBe('/portal/switch-organization?page=my_identification');
    expect(await switchOn(browser, '/portal/security')).toBe('/portal/switch-organization?page=security');
    const asked = await fetch(new URL('/portal/switch-organization?page=security', hub.origin), {
      redirect: 'manual',
      headers: { cookie: `session=${browser.cookie('session') ?? ''}` },
    });
    const signIn = new URL(asked.headers.get('location') ?? '');
    expect([signIn.pathname, signIn.searchParams.get('prompt')]).toEqual(['/oidc/auth', 'login']);
    expect(signIn.searchParams.get('login_hint')).toBe('two.hats');
    const back = await browser.open(
      `/portal/signed-in?state=${encodeURIComponent(signIn.searchParams.get('state') ?? '')}`,
    );
    expect(back.url.pathname).toBe('/portal/security');
  });

  it('passes over a part of the portal that the other user does not have, and what is none', async () => {
    const organization = await anOrganization();
    const boss = await signedIn(hub, organization.id, (await aUser(organization, ['manage_users'])).id);
    const plain = await signedIn(hub, organization.id, (await aUser(organization)).id);
    const landing = async (browser: Browser, page: string) =>
      (await browser.open(`/portal/switched?page=${page}`)).url.pathname;
    expect(await landing(boss, 'my_users')).toBe('/portal/users');
    expect(await landing(plain, 'my_users')).toBe('/portal');
    expect(await landing(boss, encodeURIComponent('//evil.example'))).toBe('/portal');
  });
});
