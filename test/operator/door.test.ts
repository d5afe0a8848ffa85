// Who gets to the operator's pages, and which of them his role shows.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createOrganization } from '../../src/organizations/create-organization.ts';
import { API_ROLES } from '../../src/organizations/api-token.ts';
import { OPERATOR_ORGANIZATION_ID } from '../../src/organizations/operator-organization.ts';
import { mayDo, rolesWith } from '../../src/organizations/permissions.ts';
import { setStaffRoles } from '../../src/organizations/staff-roles.ts';
import { operatorRoutes } from '../../src/operator/mount.ts';
import { catalogue } from '../../src/applications/current-catalogue.ts';
import { createUser } from '../../src/users/create-user.ts';
import { createRender } from '../../src/web/render.ts';
import { refusalOf } from '../mail/mail-hub.ts';
import type { Browser } from '../oidc/browser.ts';
import { systemCtx } from '../oidc/hub.ts';
import { post, textOf } from '../portal/portal-hub.ts';
import { testSite } from '../web/site.ts';
import { aStaffMember, browserOf, openOperator, staffCtx, type OperatorHub } from './operator-hub.ts';

let hub: OperatorHub;
let organizationId: string;
beforeAll(async () => {
  hub = await openOperator();
  organizationId = (await createOrganization(systemCtx(), { name: 'Noordzee Media' })).id;
});
afterAll(() => hub.stop());

const NOBODY = '019391c2-7a5e-7c11-9a63-0c5f7a2f9f10';

describe('the way in', () => {
  it('leads a stranger to the sign-in of the staff, with a second factor asked for', async () => {
    const res = await fetch(`${hub.origin}/operator/organizations?q=media`, { redirect: 'manual' });
    const url = new URL(res.headers.get('location') ?? '');
    expect(res.status).toBe(303);
    expect(url.pathname).toBe('/oidc/auth');
    expect(url.searchParams.get('acr_values')).toBe('urn:mandate:acr:2');
    expect(url.searchParams.get('organization')).toBe(OPERATOR_ORGANIZATION_ID);
  });

  it('does not take a session without a second factor', async () => {
    const browser = await browserOf(hub.origin, OPERATOR_ORGANIZATION_ID, hub.staff.owner, ['pwd']);
    const page = await browser.open('/operator');
    expect(page.url.pathname).toMatch(/^\/sign-in\//);
  });

  it("does not take a customer's session, whatever he proved", async () => {
    const inside = { ...systemCtx(), organizationId };
    const { id } = await createUser(inside, { document: { schemas: [], userName: 'chief', active: true } });
    const browser = await browserOf(hub.origin, organizationId, id, ['pop', 'user', 'mfa']);
    expect((await browser.open('/operator')).url.pathname).toMatch(/^\/sign-in\//);
  });

  it('tells a member of staff without a role that there is nothing for him', async () => {
    const browser = await browserOf(hub.origin, OPERATOR_ORGANIZATION_ID, await aStaffMember(), ['pwd', 'otp', 'mfa']);
    expect((await browser.open('/operator')).status).toBe(403);
  });

  it('takes a role away at once', async () => {
    const id = await aStaffMember('support');
    const browser = await browserOf(hub.origin, OPERATOR_ORGANIZATION_ID, id, ['pwd', 'otp', 'mfa']);
    expect((await browser.open('/operator/organizations')).status).toBe(200);
    await setStaffRoles(systemCtx(), id, []);
    expect((await browser.open('/operator/organizations')).status).toBe(403);
  });
});

describe('a role', () => {
  it('opens exactly the pages that the table of permissions names', async () => {
    const site = await testSite(hub.origin);
    const routes = operatorRoutes({
      site,
      render: createRender(site),
      catalogue: catalogue(),
      log: pino({ enabled: false }),
    });
    const browsers = new Map<string, Browser>();
    for (const role of API_ROLES) browsers.set(role, await hub.as(role));
    for (const { method, path, needs } of routes) {
      const address = `/operator${path.replace(':organization', organizationId).replaceAll(/:\w+/g, NOBODY)}`;
      for (const role of API_ROLES) {
        const browser = browsers.get(role) as Browser;
        // A form needs the proof of a page that the role can open.
        const page =
          method === 'get'
            ? await browser.open(address)
            : await post(browser, await browser.open('/operator'), address);
        expect([method, path, role, page.status === 403]).toEqual([method, path, role, !mayDo([role], needs)]);
      }
    }
  }, 120_000);

  it('shows only destinations that it opens', async () => {
    const html = (await (await hub.as('catalogue')).open('/operator')).html;
    expect(html).toContain('href="/operator/applications"');
    expect(html).not.toContain('href="/operator/staff"');
    expect(rolesWith('staff.read')).not.toContain('catalogue');
  });

  it("leaves the operator's own organization to the owner", async () => {
    const support = await hub.as('support');
    const page = await support.open(`/operator/organizations/${OPERATOR_ORGANIZATION_ID}`);
    expect(page.status).toBe(200);
    const refused = await post(support, page, `/operator/organizations/${OPERATOR_ORGANIZATION_ID}/chiefs`, {
      givenName: 'An',
      familyName: 'Intruder',
      email: 'intruder@example.org',
    });
    expect(refused.status).toBe(403);
  });
});

describe('the staff', () => {
  it('is invited with roles by the owner', async () => {
    const owner = await hub.as('owner');
    const page = await owner.open('/operator/staff');
    const done = await post(owner, page, '/operator/staff', {
      givenName: 'Lies',
      familyName: 'Maes',
      email: 'lies.maes@portal.example',
      language: 'nl',
      role: 'support',
    });
    expect(textOf(done)).toContain('The invitation is on its way.');
    expect(textOf(done)).toContain('Lies Maes');
  });

  it('keeps an owner, and nobody changes his own roles', async () => {
    expect((await refusalOf(() => setStaffRoles(staffCtx(hub.staff.owner), hub.staff.owner, []))).code).toBe(
      'self_assignment',
    );
    const others = await aStaffMember('support');
    expect((await refusalOf(() => setStaffRoles(staffCtx(others), hub.staff.owner, ['auditor']))).code).toBe(
      'last_owner',
    );
  });
});

describe('the overview', () => {
  it('says what needs attention, as links to where it is looked after', async () => {
    const page = await (await hub.as('auditor')).open('/operator');
    expect(page.html).toContain('/operator/organizations?chief=none');
    expect(textOf(page)).toContain('organization has no active chief administrator');
  });

  it('gives every plot a text and the figures as a table', async () => {
    const page = await (await hub.as('auditor')).open('/operator?span=week');
    for (const plot of ['Sign-ins', 'Tokens', 'Requests of directories']) expect(textOf(page)).toContain(plot);
    expect([...page.html.matchAll(/The figures as a table/g)]).toHaveLength(3);
  });
});
