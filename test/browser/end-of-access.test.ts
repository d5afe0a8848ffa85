// The promise of deprovisioning, seen by the person it concerns: the directory says `active: "False"`, and
// every door is shut, in the browser that is open and for the tokens that were given out. How soon is bench/oidc/deactivation.ts.
import { createHash, randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { DemoClient } from '../../src/demo/demo-file.ts';
import { click, signIn, SUBMIT, type Visitor } from '../support/chromium.ts';
import { PATCH } from '../support/directory.ts';
import { STAGE_MS, useDemoStage } from '../support/demo-stage.ts';
import { filterBy, newUser, scimClient, type ScimClient } from '../support/scim-client.ts';

const USER_NAME = 'leaver';
const PASSWORD = 'a harbour with three blue boats';
/** Filled by the directory, opened to it, and carrying rights in e-MassPost. */
const GROUP_NAME = 'Mail desk';
const NATIVE_CALLBACK = 'http://127.0.0.1:43211/callback';

type Tokens = { access_token: string; refresh_token: string };

const stage = useDemoStage();
let scim: ScimClient;
let visitor: Visitor;
let userId: string;
let tokens: Tokens;

const change = (...Operations: object[]) => ({ schemas: [PATCH], Operations });

function clientOf(fits: (client: DemoClient) => boolean): DemoClient {
  const found = stage.hub.demo.clients.find(fits);
  if (!found) throw new Error('The demonstration lacks a client');
  return found;
}
const native = () => clientOf((client) => client.redirect_uris.some((uri) => uri.startsWith('http://127.0.0.1/')));
const web = () =>
  clientOf((client) => client.client_secret !== undefined && client.application === native().application);

async function post(path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  const answer = await fetch(`${stage.hub.demo.issuer}${path}`, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers,
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
const introspect = (token: string) =>
  post(
    '/token/introspection',
    { token },
    { authorization: `Basic ${Buffer.from(`${web().client_id}:${web().client_secret}`).toString('base64')}` },
  );
const refresh = (token: string) =>
  post('/token', { grant_type: 'refresh_token', refresh_token: token, client_id: native().client_id });
const userinfo = (token: string) =>
  fetch(`${stage.hub.demo.issuer}/me`, { headers: { authorization: `Bearer ${token}` } });

/** The operator's own way to hand somebody the link of an invitation. */
async function firstPasswordLink(): Promise<string> {
  const api = (method: string, path: string, body?: object) =>
    fetch(`${stage.hub.origin}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${stage.hub.demo.operator.apiToken}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
  const name = encodeURIComponent(stage.hub.demo.scim[0]?.organization ?? '');
  const { items } = (await (await api('GET', `/organizations?name=${name}`)).json()) as { items: { id: string }[] };
  const link = await api('POST', `/organizations/${items[0]?.id}/users/${userId}/links`, { purpose: 'first_password' });
  expect(link.status).toBe(201);
  return ((await link.json()) as { url: string }).url;
}

/** Tokens of an application on his own machine, which is never let in without his act (RFC 8252 section 8.6). */
async function signInToNative(): Promise<Tokens> {
  const verifier = randomBytes(32).toString('base64url');
  const address = new URL(`${stage.hub.demo.issuer}/auth`);
  const parameters = {
    client_id: native().client_id,
    response_type: 'code',
    scope: 'openid profile',
    redirect_uri: NATIVE_CALLBACK,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state: 'state',
  };
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  const page = await visitor.context.newPage();
  await page.goto(address.href);
  // Nobody listens there: the address is all that is wanted of it.
  const back = page.waitForRequest((request) => request.url().startsWith(NATIVE_CALLBACK));
  await page.fill('#identifier', USER_NAME);
  await page.fill('#password', PASSWORD);
  await page.click(SUBMIT, { noWaitAfter: true });
  const code = new URL((await back).url()).searchParams.get('code') ?? '';
  await page.close();
  const { status, body } = await post('/token', {
    grant_type: 'authorization_code',
    code,
    redirect_uri: NATIVE_CALLBACK,
    client_id: native().client_id,
    code_verifier: verifier,
  });
  expect(status).toBe(200);
  return body as Tokens;
}

beforeAll(async () => {
  visitor = await stage.visit();
  scim = scimClient(stage.hub.demo.scim[0] ?? { baseUrl: '', token: '' });
  userId = String((await scim('POST', '/Users', newUser(USER_NAME))).body.id);
  const { body } = await scim(
    'GET',
    `/Groups?${filterBy(`displayName eq "${GROUP_NAME}"`)}&excludedAttributes=members`,
  );
  await scim(
    'PATCH',
    `/Groups/${body.Resources?.[0]?.id}`,
    change({ op: 'Add', path: 'members', value: [{ value: userId }] }),
  );
  const { page } = visitor;
  await page.goto(await firstPasswordLink());
  await page.fill('#new-password', PASSWORD);
  await page.fill('#confirm-password', PASSWORD);
  await click(page, SUBMIT);
}, STAGE_MS);

describe('a user whom the directory deactivates', () => {
  it('came in by the group he was put in, and his tokens work', async () => {
    const { page } = visitor;
    await page.goto(`${stage.hub.exampleUrl}/sign-in`);
    await signIn(page, { userName: USER_NAME, password: PASSWORD });
    await page.goto(`${stage.hub.exampleUrl}/rights`);
    expect(await page.locator('.cards > li').count()).toBeGreaterThan(0);
    const first = await signInToNative();
    expect((await userinfo(first.access_token)).status).toBe(200);
    expect((await introspect(first.access_token)).body).toMatchObject({ active: true });
    const renewed = await refresh(first.refresh_token);
    expect(renewed.status).toBe(200);
    tokens = renewed.body as Tokens;
  });

  it('is asked to sign in by the application, on his next click', async () => {
    const { page } = visitor;
    const ended = Date.now();
    const { status, body } = await scim(
      'PATCH',
      `/Users/${userId}`,
      change({ op: 'Replace', path: 'active', value: 'False' }),
    );
    expect([status, body['active']]).toEqual([200, false]);
    // Clicks until the hub's message has reached the application.
    while (!page.url().includes('/signed-out') && Date.now() - ended < 10_000) {
      await click(page, 'header a[href="/deposits"], header a[href="/rights"]');
    }
    expect(page.url()).toContain('/signed-out');
  });

  it('is asked for his password by the hub, which no longer fits', async () => {
    const { page } = visitor;
    await click(page, 'main a[href="/sign-in"]');
    expect(new URL(page.url()).origin).toBe(stage.hub.origin);
    expect(await page.locator('#password').count()).toBe(1);
    await signIn(page, { userName: USER_NAME, password: PASSWORD });
    expect(new URL(page.url()).origin).toBe(stage.hub.origin);
    expect(await page.locator('#error-summary').count()).toBe(1);
  });

  it('gets nothing more for the tokens that were given out', async () => {
    expect(await refresh(tokens.refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await userinfo(tokens.access_token)).status).toBe(401);
    expect((await introspect(tokens.access_token)).body).toEqual({ active: false });
  });

  it('comes back with a new sign-in when the directory says so, and the old tokens stay dead', async () => {
    expect(
      (await scim('PATCH', `/Users/${userId}`, change({ op: 'Replace', path: 'active', value: 'True' }))).status,
    ).toBe(200);
    expect(await refresh(tokens.refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await introspect(tokens.access_token)).body).toEqual({ active: false });
    const { page } = visitor;
    await page.goto(`${stage.hub.exampleUrl}/sign-in`);
    await signIn(page, { userName: USER_NAME, password: PASSWORD });
    expect(new URL(page.url()).origin).toBe(stage.hub.exampleUrl);
    await page.goto(`${stage.hub.exampleUrl}/rights`);
    expect(await page.locator('.cards > li').count()).toBeGreaterThan(0);
  });
});
