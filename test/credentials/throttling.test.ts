// Guessing from many addresses: what is evaluated is bounded, the owner is never locked out, and no answer tells names apart.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { giveTemporaryPassword } from '../../src/credentials/change-password.ts';
import { MAIL_DEVICE_LINK, mailDeviceLinks } from '../../src/credentials/device-link.ts';
import { createLink } from '../../src/credentials/one-time-link.ts';
import { recoverAccess } from '../../src/credentials/recover-password.ts';
import { RECOVER_ACCESS } from '../../src/credentials/request-recovery.ts';
import { MANY_NAMES } from '../../src/credentials/notice-spraying.ts';
import { passwordEvaluations } from '../../src/credentials/password-hash.ts';
import type { Device } from '../../src/credentials/sign-in-throttle.ts';
import { sweepThrottles } from '../../src/credentials/sign-in-throttle.ts';
import { verifySignIn } from '../../src/credentials/verify-sign-in.ts';
import { query } from '../../src/database/query.ts';
import { HubError } from '../../src/errors.ts';
import { listMails } from '../../src/mail/list-mails.ts';
import {
  addOrganization,
  addUser,
  ask,
  PASSWORD,
  SOME_RIGHTS,
  startHub,
  systemCtx,
  type TestHub,
  type TestUser,
} from '../oidc/hub.ts';
import { Browser } from '../oidc/browser.ts';
import { restartMail } from '../mail/mail-hub.ts';
import { silent } from '../support/database.ts';

const WRONG = 'wrong but long enough';
let hub: TestHub;
let numbered = 0;

beforeAll(async () => {
  // One proxy in front, whose word about where people come from counts.
  hub = await startHub(({ app }) => Promise.resolve(void app.set('trust proxy', 1)), {
    [RECOVER_ACCESS]: { run: () => Promise.resolve() },
  });
  await restartMail({ PUBLIC_URL: hub.origin });
});
afterAll(() => hub.stop());
afterEach(() => query('delete from sign_in_throttles'));

const person = (input: Parameters<TestHub['addUser']>[0] = {}) => {
  numbered += 1;
  return hub.addUser({ userName: `guessed.${numbered}`, email: `guessed.${numbered}@noordzee.example`, ...input });
};
const addressOf = (n: number) => `198.${18 + Math.floor(n / 65_536)}.${Math.floor(n / 256) % 256}.${n % 256}`;

type Try = { name: string; password?: string; from?: number; at?: Date; device?: Device | undefined };
const attempt = ({ name, password = WRONG, from = ++numbered, at = new Date(), device }: Try) =>
  verifySignIn({ ...systemCtx(), now: at }, { name, password, address: addressOf(from), device });
const outcomeOf = (attempted: Promise<unknown>): Promise<string> =>
  attempted.then(
    () => 'in',
    (error: unknown) =>
      error instanceof HubError ? `${error.code}${error.details['linkNeeded'] === true ? ' link' : ''}` : 'fault',
  );
/** Spends the hundred, a quarter of an hour apart. */
async function exhaust(user: TestUser): Promise<Date> {
  await outcomeOf(attempt({ name: user.userName }));
  await query("update sign_in_throttles set failures = 6, in_a_row = 99 where kind = 'name'");
  const at = new Date();
  expect(await outcomeOf(attempt({ name: user.userName, at }))).toBe('invalid_credentials');
  return at;
}
const audited = (organizationId: string, action: string) =>
  query<{ target_id: string }>('select target_id from audit_events where organization_id = $1 and action = $2', [
    organizationId,
    action,
  ]);

describe('three hundred wrong passwords for one user from three hundred addresses', () => {
  it('at once: a handful is evaluated, however many come together', async () => {
    const user = await person();
    const before = passwordEvaluations();
    const outcomes = await Promise.all(Array.from({ length: 300 }, () => outcomeOf(attempt({ name: user.userName }))));
    const evaluated = passwordEvaluations() - before;
    expect(evaluated).toBe(6);
    expect(outcomes.filter((outcome) => outcome === 'invalid_credentials')).toHaveLength(evaluated);
    expect(outcomes.filter((outcome) => outcome === 'throttled')).toHaveLength(300 - evaluated);
  });

  it('with all patience: a hundred are, then no more, and the audit says so', async () => {
    const user = await person();
    const device = (await attempt({ name: user.userName, password: PASSWORD })).device;
    const before = passwordEvaluations();
    // Each after the longest wait; half a second of release each would make a minute and a half, so most of it is counted.
    await outcomeOf(attempt({ name: user.userName, at: new Date() }));
    await query("update sign_in_throttles set in_a_row = 90, failures = 90 where kind = 'name'");
    let now = Date.now() + 16 * 60_000;
    const outcomes: string[] = [];
    for (let n = 0; n < 14; n++) {
      outcomes.push(await outcomeOf(attempt({ name: user.userName, at: new Date(now) })));
      now += 16 * 60_000;
    }
    expect(passwordEvaluations() - before).toBe(11);
    expect(outcomes).toEqual([
      ...Array<string>(10).fill('invalid_credentials'),
      ...Array<string>(4).fill('throttled link'),
    ]);
    expect(await audited(user.organizationId, 'sign_in.restricted')).toContainEqual({ target_id: user.userId });
    // The owner, on the device on which he signed in before, is in at once; from elsewhere the right password is not looked at.
    const at = new Date(now);
    expect(await outcomeOf(attempt({ name: user.userName, password: PASSWORD, device, at }))).toBe('in');
    expect(await outcomeOf(attempt({ name: user.userName, password: PASSWORD, at }))).toBe('throttled link');
  });

  it('do not fade in a day, but in a month', async () => {
    const user = await person();
    const at = await exhaust(user);
    const later = (days: number) => new Date(at.getTime() + days * 86_400_000);
    await sweepThrottles(later(2));
    expect(await outcomeOf(attempt({ name: user.userName, at: later(2) }))).toBe('throttled link');
    await sweepThrottles(later(31));
    expect(await outcomeOf(attempt({ name: user.userName, at: later(31) }))).toBe('invalid_credentials');
  });

  it('leave nothing to be unlocked: a new password ends them', async () => {
    const user = await person();
    await exhaust(user);
    const { password } = await giveTemporaryPassword(systemCtx(), user);
    expect(await outcomeOf(attempt({ name: user.userName, password }))).toBe('in');
  });
});

describe('whoever has the same name in another organization', () => {
  it('neither clears the count of guesses by signing in himself, nor guesses from his own device', async () => {
    const victim = await person();
    const elsewhere = await addOrganization('Elders');
    const own = 'my own harbour at dusk';
    await addUser(elsewhere, { userName: victim.userName, password: own });
    const { device } = await attempt({ name: victim.userName, password: own });
    const at = new Date();
    for (let n = 0; n < 8; n++) {
      await outcomeOf(attempt({ name: victim.userName, device, at }));
      expect(await outcomeOf(attempt({ name: victim.userName, password: own, device, at }))).toBe('in');
    }
    const [row] = await query<{ n: number }>(
      "select max(in_a_row)::int as n from sign_in_throttles where kind = 'name'",
    );
    // Six wrong ones went through; what came while the name was blocked tried his own record only.
    expect(row?.n).toBe(6);
  });
});

describe('one password on many names', () => {
  it('is noticed for the organization, and then every name, whosever, has less patience', async () => {
    const company = await addOrganization('Sproeimuur');
    const users: TestUser[] = [];
    for (let n = 0; n < MANY_NAMES; n++) users.push(await addUser(company, { password: null }));
    await Promise.all(users.map(({ userName }) => outcomeOf(attempt({ name: userName }))));
    expect(await audited(company, 'sign_in.spraying_noticed')).toEqual([{ target_id: company }]);
    for (const name of [(await person()).userName, 'nobody.has.this.name']) {
      const outcomes = [];
      for (let n = 0; n < 3; n++) outcomes.push(await outcomeOf(attempt({ name })));
      expect(outcomes).toEqual(['invalid_credentials', 'invalid_credentials', 'throttled']);
    }
  });
});

describe('the sign-in page', () => {
  type Client = Awaited<ReturnType<TestHub['relyingParty']>>;
  let config: Client;
  beforeAll(async () => {
    config = await hub.relyingParty(await hub.register());
  });
  async function typed(name: string, password: string, browser = hub.browser()) {
    const page = await browser.open((await ask(config)).url);
    const started = performance.now();
    const answer = await browser.submit(page, { identifier: name, password });
    return { browser, answer, took: performance.now() - started };
  }
  // What differs from visit to visit: the form's token, the address of the interaction, and the name that was typed.
  const bytes = (html: string, name: string) =>
    html
      .replaceAll(name, 'NAME')
      .replaceAll(/name="csrf" value="[^"]*"/g, '')
      .replaceAll(/sign-in\/[\w-]{10,}/g, '')
      .replaceAll(/data-options="[^"]*"/g, '')
      .replaceAll(/challenge[^"]*/g, '');

  it('answers an unknown, a wrong, a deactivated and a passwordless name alike, to the byte and at the same mark', async () => {
    const [known, gone, bare] = [await person(), await person(), await person({ password: null })];
    await query('update users set active = false where id = $1', [gone.userId]);
    const names = ['nobody.at.all.here', known.userName, gone.userName, bare.userName];
    const answers = [];
    for (const name of names) {
      const { answer, took } = await typed(name, WRONG);
      answers.push([answer.status, bytes(answer.html, name)]);
      expect(took).toBeGreaterThanOrEqual(490);
      expect(took).toBeLessThan(1000);
    }
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  it('asks for a mailed link after a hundred, says the same of a name that nobody has, and the link opens one device once', async () => {
    const user = await person();
    hub.hold(user.userId, SOME_RIGHTS);
    await exhaust(user);
    await outcomeOf(attempt({ name: 'nobody.at.all.here' }));
    await query("update sign_in_throttles set in_a_row = 100, failures = 100 where kind = 'name'");
    const answers = [];
    for (const name of [user.userName, 'nobody.at.all.here']) {
      const { answer } = await typed(name, PASSWORD);
      expect(answer.status).toBe(429);
      answers.push(bytes(answer.html, name));
    }
    expect(answers[1]).toBe(answers[0]);

    const jobs = await query<{ data: Record<string, unknown> }>(
      `select data from jobs.job where name = '${MAIL_DEVICE_LINK}' order by created_on`,
    );
    expect(jobs).toHaveLength(2);
    expect(JSON.stringify(jobs)).not.toContain('nobody');
    for (const { data } of jobs) await mailDeviceLinks(silent).run(data);
    const mails = (await listMails(100)).filter(({ kind }) => kind === 'device_link');
    const path = /http:\/\/localhost:\d+(\/confirm-device\/\S+)/.exec(mails[0]?.text ?? '')?.[1] ?? '';
    const browser = new Browser(hub.origin);
    const page = await browser.open(path);
    expect(page.url.pathname).toBe('/confirm-device');
    expect((await browser.submit(page)).status).toBe(200);
    expect((await browser.submit(page)).status).toBe(410);
    expect((await typed(user.userName, PASSWORD, browser)).answer.url.origin).toBe('https://app.example');
    // Not signed in by the link, and no other browser got anything.
    expect((await typed(user.userName, PASSWORD)).answer.status).toBe(429);
  });

  it('three hundred times from three hundred addresses: at most a hundred are evaluated, the owner is in at once, recovery works', async () => {
    const user = await person();
    hub.hold(user.userId, SOME_RIGHTS);
    const own = hub.browser({ 'x-forwarded-for': '203.0.113.7' });
    expect((await typed(user.userName, PASSWORD, own)).answer.url.origin).toBe('https://app.example');
    const device = own.cookie('device') ?? '';
    expect(device).not.toBe('');

    const before = passwordEvaluations();
    const answers: number[] = [];
    for (let n = 0; n < 300; n += 50) {
      const robots = Array.from({ length: 50 }, (_, i) => hub.browser({ 'x-forwarded-for': addressOf(9000 + n + i) }));
      answers.push(
        ...(await Promise.all(robots.map(async (robot) => (await typed(user.userName, WRONG, robot)).answer.status))),
      );
    }
    expect(passwordEvaluations() - before).toBeLessThanOrEqual(100);
    expect(new Set(answers)).toEqual(new Set([422, 429]));
    const counted = await query<{ n: number }>(
      "select count(*)::int as n from sign_in_throttles where kind = 'address'",
    );
    expect(counted[0]?.n).toBeGreaterThan(1);

    const owner = hub.browser({ 'x-forwarded-for': '203.0.113.8' });
    owner.setCookie('device', device);
    expect((await typed(user.userName, PASSWORD, owner)).answer.url.origin).toBe('https://app.example');

    const visitor = hub.browser({ 'x-forwarded-for': '203.0.113.9' });
    const sent = await visitor.submit(await visitor.open('/recover'), { identifier: user.userName });
    expect(sent.status).toBe(200);
    const [job] = await query<{ data: Record<string, unknown> }>(
      `select data from jobs.job where name = '${RECOVER_ACCESS}' order by created_on desc limit 1`,
    );
    await recoverAccess(silent).run(job?.data ?? {});
    const mail = (await listMails(100)).find(({ kind, text }) => kind === 'recovery' && text.includes(user.userName));
    const path = /http:\/\/localhost:\d+(\/new-password\/\S+)/.exec(mail?.text ?? '')?.[1] ?? '';
    const chosen = 'nine slow barges under a bridge';
    const page = await visitor.open(path);
    expect((await visitor.submit(page, { new_password: chosen, confirm_password: chosen })).status).toBe(200);
    // Nobody had to unlock anything: neither on this device nor on one that nobody knows.
    for (const browser of [visitor, hub.browser({ 'x-forwarded-for': '203.0.113.10' })])
      expect((await typed(user.userName, chosen, browser)).answer.url.origin).toBe('https://app.example');
  });

  it('mails links that a scanner may open five times with GET and HEAD: the person’s own post still works, once', async () => {
    const user = await person();
    const { token } = await createLink(systemCtx(), {
      ...user,
      purpose: 'device',
      sentTo: `${user.userName}@noordzee.example`,
    });
    const path = `/confirm-device/${token}`;
    const scanner = hub.browser();
    for (let n = 0; n < 5; n++) {
      expect((await scanner.open(path)).status).toBe(200);
      for (const method of ['GET', 'HEAD'])
        expect((await fetch(`${hub.origin}${path}`, { method, redirect: 'manual' })).status).toBe(303);
    }
    const browser = hub.browser();
    const page = await browser.open(path);
    expect((await browser.submit(page)).status).toBe(200);
    const again = await browser.submit(page);
    expect(again.status).toBe(410);
    expect(again.html).toMatch(/al gebruikt/);
  });
});
