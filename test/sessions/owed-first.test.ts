// One's own pages are opened by the session itself: what has become due since it began is asked there as at an application.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { changeSecondFactorPolicy } from '../../src/credentials/second-factor-policy.ts';
import { publishTerms } from '../../src/credentials/terms.ts';
import { addOrganization } from '../oidc/hub.ts';
import { textOf } from '../portal/portal-hub.ts';
import { atApplication, codeNow, ctxIn, seedOn } from '../second-factor/world.ts';
import { atSignIn, idleFor, startSessionHub, type SessionHub } from './session-hub.ts';

let hub: SessionHub;
beforeAll(async () => {
  hub = await startSessionHub();
});
afterAll(() => hub.hub.stop());

const TEXTS = { nl: 'Eerste.', fr: 'Premier.', de: 'Erstens.', en: 'First.' };

describe('terms of use', () => {
  it('are accepted before the portal opens, by whichever address, and the page that was asked for comes after them', async () => {
    const organizationId = await addOrganization('Terms at the portal');
    const user = await hub.person({ organizationId });
    const { browser, page } = await hub.visit(user, undefined, '/portal/details');
    expect(page.url.pathname).toBe('/portal/details');
    await publishTerms(ctxIn(organizationId), TEXTS);
    expect(atSignIn(await browser.open('/portal'))).toBe(true);
    const asked = await browser.open('/portal/security');
    expect([atSignIn(asked), textOf(asked).includes('First.')]).toEqual([true, true]);
    const accepted = await browser.submit(asked, { choice: 'accept' });
    expect(accepted.url.pathname).toBe('/portal/security');
    expect((await browser.open('/portal')).url.pathname).toBe('/portal');
  });

  it('that somebody declines lead to the question whether he signs out, and never into the portal', async () => {
    const organizationId = await addOrganization('Declined at the portal');
    const user = await hub.person({ organizationId });
    const { browser } = await hub.visit(user);
    await publishTerms(ctxIn(organizationId), TEXTS);
    const declined = await browser.submit(await browser.open('/portal'), { choice: 'decline' });
    expect(declined.url.pathname).toBe('/oidc/session/end');
    expect(atSignIn(await browser.open('/portal'))).toBe(true);
  });
});

describe('a second factor', () => {
  it('that an application does not ask for is set up before the portal of an organization that wants it opens', async () => {
    const organizationId = await addOrganization('Everybody but one');
    const user = await hub.person({ organizationId });
    await changeSecondFactorPolicy(ctxIn(organizationId), {
      rule: 'everyone',
      applications: { emasspost: 'administrators' },
    });
    const { browser, page } = await hub.afterPassword(user, {}, hub.newBrowser());
    expect(atApplication(page)).toBe(true);
    const asked = await browser.open('/portal/details');
    expect(asked.url.pathname).toMatch(/\/enrol$/);
    const codes = await browser.submit(asked, { code: codeNow(seedOn(asked)) });
    expect((await browser.submit(codes)).url.pathname).toBe('/portal/details');
    expect((await browser.open('/portal')).url.pathname).toBe('/portal');
  });

  it('becomes due for whoever has become an administrator since he signed in', async () => {
    const user = await hub.person({ organizationId: await addOrganization('Appointed') });
    const { browser } = await hub.visit(user);
    await hub.giveRight(user, 'manage_users');
    await idleFor(user, 2);
    await browser.open('/portal');
    expect((await browser.open('/portal')).url.pathname).toMatch(/\/enrol$/);
  });
});
