import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { query } from '../../src/database/query.ts';
import { requestFactorReset, resetFactors } from '../../src/credentials/reset-factors.ts';
import { termsToAccept } from '../../src/credentials/terms.ts';
import { enrolTotp } from '../../src/credentials/totp.ts';
import { changePolicy } from '../../src/organizations/change-policy.ts';
import { changeUser } from '../../src/users/change-user.ts';
import { deleteUser } from '../../src/users/delete-user.ts';
import { addOrganization, type TestUser } from '../oidc/hub.ts';
import { post, submit, textOf } from '../portal/portal-hub.ts';
import { codeNow, codesOn, ctxIn, ctxOf, newSeed, seedOn } from '../second-factor/world.ts';
import { actionsAbout, atSignIn, mailsTo, openFor, startSessionHub, type SessionHub } from './session-hub.ts';

let hub: SessionHub;
beforeAll(async () => {
  hub = await startSessionHub();
});
afterAll(() => hub.hub.stop());

let numbered = 0;
const mail = () => ({ email: `owner.${++numbered}@noordzee.example` });
const factorPath = async ({ userId }: TestUser) =>
  `/portal/security/factors/${(await query<{ id: string }>('select id from totp_factors where user_id = $1', [userId]))[0]?.id}`;

describe('one’s own second step', () => {
  it('is set up from the page, which one is back on afterwards', async () => {
    const user = await hub.person(mail());
    const { browser, page } = await hub.visit(user);
    expect(textOf(page)).toContain('You have no second step yet');
    const enrol = await browser.open('/portal/security/factors/new');
    const seed = seedOn(enrol);
    const codes = await browser.submit(enrol, { code: codeNow(seed) });
    expect(codesOn(codes)).toHaveLength(10);
    const back = await browser.submit(codes);
    expect(back.url.pathname).toBe('/portal/security');
    expect(textOf(back)).toContain('Authenticator app');
    expect(textOf(back)).toContain('You have 10 unused recovery codes.');
    expect(await mailsTo(user)).toEqual(['second_factor_changed']);
  });

  it('is taken away after a fresh sign-in only, and the person is told', async () => {
    const user = await hub.withApp(mail());
    const { browser } = await hub.visit(user);
    const path = await factorPath(user);
    await openFor(user, 16);
    const asked = await browser.open(path);
    expect(atSignIn(asked)).toBe(true);
    const page = await hub.through(browser, user, asked);
    expect([page.status, page.url.pathname]).toEqual([200, path]);
    await openFor(user, 16);
    expect(atSignIn(await post(browser, page, path, { act: 'remove' }))).toBe(true);
    expect(await actionsAbout(user)).not.toContain('second_factor.removed');
    const again = await hub.through(browser, user, await browser.open(path));
    expect(textOf(await submit(browser, again, { act: 'remove' }))).toContain('The second step has been removed.');
    expect(await mailsTo(user)).toEqual(['second_factor_changed']);
  });

  it('stays where it is the last one of who must have one', async () => {
    const user = await hub.withApp({ right: 'manage_users' });
    const { browser } = await hub.visit(user);
    const page = await browser.open(await factorPath(user));
    expect(textOf(page)).toContain('You must have a second step, and this is your only one.');
    const refused = await post(browser, page, await factorPath(user), { act: 'remove' });
    expect(refused.status).toBe(422);
  });

  it('of somebody else is not there', async () => {
    const [one, other] = [await hub.withApp(), await hub.withApp()];
    const { browser } = await hub.visit(one);
    expect((await browser.open(await factorPath(other))).status).toBe(404);
  });

  it('has new recovery codes when one wants them: shown once, the old ones dead', async () => {
    const user = await hub.withApp(mail());
    const { browser } = await hub.visit(user);
    const made = await submit(browser, await browser.open('/portal/security/recovery-codes'));
    const first = codesOn(made);
    expect(first).toHaveLength(10);
    const second = codesOn(await submit(browser, await browser.open('/portal/security/recovery-codes')));
    expect(second).toHaveLength(10);
    expect(second.some((code) => first.includes(code))).toBe(false);
    expect(codesOn(await browser.open('/portal/security/recovery-codes'))).toEqual([]);
    expect(await mailsTo(user)).toEqual(['recovery_codes']);
    const fresh = hub.newBrowser();
    const factor = await hub.open({}, fresh);
    const typed = await fresh.submit(factor.page, { identifier: user.userName, password: 'a quiet harbour at dawn' });
    const done = await fresh.submit(typed, { kind: 'recovery', code: second[0] ?? '' });
    expect(done.url.pathname).toMatch(/\/enrol$/);
    expect((await mailsTo(user)).filter((kind) => kind === 'recovery_codes')).toHaveLength(2);
  });

  it('is in the history of one’s own security, and nobody else’s is', async () => {
    const user = await hub.withApp();
    const { browser } = await hub.visit(user);
    const text = textOf(await browser.open('/portal/security'));
    expect(text).toContain('signed in');
    expect(text).toContain('Firefox on Windows · 127.0.0.0/24');
  });
});

describe('an administrator', () => {
  it('sees where somebody is signed in and ends it all; the person is told by whom', async () => {
    const administrator = await hub.withApp({ right: 'manage_users' });
    const user = await hub.person(mail());
    const his = await hub.visit(user);
    const { browser } = await hub.visit(administrator);
    const page = await browser.open(`/portal/users/${user.userId}`);
    expect(textOf(page)).toContain('Signed in at one place.');
    const done = await post(browser, page, `/portal/users/${user.userId}/sessions`);
    expect(textOf(done)).toMatch(/All sessions of .* have been ended\./);
    expect(atSignIn(await his.browser.open('/portal'))).toBe(true);
    expect(await mailsTo(user)).toEqual(['sessions_ended']);
    expect(await actionsAbout(user)).toContain('session.all_ended');
  });

  it('of too low a rank ends nobody’s', async () => {
    const administrator = await hub.withApp({ right: 'manage_users' });
    const chief = await hub.withApp({ right: 'chief_administrator' });
    await hub.visit(chief);
    const { browser } = await hub.visit(administrator);
    const page = await browser.open(`/portal/users/${chief.userId}`);
    expect(page.html).not.toContain(`/portal/users/${chief.userId}/sessions`);
    expect((await post(browser, page, `/portal/users/${chief.userId}/sessions`)).status).toBe(403);
  });

  it('finds who lost a second step, with a count in the menu, and denies or approves', async () => {
    const chief = await hub.withApp({ right: 'chief_administrator', ...mail() });
    const [one, other] = [
      await hub.withApp({ userName: 'lost.one' }),
      await hub.withApp({ userName: 'lost.other', ...mail() }),
    ];
    for (const user of [one, other])
      await requestFactorReset(ctxOf(user), {
        organizationId: user.organizationId,
        userId: user.userId,
        reason: 'New phone',
      });
    expect(await mailsTo(chief)).toEqual(['factor_reset_requested', 'factor_reset_requested']);
    const { browser } = await hub.visit(chief);
    const list = await browser.open('/portal/users');
    expect(list.html).toMatch(/My users <span class="count">2<\/span>/);
    const page = await browser.open('/portal/users/factor-resets');
    expect(textOf(page)).toContain('New phone');
    const [request] = await query<{ id: string }>('select id from second_factor_resets where user_id = $1', [
      one.userId,
    ]);
    const denied = await post(browser, page, '/portal/users/factor-resets', {
      request: request?.id ?? '',
      act: 'deny',
    });
    expect(textOf(denied)).toContain('The request has been denied.');
    expect(textOf(denied)).not.toContain('lost.one');
    const decide = await browser.open(`/portal/users/${other.userId}/second-factor`);
    await submit(browser, decide, { act: 'reset' });
    expect(await mailsTo(other)).toEqual(['second_factor_changed']);
    expect(textOf(await browser.open('/portal/users/factor-resets'))).toContain('Nobody is waiting');
  });

  it('who resets a second step has answered the request for it: nobody approves it later', async () => {
    const [one, other] = [
      await hub.withApp({ right: 'chief_administrator' }),
      await hub.withApp({ right: 'chief_administrator' }),
    ];
    const user = await hub.withApp({ userName: 'lost.twice' });
    await requestFactorReset(ctxOf(user), { ...user, reason: 'On the telephone' });
    const { browser } = await hub.visit(one);
    const page = await browser.open(`/portal/users/${user.userId}/second-factor`);
    expect(textOf(page)).toContain('On the telephone');
    await resetFactors(ctxOf(other), user.userId);
    expect(textOf(await browser.open('/portal/users/factor-resets'))).not.toContain('lost.twice');
    await enrolTotp(ctxOf(user), { ...user, seed: newSeed() });
    expect((await submit(browser, page, { act: 'reset' })).status).toBe(404);
    expect(await query('select 1 from totp_factors where user_id = $1', [user.userId])).toHaveLength(1);
  });

  it('who deactivates or deletes somebody has him told; a directory only where the organization wants it', async () => {
    const chief = await hub.withApp({ right: 'chief_administrator' });
    const off = (document: Record<string, unknown>) => ({ ...document, active: false }) as never;
    const users = await Promise.all([1, 2, 3, 4].map(() => hub.person(mail())));
    const [byChief, deleted, byDirectory, told] = users as [TestUser, TestUser, TestUser, TestUser];
    await changeUser(ctxOf(chief), byChief.userId, off);
    await deleteUser(ctxOf(chief), deleted.userId);
    const organizationId = hub.hub.organizationId;
    const connection = '018f0000-0000-7000-8000-000000000001';
    await query('update users set connection_id = $3 where organization_id = $1 and id = any($2)', [
      organizationId,
      [byDirectory.userId, told.userId],
      connection,
    ]);
    const directory = {
      ...ctxIn(organizationId),
      actor: { kind: 'connection', id: connection, organizationId, label: 'Entra ID' },
    } as const;
    await changeUser(directory, byDirectory.userId, off);
    await changePolicy(ctxIn(organizationId), { tellProvisionedDeactivation: true });
    await changeUser(directory, told.userId, off);
    expect(await Promise.all(users.map(mailsTo))).toEqual([
      ['account_deactivated'],
      ['account_deactivated'],
      [],
      ['account_deactivated'],
    ]);
  });
});

describe('the security policy', () => {
  it('is a chief’s page: nobody else finds it', async () => {
    const administrator = await hub.withApp({ right: 'manage_administrators' });
    const { browser, page } = await hub.visit(administrator);
    expect(page.html).not.toContain('/portal/policy');
    expect((await browser.open('/portal/policy')).status).toBe(403);
    expect((await post(browser, page, '/portal/policy', { sessionHours: '1' })).status).toBe(403);
  });

  it('shows what holds, takes what is changed, and says what is out of bounds at its field', async () => {
    const organizationId = await addOrganization('Oostkade');
    const chief = await hub.withApp({ organizationId, right: 'chief_administrator' });
    const { browser } = await hub.visit(chief);
    const page = await browser.open('/portal/policy');
    const fields = {
      second_factor: 'everyone',
      'second_factor_in.etracker': 'administrators',
      idleMinutesAdministrators: '20',
      idleMinutesUsers: '60',
      sessionHours: '12',
      passwordPolicy: 'classic',
      passwordHistory: '5',
      invitationReminderDays: '3',
      username: 'email',
      deactivateOnly: 'yes',
      'deactivate_only_in.emasspost': 'no',
    };
    const wrong = await submit(browser, page, { ...fields, idleMinutesUsers: '3' });
    expect(wrong.status).toBe(422);
    expect(textOf(wrong)).toContain('Minutes for everybody else: a whole number of 5 to 1440.');
    expect(wrong.html).toMatch(/id="idleMinutesUsers"[^>]*value="3"[^>]*aria-invalid="true"/);
    const saved = await submit(browser, wrong, fields);
    expect(textOf(saved)).toContain('The policy has been saved.');
    const [row] = await query<{ settings: object }>('select settings from organizations where id = $1', [
      organizationId,
    ]);
    expect(row?.settings).toEqual({
      second_factor: 'everyone',
      second_factor_in: { etracker: 'administrators' },
      idle_minutes_administrators: 20,
      idle_minutes_users: 60,
      session_hours: 12,
      password_policy: 'classic',
      password_history: 5,
      invitation_reminder_days: 3,
      username: 'email',
      deactivate_only: true,
      deactivate_only_in: { emasspost: false },
      tell_provisioned_deactivation: false,
    });
    expect(textOf(await browser.open('/portal/history'))).toContain('changed the security policy');
  });

  it('publishes terms in four languages, which people are asked to accept from then on', async () => {
    const organizationId = await addOrganization('Westkade');
    const chief = await hub.withApp({ organizationId, right: 'chief_administrator' });
    const user = await hub.person({ organizationId });
    const { browser } = await hub.visit(chief);
    const page = await browser.open('/portal/policy/terms');
    const missing = await submit(browser, page, { nl: 'Een', fr: 'Un', de: '', en: 'One' });
    expect([missing.status, missing.html.includes('>Een</textarea>')]).toEqual([422, true]);
    expect(textOf(missing)).toContain('The German text is missing');
    const done = await submit(browser, missing, { nl: 'Een', fr: 'Un', de: 'Ein', en: 'One' });
    expect(atSignIn(done) || textOf(done).includes('The terms have been published.')).toBe(true);
    expect((await termsToAccept(organizationId, user.userId))?.texts).toEqual({
      nl: 'Een',
      fr: 'Un',
      de: 'Ein',
      en: 'One',
    });
  });
});
