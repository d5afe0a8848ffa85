// A person sees what was refused to whoever tried to sign in as him, folded so that a flood is one line; nobody else sees it,
// and no answer to the one who tries tells that it was noted.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eachEvent, listEvents } from '../../src/audit/list-events.ts';
import { flushRefusals, noteRefusals, sweepRefusals } from '../../src/credentials/note-refusals.ts';
import { verifySignIn } from '../../src/credentials/verify-sign-in.ts';
import { query } from '../../src/database/query.ts';
import type { TestUser } from '../oidc/hub.ts';
import { systemCtx, typeIn } from '../oidc/hub.ts';
import { textOf } from '../portal/portal-hub.ts';
import type { Browser, Page } from '../oidc/browser.ts';
import { passkeyForm, SoftwareAuthenticator } from '../second-factor/software-authenticator.ts';
import { codeNow, ctxOf, timePasses, wrongCode } from '../second-factor/world.ts';
import { silent } from '../support/database.ts';
import { startSessionHub, type SessionHub } from './session-hub.ts';

let hub: SessionHub;
beforeAll(async () => {
  hub = await startSessionHub();
});
afterAll(() => hub.hub.stop());

const rowsOf = async ({ organizationId, userId }: TestUser) => {
  await flushRefusals(silent);
  return query<{ kind: string; address: string; attempts: number }>(
    `select kind, address, attempts::int from refused_sign_ins where organization_id = $1 and user_id = $2 order by first_at, kind`,
    [organizationId, userId],
  );
};
const HOUR = 3_600_000;
/** Within one hour of the clock. */
const early = new Date(Math.floor(Date.now() / HOUR) * HOUR - 30 * 60_000);
const note = (user: TestUser, address: string, at = early, times = 1) => {
  for (let i = 0; i < times; i++) noteRefusals(silent, [user], { kind: 'password', address, at });
};

describe('a refused sign-in', () => {
  it('stands on the page Security of the person, wrong password and wrong code, with the address', async () => {
    const user = await hub.withApp();
    const browser = hub.newBrowser();
    let page = await browser.open('/portal/security');
    for (let i = 0; i < 3; i++) page = await typeIn(browser, page, user, 'not the password of anybody');
    page = await typeIn(browser, page, user);
    page = await browser.submit(page, { code: wrongCode(user.seed) });
    await timePasses(user);
    page = await browser.submit(page, { code: codeNow(user.seed) });
    await flushRefusals(silent);
    const text = textOf(await browser.open('/portal/security'));
    expect(text).toContain('Sign-ins with your username were refused: wrong password, 3 attempts.');
    expect(text).toContain('A sign-in with your username was refused at the second step: 1 attempt.');
    expect(textOf(await browser.open('/portal/history'))).toContain('wrong password, 3 attempts');
  });

  it('with a passkey stands there too, given alone or at the second step; what names nobody is nobody’s', async () => {
    const user = await hub.person({ right: 'manage_users' });
    const device = new SoftwareAuthenticator(hub.hub.origin);
    const { browser, page } = await hub.afterPassword(user, {}, hub.newBrowser());
    await browser.submit(await browser.submit(passkeyForm(page), { credential: device.create(page) }));
    const refused = async (opened: { browser: Browser; page: Page }, of = device) => {
      const given = of.get(opened.page, { verified: false });
      expect((await opened.browser.submit(passkeyForm(opened.page), { credential: given })).status).toBe(422);
    };
    await refused(await hub.open());
    await refused(await hub.afterPassword(user));
    await refused(await hub.open(), new SoftwareAuthenticator(hub.hub.origin));
    expect(await rowsOf(user)).toEqual([{ kind: 'passkey', address: '127.0.0.0/24', attempts: 2 }]);
    const text = textOf(await browser.open('/portal/security'));
    expect(text).toContain('Passkeys were refused in sign-ins as you: 2 attempts.');
  });

  it('is told to the person alone: not to administrators, not in the history of the organization', async () => {
    const [user, boss] = [await hub.person(), await hub.person()];
    await hub.giveRight(boss, 'chief_administrator');
    note(user, '198.51.100.7');
    await flushRefusals(silent);
    const actions = async (ctx: ReturnType<typeof ctxOf>, of?: string) => {
      const asked = { size: 100, ...(of === undefined ? {} : { userId: of }) };
      return (await listEvents(ctx, asked)).events.map(({ action }) => action);
    };
    expect(await actions(ctxOf(user), user.userId)).toContain('sign_in.password_refused');
    for (const whose of [user.userId, undefined])
      expect(await actions(ctxOf(boss), whose)).not.toContain('sign_in.password_refused');
    const staff = { id: 'staff', label: 'Support', visit: 'visit' };
    const acted = ctxOf(user);
    if (acted.actor.kind !== 'user') throw new Error('A person is a user');
    const acting = { ...acted, actor: { ...acted.actor, actedBy: staff } };
    expect(await actions(acting, user.userId)).not.toContain('sign_in.password_refused');
  });

  it('is one line for an hour and an address prefix, however many there were, on however many pages', async () => {
    const user = await hub.person();
    note(user, '198.51.100.7', early, 12);
    await flushRefusals(silent);
    note(user, '198.51.100.200', new Date(early.getTime() + 60_000), 11);
    note(user, '203.0.113.9');
    note(user, '198.51.100.7', new Date(early.getTime() - HOUR));
    expect(await rowsOf(user)).toEqual([
      { kind: 'password', address: '198.51.100.0/24', attempts: 1 },
      { kind: 'password', address: '198.51.100.0/24', attempts: 23 },
      { kind: 'password', address: '203.0.113.0/24', attempts: 1 },
    ]);
    const ctx = ctxOf(user);
    const whole = (await listEvents(ctx, { userId: user.userId, size: 50 })).events.map(({ id }) => id);
    const paged: string[] = [];
    for (let after: string | undefined; ;) {
      const asked = { userId: user.userId, size: 1, ...(after === undefined ? {} : { after }) };
      const { events, next } = await listEvents(ctx, asked);
      paged.push(...events.map(({ id }) => id));
      if (next === null) break;
      after = next;
    }
    expect(paged).toEqual(whole);
    expect(whole).toEqual(whole.toSorted().reverse());
    const exported: string[] = [];
    for await (const chunk of eachEvent(ctx, { userId: user.userId })) exported.push(...chunk.map(({ id }) => id));
    expect(exported).toEqual(whole);
    const later = { userId: user.userId, size: 50, from: new Date(early.getTime() - 60_000) };
    expect((await listEvents(ctx, later)).events.filter(({ action }) => action.endsWith('_refused'))).toHaveLength(2);
  });

  it('fills no table: whoever comes from ever new addresses is told apart no further than twenty', async () => {
    const user = await hub.person();
    for (let i = 0; i < 60; i++) {
      note(user, `198.18.${i}.1`);
      if (i % 25 === 0) await flushRefusals(silent);
    }
    const rows = await rowsOf(user);
    expect(rows.length).toBeLessThanOrEqual(42);
    expect(rows.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(60);
    expect(rows.some(({ address }) => address === '')).toBe(true);
    await sweepRefusals(new Date(Date.now() + 91 * 86_400_000));
    expect(await rowsOf(user)).toEqual([]);
  });

  it('is noted for throttled attempts too, and a name that nobody has leaves nothing', async () => {
    const user = await hub.person();
    const tried = (name: string) =>
      verifySignIn(
        { ...systemCtx(), now: new Date() },
        { name, password: 'wrong but long', address: '203.0.113.77' },
      ).then(
        () => 'in',
        (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : 'fault'),
      );
    const count = async () => (await query('select 1 from refused_sign_ins')).length;
    const outcomes: string[] = [];
    for (let i = 0; i < 7; i++) outcomes.push(await tried(user.userName));
    expect(outcomes.at(-1)).toBe('throttled');
    expect((await rowsOf(user)).map(({ kind }) => kind).toSorted()).toEqual(['password', 'throttled']);
    const before = await count();
    expect(await tried('nobody.at.all')).toBe('invalid_credentials');
    await flushRefusals(silent);
    expect(await count()).toBe(before);
  });
});
