// Passkeys in Chromium with its virtual authenticator (Chrome DevTools Protocol, domain WebAuthn): what the software
// authenticator of test/second-factor cannot show, the script on the pages and the browser's own side of the ceremony.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Configuration } from 'openid-client';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { query } from '../../src/database/query.ts';
import { ask, PASSWORD, type TestUser } from '../oidc/hub.ts';
import { startWorld, type World } from '../second-factor/world.ts';
import { openChromium } from '../support/chromium.ts';

let world: World;
let browser: Browser;
let page: Page;
let device: CDPSession;
/** The asking application: one page at its redirect address. */
const application = createServer((_req, res) => res.end('The application'));
let callback: string;
let config: Configuration;

beforeAll(async () => {
  world = await startWorld();
  await new Promise<void>((resolve) => application.listen(0, resolve));
  callback = `http://localhost:${(application.address() as AddressInfo).port}/callback`;
  config = await world.hub.relyingParty(await world.hub.register({ redirectUris: [callback] }));
  browser = await openChromium();
});
afterAll(async () => {
  await browser.close();
  application.close();
  await world.hub.stop();
});
beforeEach(async () => {
  const context = await browser.newContext({ locale: 'en-GB' });
  page = await context.newPage();
  device = await context.newCDPSession(page);
  await device.send('WebAuthn.enable', { enableUI: false });
});

async function plugIn(more: object = {}): Promise<string> {
  const options = {
    protocol: 'ctap2' as const,
    ctap2Version: 'ctap2_1' as const,
    transport: 'internal' as const,
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
    ...more,
  };
  return (await device.send('WebAuthn.addVirtualAuthenticator', { options })).authenticatorId;
}

const goToSignIn = async () => page.goto((await ask(config, { redirect_uri: callback })).url.href);

async function typePassword(user: TestUser): Promise<void> {
  await page
    .getByLabel('Gebruikersnaam of e-mailadres')
    .or(page.getByLabel('Username or e-mail address'))
    .fill(user.userName);
  await page.locator('#password').fill(PASSWORD);
  await page.locator('button.primary').click();
}

/** An administrator who has set one up in this browser. */
async function withPasskey(): Promise<TestUser> {
  const user = await world.person({ right: 'manage_users' });
  await goToSignIn();
  await typePassword(user);
  await page.locator('form[data-passkey=create] button').click();
  await page.locator('.codes li').nth(9).waitFor();
  await page.locator('button.primary').click();
  await page.waitForURL(`${callback}*`);
  return user;
}

describe('a passkey in a browser', () => {
  it('is set up, and signs in by the button alone', async () => {
    await plugIn();
    const user = await withPasskey();
    await page.context().clearCookies();
    // A browser that offers nothing by itself: there the button is all there is.
    await page.addInitScript(() => {
      PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false);
    });
    await goToSignIn();
    await page.locator('form[data-passkey=get] button').click();
    await page.waitForURL(`${callback}*`);
    const uses = await query('select 1 from passkeys where user_id = $1 and last_used_at is not null', [user.userId]);
    expect(uses).toHaveLength(1);
  });

  it('is offered where the username is typed, without a click', async () => {
    const authenticatorId = await plugIn();
    await withPasskey();
    await page.context().clearCookies();
    await device.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: true });
    await goToSignIn();
    await page.waitForURL(`${callback}*`);
    expect(page.url()).toContain('code=');
  });

  it('confirms a password', async () => {
    const authenticatorId = await plugIn();
    const user = await withPasskey();
    await page.context().clearCookies();
    await device.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: false });
    await goToSignIn();
    await typePassword(user);
    await device.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: true });
    await page.locator('form[data-passkey=get] button').click();
    await page.waitForURL(`${callback}*`);
    expect(page.url()).toContain('code=');
  });

  it('that the person does not unlock leaves him on the page, which says so', async () => {
    const authenticatorId = await plugIn();
    const user = await withPasskey();
    await page.context().clearCookies();
    await device.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: false });
    await goToSignIn();
    await typePassword(user);
    await device.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await device.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: true });
    await page.locator('form[data-passkey=get] button').click();
    await page.locator('[data-passkey-failed]').waitFor({ state: 'visible' });
    expect(page.url()).toContain('/second-factor');
  });

  it('is not spoken of where the browser has no script', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const plain = await context.newPage();
    await plain.goto((await ask(config, { redirect_uri: callback })).url.href);
    expect(await plain.locator('form[data-passkey]').isVisible()).toBe(false);
    expect(await plain.locator('#password').isVisible()).toBe(true);
    await context.close();
  });
});
