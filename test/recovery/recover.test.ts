import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LANGUAGES } from '../../src/applications/application.ts';
import { setRecoveryRight } from '../../src/credentials/recovery-right.ts';
import { verifySignIn } from '../../src/credentials/verify-sign-in.ts';
import { query } from '../../src/database/query.ts';
import { listMails } from '../../src/mail/list-mails.ts';
import { giveAdministrationRight } from '../../src/entitlements/give-administration-right.ts';
import { addOrganization, addUser, systemCtx, type NewTestUser } from '../oidc/hub.ts';
import { createConnection, endConnection } from '../../src/provisioning/connection.ts';
import { changeUser } from '../../src/users/change-user.ts';
import { createUser } from '../../src/users/create-user.ts';
import { closeTestDatabase } from '../support/database.ts';
import { ctxOf } from '../mail/mail-hub.ts';
import { linksIn, openRecoveryHub } from './recovery-hub.ts';

const NEW = 'lighthouse keepers count waves';
let hub: Awaited<ReturnType<typeof openRecoveryHub>>;
let organizationId: string;
let numbered = 0;

beforeAll(async () => {
  hub = await openRecoveryHub();
  organizationId = await addOrganization('Noordzee Media');
});
afterAll(closeTestDatabase);

/** A person with an address of his own. */
async function person(input: NewTestUser = {}, organization = organizationId) {
  const email = input.email ?? `person.${++numbered}@noordzee.example`;
  return { ...(await addUser(organization, { ...input, email })), email };
}
const deactivate = (userId: string) => query('update users set active = false where id = $1', [userId]);
const tokenOf = (path: string | undefined) => path?.split('/').at(-1);

describe('a request of recovery', () => {
  it('is carried out by the job that it queued', async () => {
    const user = await person();
    await hub.recoverByQueue(user.userName);
    expect((await listMails(1))[0]).toMatchObject({ kind: 'recovery', to: user.email });
  });
});

describe('the page for a forgotten username or password', () => {
  it.each(LANGUAGES)('speaks %s, proves its form and has one field', async (language) => {
    const page = await hub.visitor(language).get('/recover');
    expect(page.status).toBe(200);
    expect(page.text).toContain(`<html lang="${language}"`);
    expect(page.text.match(/<input(?![^>]*type="hidden")/g)).toHaveLength(1);
    expect(page.text).not.toContain('recovery:');
    const sent = await hub.visitor(language).get('/recover/sent');
    expect(sent.text).toContain(`<html lang="${language}"`);
    expect(sent.text).not.toContain('recovery:');
  });

  it('asks again for an empty field, and refuses a foreign form', async () => {
    expect((await hub.post('   ')).status).toBe(422);
    const forged = await hub.visitor().post('/recover').type('form').send({ identifier: 'anke', csrf: 'x' });
    expect(forged.status).toBe(403);
  });

  it('answers a known, an unknown, a deactivated and a mistyped name alike, to the byte', async () => {
    const [known, gone] = [await person(), await person()];
    await deactivate(gone.userId);
    const names = [
      known.userName,
      known.email,
      gone.email,
      'nobody.at.all',
      'x'.repeat(5000),
      '"><script>',
      `${known.email}\r\nBcc: a@b.example`,
    ];
    const answers = [];
    for (const name of names) {
      const visitor = hub.visitor();
      const answer = await hub.post(name, visitor);
      const page = await visitor.get(String(answer.headers['location']));
      answers.push([answer.status, answer.headers['location'], answer.text, page.status, page.text]);
    }
    expect(answers[0]?.slice(0, 2)).toEqual([303, '/recover/sent']);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    const mails = await hub.recover(known.userName);
    expect(mails).toHaveLength(1);
    expect((await listMails(1000)).map(({ to }) => to)).not.toContain(gone.email);
  });

  it('keeps nothing of what was typed in clear', async () => {
    await hub.recover('somebodys secret typed here');
    const rows = await query<{ data: string }>("select data::text from jobs.job where name = 'recover-access'");
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter(({ data }) => data.includes('secret'))).toEqual([]);
    expect(JSON.stringify(await query('select encode(bucket, $1) from sign_in_throttles', ['escape']))).not.toContain(
      'secret',
    );
  });
});

describe('the mail', () => {
  it('holds the username and a link that sets a new password, ends the others, and does not sign in', async () => {
    const user = await person();
    const [mail, ...others] = await hub.recover(user.email.toUpperCase());
    expect(others).toEqual([]);
    expect(mail).toMatchObject({ kind: 'recovery', to: user.email, language: 'nl' });
    expect(mail?.text).toContain(user.userName);
    const [link = ''] = linksIn(mail);
    const [second] = await hub.recover(user.userName);
    const visitor = hub.visitor();
    expect((await hub.choose(link, 'short', visitor)).status).toBe(422);
    const done = await hub.choose(link, NEW, visitor);
    expect(done.status).toBe(200);
    expect(done.headers['set-cookie']).not.toContain('session');
    const outcome = await verifySignIn(systemCtx(), { name: user.userName, password: NEW, address: '203.0.113.1' });
    expect(outcome.persons[0].userId).toBe(user.userId);
    // Used once, and the other link died with it.
    expect((await hub.visitor().get(link).redirects(1)).status).toBe(410);
    expect(
      (
        await hub
          .visitor()
          .get(linksIn(second)[0] ?? '')
          .redirects(1)
      ).status,
    ).toBe(404);
    const [notice] = await listMails(1);
    expect(notice).toMatchObject({ kind: 'password_changed', to: user.email });
    expect(notice && linksIn(notice)).toEqual([]);
  });

  it('ends every session and token that the person had', async () => {
    const user = await person();
    const [mail] = await hub.recover(user.userName);
    const [before] = await query<{ at: Date }>('select clock_timestamp() as at');
    await query(
      "insert into oidc_artefacts (model, id_hash, payload, organization_id, user_id) values ('Session', $1, '{}', $2, $3)",
      [Buffer.from(user.userId), organizationId, user.userId],
    );
    await hub.choose(linksIn(mail)[0] ?? '', NEW);
    expect(await query('select 1 from oidc_artefacts where user_id = $1', [user.userId])).toEqual([]);
    const [row] = await query<{ later: boolean }>('select tokens_valid_from >= $2 as later from users where id = $1', [
      user.userId,
      before?.at,
    ]);
    expect(row?.later).toBe(true);
  });

  it('speaks the language stored with the person, whatever the page spoke; else that of the page', async () => {
    const stored = await person();
    expect((await hub.recover(stored.userName, hub.visitor('de')))[0]?.language).toBe('nl');
    const open = await person();
    await query("update users set document = document - 'preferredLanguage' where id = $1", [open.userId]);
    expect((await hub.recover(open.userName, hub.visitor('de')))[0]?.language).toBe('de');
  });

  it('lists every username of one address, each with its own link, over all organizations', async () => {
    const elsewhere = await addOrganization('Elders');
    const email = 'depot@noordzee.example';
    const users = [
      await person({ email, userName: 'depot.one' }),
      await person({ email, userName: 'depot.two' }),
      await person({ email, userName: 'depot.three' }, elsewhere),
    ];
    const mails = await hub.recover(email);
    expect(mails).toHaveLength(1);
    const links = linksIn(mails[0]);
    expect(new Set(links.map(tokenOf)).size).toBe(3);
    for (const { userName } of users) expect(mails[0]?.text).toContain(userName);
    // Each link is for its own user: one leaves the others alive.
    await hub.choose(links[0] ?? '', NEW);
    expect(
      (
        await hub
          .visitor()
          .get(links[1] ?? '')
          .redirects(1)
      ).status,
    ).toBe(200);
    const owners = await query<{ organization_id: string; user_id: string | null }>(
      'select organization_id, user_id from mails where id = $1',
      [mails[0]?.id],
    );
    expect(owners[0]).toMatchObject({ user_id: null });
    expect([organizationId, elsewhere]).not.toContain(owners[0]?.organization_id);
  });

  it('names ten of more, and says so', async () => {
    const email = 'shared@noordzee.example';
    for (let i = 0; i < 12; i++) await person({ email, password: null });
    const [mail] = await hub.recover(email);
    expect(linksIn(mail)).toHaveLength(10);
    expect(mail?.text).toContain('nog meer gebruikersnamen');
  });

  it('goes to whom a directory wrote with spaces around his names, and the link confirms his address', async () => {
    const [userName, email] = [`padded.${++numbered}`, `padded.${numbered}@noordzee.example`];
    const document = { userName: ` ${userName}`, emails: [{ value: `${email}\u00a0`, type: 'work', primary: true }] };
    const { id } = await createUser(ctxOf(organizationId), { document });
    for (const name of [email, userName]) {
      const [mail] = await hub.recover(name);
      expect(mail?.to).toBe(email);
      await hub.choose(linksIn(mail)[0] ?? '', name === email ? NEW : `${NEW} again`);
    }
    const attempt = { name: email, password: `${NEW} again`, address: '192.0.2.77' };
    expect((await verifySignIn(systemCtx(), attempt)).persons).toMatchObject([{ userId: id }]);
    const [row] = await query<{ trusted: boolean }>(
      'select trusted_email_key = email_key as trusted from users where id = $1',
      [id],
    );
    expect(row?.trusted).toBe(true);
  });

  it('goes to each address of a username that several people have', async () => {
    const elsewhere = await addOrganization('Elders twee');
    const here = await person({ userName: 'same.name' });
    const there = await person({ userName: 'same.name' }, elsewhere);
    const mails = await hub.recover('Same.Name');
    expect(mails.map(({ to }) => to).toSorted()).toEqual([here.email, there.email].toSorted());
    for (const mail of mails) expect(linksIn(mail)).toHaveLength(1);
  });

  it('goes to nobody’s address that only folds to the same: each has the links of its own', async () => {
    const elsewhere = await addOrganization('Elders drie');
    const victim = await person({ email: 'anke@παπάς.example' });
    const other = await person({ email: 'anke@παπάσ.example' }, elsewhere);
    await query('update users set last_sign_in_at = now() where id = $1', [other.userId]);
    const mails = await hub.recover(victim.email);
    expect(mails.map(({ to }) => to).toSorted()).toEqual([victim.email, other.email].toSorted());
    for (const { to, text } of mails) {
      expect(text.includes(victim.userName)).toBe(to === victim.email);
      expect(text.includes(other.userName)).toBe(to === other.email);
    }
  });

  it('is not sent for the deactivated, the deleted, service users and suspended organizations', async () => {
    const closed = await addOrganization('Gesloten');
    const [gone, service, suspended] = [await person(), await person({ kind: 'service' }), await person({}, closed)];
    await deactivate(gone.userId);
    await query("update organizations set state = 'suspended' where id = $1", [closed]);
    for (const { email, userName } of [gone, service, suspended]) {
      expect(await hub.recover(email)).toEqual([]);
      expect(await hub.recover(userName)).toEqual([]);
    }
  });

  it('lets somebody without a password choose his first', async () => {
    const user = await person({ password: null });
    const [mail] = await hub.recover(user.userName);
    expect(linksIn(mail)[0]).toMatch(/^\/welcome\//);
    expect((await hub.choose(linksIn(mail)[0] ?? '', NEW)).status).toBe(200);
  });

  it('is written into the audit of the person', async () => {
    const user = await person();
    await hub.recover(user.userName);
    const rows = await query("select 1 from audit_events where target_id = $1 and action = 'password.recovery_sent'", [
      user.userId,
    ]);
    expect(rows).toHaveLength(1);
  });
});

describe('without the right to recover', () => {
  it('the mail names the administrators and holds no link', async () => {
    const company = await addOrganization('Zuidzee');
    const chief = await person({}, company);
    await query('update users set document = document || \'{"displayName": "Bert Claes"}\' where id = $1', [
      chief.userId,
    ]);
    await giveAdministrationRight(ctxOf(company), {
      subject: { kind: 'user', id: chief.userId },
      name: 'chief_administrator',
    });
    const user = await person({}, company);
    expect(await setRecoveryRight(ctxOf(company), { userId: user.userId, allowed: false })).toBe(false);
    const [mail, ...others] = await hub.recover(user.userName);
    expect(others).toEqual([]);
    expect(mail).toMatchObject({ kind: 'recovery_without_right', to: user.email });
    expect(mail?.text).toContain(`Bert Claes, ${chief.email}`);
    expect(linksIn(mail)).toEqual([]);
    await setRecoveryRight(ctxOf(company), { userId: user.userId, allowed: true });
    expect((await hub.recover(user.userName))[0]?.kind).toBe('recovery');
  });

  it('one mail to a shared mailbox holds the links that may be, and who helps with the others', async () => {
    const email = 'mixed@noordzee.example';
    const [may, mayNot] = [await person({ email }), await person({ email })];
    await setRecoveryRight(ctxOf(organizationId), { userId: mayNot.userId, allowed: false });
    const mails = await hub.recover(email);
    expect(mails).toHaveLength(1);
    expect(linksIn(mails[0])).toHaveLength(1);
    expect(mails[0]?.text).toContain(may.userName);
    expect(mails[0]?.text).toContain(mayNot.userName);
  });

  it('a link sent before is void', async () => {
    const user = await person();
    const [mail] = await hub.recover(user.userName);
    await setRecoveryRight(ctxOf(organizationId), { userId: user.userId, allowed: false });
    expect(
      (
        await hub
          .visitor()
          .get(linksIn(mail)[0] ?? '')
          .redirects(1)
      ).status,
    ).toBe(404);
  });
});

describe('an address that a directory wrote', () => {
  const own = async (userId: string) => {
    await query('update users set connection_id = $2 where id = $1', [userId, '01890000-0000-7000-8000-000000000001']);
  };
  const moveTo = async (userId: string, email: string) => {
    await query(
      "update users set email_key = $2, document = jsonb_set(document, '{emails,0,value}', to_jsonb($2::text)) where id = $1",
      [userId, email],
    );
    await query('update sign_in_names set name_key = $2 where user_id = $1 and name_key like $3', [
      userId,
      email,
      '%@%',
    ]);
  };

  it('gets a first link, and is trusted once the person has used it', async () => {
    const user = await person({ password: null });
    await own(user.userId);
    const [first] = await hub.recover(user.email);
    await hub.choose(linksIn(first)[0] ?? '', NEW);
    expect(linksIn((await hub.recover(user.email))[0])).toHaveLength(1);
  });

  it('gets no link after a change: the administrators are named instead', async () => {
    const user = await person({ password: null });
    await own(user.userId);
    await hub.choose(linksIn((await hub.recover(user.email))[0])[0] ?? '', NEW);
    await moveTo(user.userId, 'taken.over@evil.example');
    const [mail] = await hub.recover(user.userName);
    expect(mail).toMatchObject({ to: 'taken.over@evil.example', kind: 'recovery_without_right' });
    expect(linksIn(mail)).toEqual([]);
  });

  it('gets no link while somebody has a password and nobody confirmed the address', async () => {
    const user = await person();
    await own(user.userId);
    expect((await hub.recover(user.userName))[0]?.kind).toBe('recovery_without_right');
  });

  /** A person whom a directory made, without an address, and the directory. */
  async function provisioned(userName = `provisioned.${++numbered}`) {
    const connection = await createConnection(ctxOf(organizationId), { name: 'Entra ID' });
    const actor = { kind: 'connection' as const, id: connection.id, organizationId, label: connection.name };
    const ctx = { ...ctxOf(organizationId), actor };
    const { id } = await createUser(ctx, { document: { userName, preferredLanguage: 'en' } });
    /** Null: takes it away. */
    const write = (value: string | null) =>
      changeUser(ctx, id, ({ emails: _emails, ...rest }) =>
        value === null ? rest : { ...rest, emails: [{ value, type: 'work', primary: true }] },
      );
    return { userName, connection, write };
  }

  it('over another one gets no link even before there is a password; a first one does', async () => {
    const { userName, write } = await provisioned();
    await write(`first.${numbered}@noordzee.example`);
    expect((await hub.recover(userName))[0]?.kind).toBe('recovery');
    await write(`second.${numbered}@evil.example`);
    const [mail] = await hub.recover(userName);
    expect(mail).toMatchObject({ to: `second.${numbered}@evil.example`, kind: 'recovery_without_right' });
    expect(linksIn(mail)).toEqual([]);
  });

  it.each([
    ['another', () => `provisioned.${++numbered}`],
    ['the same as the username', () => `provisioned.${++numbered}@noordzee.example`],
  ])('after it took one away gets no link either, where that was %s', async (_which, name) => {
    const { userName, write } = await provisioned(name());
    await write(userName.includes('@') ? userName : `${userName}@noordzee.example`);
    await write(null);
    await write(`later.${numbered}@evil.example`);
    const [mail] = await hub.recover(userName);
    expect(mail).toMatchObject({ to: `later.${numbered}@evil.example`, kind: 'recovery_without_right' });
  });

  it('over another one gets no link either when the directory has been disconnected', async () => {
    const { userName, connection, write } = await provisioned();
    await write(`first.${numbered}@noordzee.example`);
    await write(`second.${numbered}@evil.example`);
    await endConnection({ ...ctxOf(organizationId), actor: { kind: 'operator', id: 'x', label: 'x' } }, connection.id);
    expect((await hub.recover(userName))[0]?.kind).toBe('recovery_without_right');
  });

  it('is not confirmed by a link that was sent to the address before', async () => {
    const user = await person({ password: null });
    await own(user.userId);
    const [mail] = await hub.recover(user.email);
    await moveTo(user.userId, 'later@evil.example');
    await hub.choose(linksIn(mail)[0] ?? '', NEW);
    expect((await hub.recover(user.userName))[0]?.kind).toBe('recovery_without_right');
  });
});

describe('flooding', () => {
  it('sends a person no more links than can live at once, kills none, and answers the same', async () => {
    const user = await person();
    const [first] = await hub.recover(user.userName);
    await hub.recover(user.email);
    await hub.recover(user.userName);
    expect(await hub.recover(user.email)).toEqual([]);
    expect(
      (
        await hub
          .visitor()
          .get(linksIn(first)[0] ?? '')
          .redirects(1)
      ).status,
    ).toBe(200);
  });

  it('drops what one name or one network asks too often, in silence', async () => {
    const queued = async () =>
      (await query<{ n: number }>("select count(*)::int as n from jobs.job where name = 'recover-access'"))[0]?.n ?? 0;
    const before = await queued();
    for (let i = 0; i < 7; i++) expect((await hub.post('flooded.name')).status).toBe(303);
    expect(await queued()).toBe(before + 5);
    const visitor = hub.visitor();
    for (let i = 0; i < 64; i++)
      expect((await hub.post(`name.${i}`, visitor)).headers['location']).toBe('/recover/sent');
    expect(await queued()).toBe(before + 5 + 60);
  });
});
