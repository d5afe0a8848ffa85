import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { copyInvitation, inviteUser, revokeInvitation } from '../../src/credentials/invite-user.ts';
import { remindInvitees } from '../../src/credentials/remind-invitees.ts';
import { invitationsOf } from '../../src/credentials/invitation-state.ts';
import { mayRecover, setRecoveryRight } from '../../src/credentials/recovery-right.ts';
import { sendRecoveryLink } from '../../src/credentials/send-recovery-link.ts';
import { query } from '../../src/database/query.ts';
import { giveAdministrationRight } from '../../src/entitlements/give-administration-right.ts';
import { createGroup } from '../../src/groups/create-group.ts';
import { listMails } from '../../src/mail/list-mails.ts';
import { addOrganization, addUser, type NewTestUser } from '../oidc/hub.ts';
import { closeTestDatabase, silent } from '../support/database.ts';
import { ctxOf, refusalOf, userCtx } from '../mail/mail-hub.ts';
import { linksIn, openRecoveryHub } from './recovery-hub.ts';

const NEW = 'lighthouse keepers count waves';
let hub: Awaited<ReturnType<typeof openRecoveryHub>>;
let company: string;
let numbered = 0;

beforeAll(async () => {
  hub = await openRecoveryHub();
});
afterAll(closeTestDatabase);
beforeEach(async () => {
  company = await addOrganization('Noordzee Media');
});

const person = (input: NewTestUser = {}) =>
  addUser(company, { email: `invited.${++numbered}@noordzee.example`, password: null, ...input });
async function administrator(name: 'manage_users' | 'chief_administrator' = 'manage_users') {
  const user = await person({ password: undefined as never });
  await giveAdministrationRight(ctxOf(company), { subject: { kind: 'user', id: user.userId }, name });
  return userCtx(company, user.userId, 'Bert Claes');
}
const stateOf = async (userId: string) => (await invitationsOf(ctxOf(company), [userId])).get(userId);
const open = (path: string | undefined) =>
  hub
    .visitor()
    .get(path ?? '')
    .redirects(1);

describe('an invitation', () => {
  it('says who invites and for which company, and its link leads to a first password', async () => {
    const user = await person();
    const { mailId } = await inviteUser(await administrator(), user);
    const [mail] = await listMails(1);
    expect(mail).toMatchObject({
      id: mailId,
      kind: 'invitation',
      subject: 'Bert Claes nodigt u uit voor Postal Portal namens Noordzee Media',
    });
    expect((await stateOf(user.userId))?.state).toBe('invited');
    expect((await hub.choose(linksIn(mail)[0] ?? '', NEW)).status).toBe(200);
    expect((await stateOf(user.userId))?.state).toBe('active');
  });

  it('sent again is a reminder, and leaves the link that was just opened alive', async () => {
    const user = await person();
    const ctx = await administrator();
    await inviteUser(ctx, user);
    const [first] = await listMails(1);
    await inviteUser(ctx, user);
    const [second] = await listMails(1);
    expect(second?.kind).toBe('invitation_reminder');
    expect((await open(linksIn(first)[0])).status).toBe(200);
    expect((await hub.choose(linksIn(first)[0] ?? '', NEW)).status).toBe(200);
    expect((await open(linksIn(second)[0])).status).toBe(404);
  });

  it('is bounded in a day', async () => {
    const user = await person();
    const ctx = await administrator();
    for (let i = 0; i < 5; i++) await inviteUser(ctx, user);
    expect((await refusalOf(() => inviteUser(ctx, user))).code).toBe('throttled');
  });

  it('that is revoked opens nothing', async () => {
    const user = await person();
    const ctx = await administrator();
    await inviteUser(ctx, user);
    const [mail] = await listMails(1);
    await revokeInvitation(ctx, user);
    expect((await open(linksIn(mail)[0])).status).toBe(404);
    expect((await stateOf(user.userId))?.state).toBe('none');
  });

  it('shows that it has expired or did not arrive', async () => {
    const user = await person();
    const { mailId } = await inviteUser(await administrator(), user);
    await query("update mails set state = 'bounced', last_error = '550 no such user' where id = $1", [mailId]);
    expect(await stateOf(user.userId)).toMatchObject({
      state: 'bounced',
      mail: { state: 'bounced', error: '550 no such user' },
    });
    await query("update links set expires_at = created_at - interval '1 second' where user_id = $1", [user.userId]);
    expect((await stateOf(user.userId))?.state).toBe('expired');
  });

  it('leaves neither link nor mail where it is refused', async () => {
    const user = await person({ email: 'no address' });
    expect((await refusalOf(async () => inviteUser(await administrator(), user))).code).toBe('invalid_input');
    expect(await query('select 1 from links where user_id = $1', [user.userId])).toEqual([]);
  });

  it('is not for somebody who has a password, is deactivated, or is no person', async () => {
    const ctx = ctxOf(company);
    const [ready, gone, service] = [
      await person({ password: undefined as never }),
      await person(),
      await person({ kind: 'service' }),
    ];
    await query('update users set active = false where id = $1', [gone.userId]);
    expect((await refusalOf(() => inviteUser(ctx, ready))).code).toBe('conflict');
    expect((await refusalOf(() => inviteUser(ctx, gone))).code).toBe('invalid_input');
    expect((await refusalOf(() => inviteUser(ctx, service))).code).toBe('invalid_input');
  });

  it('is not sent by somebody who administers nobody, nor from another organization', async () => {
    const user = await person();
    const plain = await person();
    expect((await refusalOf(() => inviteUser(userCtx(company, plain.userId, 'x'), user))).code).toBe('not_permitted');
    const other = await addOrganization('Elders');
    expect((await refusalOf(() => inviteUser(ctxOf(other), user))).code).toBe('not_found');
  });

  it('to an administrator needs the rank for it', async () => {
    const ctx = await administrator();
    const target = await person();
    await giveAdministrationRight(ctxOf(company), {
      subject: { kind: 'user', id: target.userId },
      name: 'manage_users',
    });
    expect((await refusalOf(() => inviteUser(ctx, target))).code).toBe('rank_too_low');
  });

  it('can be copied to hand over, and then confirms no address', async () => {
    const user = await person();
    const { path } = await copyInvitation(await administrator('chief_administrator'), user);
    expect((await hub.choose(path, NEW)).status).toBe(200);
    const [row] = await query<{ trusted_email_key: string | null }>(
      'select trusted_email_key from users where id = $1',
      [user.userId],
    );
    expect(row?.trusted_email_key).toBeNull();
  });
});

describe('a recovery link from an administrator', () => {
  it('goes to the person, also where he may not recover himself', async () => {
    const user = await person({ password: undefined as never });
    await setRecoveryRight(ctxOf(company), { userId: user.userId, allowed: false });
    await sendRecoveryLink(await administrator(), user);
    const [mail] = await listMails(1);
    expect(mail).toMatchObject({ kind: 'recovery' });
    expect(mail?.text).toContain('Bert Claes');
    expect((await hub.choose(linksIn(mail)[0] ?? '', NEW)).status).toBe(200);
  });
});

describe('the right to recover', () => {
  const may = async (userId: string) => (await mayRecover(ctxOf(company), [userId])).has(userId);

  it('is everybody’s until it is taken, and the last word counts', async () => {
    const { userId } = await person();
    expect(await may(userId)).toBe(true);
    for (const allowed of [false, true, false, false, true]) {
      expect(await setRecoveryRight(ctxOf(company), { userId, allowed })).toBe(allowed);
      expect(await may(userId)).toBe(allowed);
    }
  });

  it('is a chief administrator’s in any case', async () => {
    const chief = await person();
    await giveAdministrationRight(ctxOf(company), {
      subject: { kind: 'user', id: chief.userId },
      name: 'chief_administrator',
    });
    expect(await setRecoveryRight(ctxOf(company), { userId: chief.userId, allowed: false })).toBe(true);
  });

  it('is not given by an administrator who lost it, nor by a user to himself', async () => {
    const ctx = await administrator();
    const { userId } = await person();
    await setRecoveryRight(ctx, { userId, allowed: false });
    expect(
      (await refusalOf(() => setRecoveryRight(userCtx(company, userId, 'self'), { userId, allowed: true }))).code,
    ).toBe('not_permitted');
    await setRecoveryRight(ctxOf(company), { userId: ctx.actor.id, allowed: false });
    expect((await refusalOf(() => setRecoveryRight(ctx, { userId, allowed: true }))).code).toBe('grantor_lacks_right');
  });
});

/** The mails about him, newest first. */
async function mailsTo({ userId }: { userId: string }) {
  const ids = await query<{ id: string }>('select id from mails where user_id = $1', [userId]);
  return (await listMails(1000)).filter((mail) => ids.some(({ id }) => id === mail.id));
}

describe('the reminder of an invitation', () => {
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);
  const reminders = async (user: { userId: string }) =>
    (await mailsTo(user)).filter(({ kind }) => kind === 'invitation_reminder');
  const remind = (days: number) => remindInvitees(inDays(days), silent);

  it('goes out once, two days before the end, in the inviter’s name and with a link that works', async () => {
    const user = await person();
    await inviteUser(await administrator(), user);
    const [first] = await mailsTo(user);
    await remind(4);
    expect(await reminders(user)).toHaveLength(0);
    for (const day of [5.5, 5.6, 11]) await remind(day);
    const [mail, ...others] = await reminders(user);
    expect(others).toEqual([]);
    expect(mail?.text).toContain('Bert Claes');
    expect((await open(linksIn(first)[0])).status).toBe(200);
    expect((await hub.choose(linksIn(mail)[0] ?? '', NEW)).status).toBe(200);
  });

  it('is not for who has a password, was revoked or deactivated, nor where the organization does not want it', async () => {
    const ctx = await administrator();
    const [ready, revoked, gone, quiet] = [await person(), await person(), await person(), await person()];
    for (const user of [ready, revoked, gone]) await inviteUser(ctx, user);
    await hub.choose(linksIn((await mailsTo(ready))[0])[0] ?? '', NEW);
    await revokeInvitation(ctx, revoked);
    await query('update users set active = false where id = $1', [gone.userId]);
    await remind(6);
    for (const user of [ready, revoked, gone]) expect(await reminders(user)).toEqual([]);
    const wanted = (days: number) =>
      query('update organizations set settings = $2 where id = $1', [company, { invitation_reminder_days: days }]);
    await wanted(0);
    await inviteUser(ctx, quiet);
    await remind(6.5);
    expect(await reminders(quiet)).toEqual([]);
    await wanted(6);
    await remind(2);
    expect(await reminders(quiet)).toHaveLength(1);
  });
});

describe('an invitation that has expired', () => {
  const expire = (userId: string) =>
    query("update links set expires_at = now() - interval '1 minute' where user_id = $1", [userId]);
  async function askFor(path: string) {
    const visitor = hub.visitor();
    const page = await visitor.get(path).redirects(1);
    const asked = await visitor
      .post('/welcome/ask')
      .type('form')
      .send({ csrf: hub.formToken(page.text) });
    return { page, asked };
  }

  it('says so when it is opened, and a click sends a new one to the address that is surely his', async () => {
    const user = await person();
    await inviteUser(await administrator(), user);
    const [old] = await mailsTo(user);
    await expire(user.userId);
    const { page, asked } = await askFor(linksIn(old)[0] ?? '');
    expect(page.status).toBe(410);
    expect(page.text).not.toContain('name="new_password"');
    expect(page.text).toContain('Ask for a new invitation');
    expect(asked.status).toBe(200);
    const [mail] = await mailsTo(user);
    expect(mail?.id).not.toBe(old?.id);
    expect(mail?.kind).toBe('invitation_reminder');
    expect((await hub.choose(linksIn(mail)[0] ?? '', NEW)).status).toBe(200);
  });

  it('that was copied asks the inviter', async () => {
    const user = await person();
    const ctx = await administrator('chief_administrator');
    await query(
      `update users set document = document || '{"emails": [{"value": "chief@noordzee.example"}]}' where id = $1`,
      [ctx.actor.id],
    );
    const { path } = await copyInvitation(ctx, user);
    await expire(user.userId);
    const { asked } = await askFor(path);
    expect(asked.status).toBe(200);
    const asking = () => mailsTo({ userId: ctx.actor.id });
    const [mail] = await asking();
    expect(mail).toMatchObject({ kind: 'invitation_asked', to: 'chief@noordzee.example' });
    expect(mail?.text).toContain(`/portal/users/${user.userId}`);
    expect(await asking()).toHaveLength(1);
  });

  it('that nobody in particular made asks those who administer, also by a group within a group', async () => {
    const [user, helper] = [await person(), await person({ password: undefined as never })];
    const team = await createGroup(ctxOf(company), { displayName: 'Team' }, [helper.userId]);
    const desk = await createGroup(ctxOf(company), { displayName: 'Desk' }, [team.id]);
    await giveAdministrationRight(ctxOf(company), { subject: { kind: 'group', id: desk.id }, name: 'manage_users' });
    const { path } = await copyInvitation(ctxOf(company), user);
    await expire(user.userId);
    await askFor(path);
    expect(await mailsTo(helper)).toMatchObject([{ kind: 'invitation_asked' }]);
  });

  it('and was used leads to recovery, whoever opens it', async () => {
    const user = await person();
    await inviteUser(await administrator(), user);
    const path = linksIn((await mailsTo(user))[0])[0] ?? '';
    await hub.choose(path, NEW);
    const page = await open(path);
    expect(page.status).toBe(410);
    expect(page.text).toContain('href="/recover"');
  });
});

describe('two links in two tabs of one browser', () => {
  it('are never mixed up: the first tab says so and saves nothing, and then goes on for the link opened last', async () => {
    const ctx = await administrator();
    const [first, second] = [await person(), await person()];
    const paths: string[] = [];
    for (const user of [first, second]) {
      await inviteUser(ctx, user);
      paths.push(linksIn((await mailsTo(user))[0])[0] ?? '');
    }
    const visitor = hub.visitor();
    const [tab, other] = [
      await visitor.get(paths[0] ?? '').redirects(1),
      await visitor.get(paths[1] ?? '').redirects(1),
    ];
    expect(tab.text).toContain(first.userName);
    const refused = await visitor.post('/welcome').type('form').send(hub.choice(tab.text, NEW));
    expect(refused.status).toBe(422);
    expect(refused.text).toContain(
      `Another link was opened in this browser meanwhile, so nothing was saved. This page is now for ${second.userName}.`,
    );
    const passwords = () =>
      query('select user_id from passwords where user_id = any($1)', [[first.userId, second.userId]]);
    expect(await passwords()).toEqual([]);
    expect((await visitor.post('/welcome').type('form').send(hub.choice(other.text, NEW))).status).toBe(200);
    expect(await passwords()).toEqual([{ user_id: second.userId }]);
    expect((await hub.choose(paths[0] ?? '', NEW)).status).toBe(200);
  });

  it('say which rules are met by what was typed, when only its repetition was wrong', async () => {
    const user = await person();
    await inviteUser(await administrator(), user);
    const visitor = hub.visitor();
    const form = await visitor.get(linksIn((await mailsTo(user))[0])[0] ?? '').redirects(1);
    const typed = { ...hub.choice(form.text, 'short'), confirm_password: 'other' };
    const refused = await visitor.post('/welcome').type('form').send(typed);
    expect(refused.text).toContain('The two passwords are not the same.');
    expect(refused.text).toMatch(/data-rule="minimum_length" class="unmet"/);
  });
});

describe('a mail scanner', () => {
  it('opens links to passwords five times with GET and HEAD, and the person’s own post still works, once', async () => {
    const user = await person();
    const ctx = await administrator();
    await inviteUser(ctx, user);
    for (const kind of ['welcome', 'new-password']) {
      if (kind === 'new-password') await sendRecoveryLink({ ...ctx, now: new Date() }, user);
      const path = linksIn((await mailsTo(user))[0])[0] ?? '';
      expect(path).toContain(`/${kind}/`);
      const scanner = hub.visitor();
      for (let n = 0; n < 5; n++) {
        expect((await scanner.get(path).redirects(1)).status).toBe(200);
        expect((await scanner.head(path)).status).toBe(303);
      }
      const visitor = hub.visitor();
      const form = await visitor.get(path).redirects(1);
      const chosen = `${NEW} ${kind}`;
      const press = () => visitor.post(`/${kind}`).type('form').send(hub.choice(form.text, chosen));
      expect((await press()).status).toBe(200);
      const second = await press();
      expect(second.text).toContain('already been used');
      expect(second.status).toBe(410);
    }
  });
});
