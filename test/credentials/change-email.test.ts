// The e-mail address, on which recovery hangs: changed by the person, by an administrator, and back again.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { query } from '../../src/database/query.ts';
import { ADDRESS_COLUMNS, isTrustedAddress } from '../../src/credentials/trusted-address.ts';
import { listMails, type KeptMail } from '../../src/mail/list-mails.ts';
import { mailedLinksRouter } from '../../src/oidc/mailed-links.ts';
import type { OidcSettings } from '../../src/oidc/oidc-settings.ts';
import { createConnection } from '../../src/provisioning/connection.ts';
import { handOverUsers } from '../../src/provisioning/hand-over.ts';
import { changeUser } from '../../src/users/change-user.ts';
import { detailsOf, withDetails } from '../../src/users/person-details.ts';
import { restartMail } from '../mail/mail-hub.ts';
import { addUser, PASSWORD, type TestUser } from '../oidc/hub.ts';
import { Browser, type Page } from '../oidc/browser.ts';
import { anOrganization, type Organization } from '../giving/world.ts';
import { openPortal, post, signedIn, textOf, type PortalHub } from '../portal/portal-hub.ts';

let hub: PortalHub;
let organization: Organization;
let numbered = 0;

beforeAll(async () => {
  hub = await openPortal({
    extend: (app, { site, render, log }) => {
      const settings = { site, render, log, publicUrl: site.publicUrl, recoverHref: '/recover' } as OidcSettings;
      app.use(mailedLinksRouter(settings));
    },
  });
  await restartMail({ PUBLIC_URL: hub.origin, DEFAULT_LANGUAGE: 'en' });
  organization = await anOrganization();
});
afterAll(() => hub.stop());

type Person = TestUser & { email: string; next: string };
async function person(): Promise<Person> {
  numbered += 1;
  const email = `mover.${numbered}@noordzee.example`;
  return { ...(await addUser(organization.id, { email })), email, next: `moved.${numbered}@zuidzee.example` };
}
const FORM = '/portal/details/email';
const mailsTo = async (address: string, kind: string): Promise<KeptMail[]> =>
  (await listMails(500)).filter((mail) => mail.to === address && mail.kind === kind);
const pathIn = (mail: KeptMail | undefined) => /http:\/\/localhost:\d+(\/\S+)/.exec(mail?.text ?? '')?.[1] ?? '';
const emailOf = async ({ userId }: TestUser) =>
  (
    await query<{ email: string; trusted: string | null; names: string[] }>(
      `select u.document #>> '{emails,0,value}' as email, u.trusted_email_key as trusted,
         array(select name_key from sign_in_names n where n.user_id = u.id order by 1) as names from users u where u.id = $1`,
      [userId],
    )
  )[0];

async function ask(user: Person, fields: Record<string, string> = {}): Promise<{ browser: Browser; page: Page }> {
  const browser = await signedIn(hub, organization.id, user.userId);
  const page = await post(browser, await browser.open(FORM), FORM, {
    email: user.next,
    current_password: PASSWORD,
    ...fields,
  });
  return { browser, page };
}
/** Opens the link in a browser of its own and presses the button. */
async function use(path: string) {
  const browser = new Browser(hub.origin);
  browser.setCookie('language', 'en');
  const page = await browser.open(path);
  return { browser, page, press: () => browser.submit(page) };
}

describe('a person who changes his own address', () => {
  it('keeps the present one until he has used the link that went to the new one', async () => {
    const user = await person();
    const { browser, page } = await ask(user);
    expect(textOf(page)).toContain('A link is on its way to the new address.');
    expect(await emailOf(user)).toMatchObject({ email: user.email });
    expect(textOf(await browser.open('/portal/details'))).toContain(`We sent a link to ${user.next}`);

    const { page: opened, press } = await use(pathIn((await mailsTo(user.next, 'email_change_confirm'))[0]));
    expect(opened.url.pathname).toBe('/confirm-email');
    expect(textOf(opened)).toContain(user.next);
    expect((await press()).status).toBe(200);
    expect(await emailOf(user)).toEqual({
      email: user.next,
      trusted: user.next,
      names: expect.arrayContaining([user.next, user.userName]),
    });
    const twice = await press();
    expect([twice.status, textOf(twice)]).toEqual([410, expect.stringContaining('already been used')]);
    expect(textOf(await browser.open(FORM))).not.toContain('waits to be confirmed');
    const told = textOf(await browser.open('/portal/security'));
    expect(told).toContain('asked to change the e-mail address');
    expect(told).toContain('confirmed the new e-mail address');
  });

  it('does not confirm another address from a tab in which an earlier link stands', async () => {
    const [first, second] = [await person(), await person()];
    for (const one of [first, second]) await ask(one);
    const [one, other] = [first, second].map(async ({ next }) =>
      pathIn((await mailsTo(next, 'email_change_confirm'))[0]),
    );
    const { browser, page, press } = await use((await one) ?? '');
    const later = await browser.open((await other) ?? '');
    expect([textOf(page).includes(first.next), textOf(later).includes(second.next)]).toEqual([true, true]);
    const refused = await press();
    expect([refused.status, textOf(refused)]).toEqual([422, expect.stringContaining('Another link was opened')]);
    expect(textOf(refused)).toContain(second.next);
    expect([await emailOf(first), await emailOf(second)]).toMatchObject([
      { email: first.email },
      { email: second.email },
    ]);
    expect((await browser.submit(refused)).status).toBe(200);
    expect(await emailOf(second)).toMatchObject({ email: second.next });
  });

  it('types his password, and cannot guess it there', async () => {
    const user = await person();
    for (let n = 0; n < 6; n++)
      expect((await ask(user, { current_password: 'not the password' })).page.status).toBe(422);
    expect((await ask(user)).page.status).toBe(429);
    expect(await mailsTo(user.next, 'email_change_confirm')).toEqual([]);
  });

  it.each([
    ['', 'Enter the new e-mail address.'],
    ['nobody', 'This is not an e-mail address.'],
    ['a@b.example, c@d.example', 'This is not an e-mail address.'],
  ])('is told what is wrong with "%s", and keeps what he typed', async (email, words) => {
    const { page } = await ask(await person(), { email });
    expect(page.status).toBe(422);
    expect(textOf(page)).toContain(words);
    expect(page.html).toContain(`value="${email}"`);
  });

  it('is told that it is his address already, whatever the case', async () => {
    const user = await person();
    expect(textOf((await ask(user, { email: user.email.toUpperCase() })).page)).toContain(
      'your e-mail address already',
    );
  });

  it('can have the link sent again, or take the change back, and then the link is worth nothing', async () => {
    const user = await person();
    const { browser } = await ask(user);
    const page = await browser.open(FORM);
    expect(textOf(await post(browser, page, FORM, { act: 'resend' }))).toContain('sent again');
    const [second, first] = await mailsTo(user.next, 'email_change_confirm');
    expect((await use(pathIn(first))).page.status).toBe(200);
    expect(textOf(await post(browser, page, FORM, { act: 'cancel' }))).toContain('stays as it is');
    for (const mail of [first, second]) expect((await use(pathIn(mail))).page.status).toBe(404);
    expect(await emailOf(user)).toMatchObject({ email: user.email });
  });

  it('is sent to the directory where one manages him', async () => {
    const user = await person();
    const { id } = await createConnection(organization.operator, { name: 'Entra ID' });
    await query('update users set connection_id = $2 where id = $1', [user.userId, id]);
    const browser = await signedIn(hub, organization.id, user.userId);
    const page = await browser.open(FORM);
    expect(page.html).not.toContain('name="current_password"');
    const refused = await post(browser, page, FORM, { email: user.next, current_password: PASSWORD });
    expect(refused.status).toBe(403);
  });
});

describe('the former address', () => {
  const notice = async (user: Person) => pathIn((await mailsTo(user.email, 'email_change_notice'))[0]);

  it('hears of it at once, and can keep its place', async () => {
    const user = await person();
    await ask(user);
    const { page, press } = await use(await notice(user));
    expect(textOf(page)).toContain(user.email);
    expect((await press()).status).toBe(200);
    expect((await use(pathIn((await mailsTo(user.next, 'email_change_confirm'))[0]))).page.status).toBe(404);
    expect(await emailOf(user)).toMatchObject({ email: user.email });
  });

  it('takes it back within seven days after it counts, also from somebody who then changed the password', async () => {
    const user = await person();
    const { browser } = await ask(user);
    await (await use(pathIn((await mailsTo(user.next, 'email_change_confirm'))[0]))).press();
    await query('update users set tokens_valid_from = now() where id = $1', [user.userId]);
    await query('delete from links where user_id = $1', [user.userId]);
    const { press } = await use(await notice(user));
    const done = await press();
    expect(textOf(done)).toContain('choose a new password');
    expect(await emailOf(user)).toMatchObject({ email: user.email, trusted: user.email });
    expect((await press()).status).toBe(410);
    expect((await browser.open('/portal/details')).url.pathname).not.toBe('/portal/details');
  });

  it('loses that after seven days', async () => {
    const user = await person();
    await ask(user);
    await query("update email_changes set undo_until = now() - interval '1 second' where user_id = $1", [user.userId]);
    const { page } = await use(await notice(user));
    expect([page.status, textOf(page)]).toEqual([410, expect.stringContaining('expired')]);
  });

  it('keeps its way back against whoever moved the account on, and then undid that later change', async () => {
    const user = await person();
    const taken = { ...user, next: `taken.${user.next}` };
    const further = `further.${user.next}`;
    await ask(taken);
    await (await use(pathIn((await mailsTo(taken.next, 'email_change_confirm'))[0]))).press();
    await ask({ ...user, next: further });
    await (await use(pathIn((await mailsTo(further, 'email_change_confirm'))[0]))).press();
    const back = await notice({ ...user, email: taken.next });
    expect((await (await use(back)).press()).status).toBe(200);
    expect(await emailOf(user)).toMatchObject({ email: taken.next });
    const own = await use(await notice(user));
    expect((await own.press()).status).toBe(200);
    expect(await emailOf(user)).toMatchObject({ email: user.email, trusted: user.email });
    expect((await own.press()).status).toBe(410);
  });

  it('of somebody else opens nothing, nor does a garbled link', async () => {
    for (const path of ['/undo-email/x', '/confirm-email/x', '/confirm-device/x', `/undo-email/${'a'.repeat(5000)}`])
      expect((await use(path)).page.status).toBe(404);
    const user = await person();
    await ask(user);
    const foreign = (await notice(user)).replace(organization.id, organization.accountId);
    expect((await use(foreign)).page.status).toBe(404);
  });
});

describe('an administrator who changes somebody’s address', () => {
  const change = (user: Person, email = user.next) =>
    changeUser(organization.operator, user.userId, (document) =>
      withDetails(document, { ...detailsOf(document), email }),
    );
  const isTrusted = async (user: Person) => {
    const [row] = await query<Parameters<typeof isTrustedAddress>[0]>(
      `select ${ADDRESS_COLUMNS} from users u where u.id = $1`,
      [user.userId],
    );
    return row !== undefined && isTrustedAddress(row);
  };

  it('writes it at once, but it is not trusted before the person confirms it', async () => {
    const user = await person();
    expect(await isTrusted(user)).toBe(true);
    await change(user);
    expect(await emailOf(user)).toMatchObject({ email: user.next });
    expect(await isTrusted(user)).toBe(false);
    const browser = await signedIn(hub, organization.id, user.userId);
    expect(textOf(await browser.open('/portal/details'))).toContain('before that you cannot recover');
    await (await use(pathIn((await mailsTo(user.next, 'email_change_confirm'))[0]))).press();
    expect(await isTrusted(user)).toBe(true);
  });

  it('is undone from the former address, which is trusted again', async () => {
    const user = await person();
    await change(user);
    await (await use(pathIn((await mailsTo(user.email, 'email_change_notice'))[0]))).press();
    expect(await emailOf(user)).toMatchObject({ email: user.email });
    expect(await isTrusted(user)).toBe(true);
  });

  it('gives an address that was never confirmed no way back', async () => {
    const user = await person();
    await change(user);
    await change(user, `third.${user.email}`);
    expect(await mailsTo(user.next, 'email_change_notice')).toEqual([]);
    await (await use(pathIn((await mailsTo(user.email, 'email_change_notice'))[0]))).press();
    expect(await emailOf(user)).toMatchObject({ email: user.email });
  });

  it('has it trusted no more where the record then passes to a directory', async () => {
    const [user, other] = [await person(), await person()];
    await change(user);
    const { id: connectionId } = await createConnection(organization.operator, { name: 'Okta' });
    await handOverUsers(organization.operator, { connectionId, userIds: [user.userId, other.userId] });
    expect([await isTrusted(user), await isTrusted(other)]).toEqual([false, true]);
  });

  it('tells nobody where the person has no password yet', async () => {
    const user = {
      ...(await addUser(organization.id, { email: 'new.here@noordzee.example', password: null })),
      email: '',
      next: 'x',
    };
    await change({ ...user, next: 'really.here@noordzee.example' });
    expect(await query('select 1 from email_changes where user_id = $1', [user.userId])).toEqual([]);
    expect(await isTrusted(user)).toBe(true);
  });
});

describe('a mail scanner', () => {
  it('opens every link five times with GET and HEAD, and the person’s own post still works, once', async () => {
    const user = await person();
    await ask(user);
    const paths = [
      pathIn((await mailsTo(user.next, 'email_change_confirm'))[0]),
      pathIn((await mailsTo(user.email, 'email_change_notice'))[0]),
    ];
    for (const path of paths) {
      const scanner = new Browser(hub.origin);
      for (let n = 0; n < 5; n++) {
        expect((await scanner.open(path)).status).toBe(200);
        for (const method of ['GET', 'HEAD'])
          expect((await fetch(`${hub.origin}${path}`, { method, redirect: 'manual' })).status).toBe(303);
      }
      const { press } = await use(path);
      expect((await press()).status).toBe(200);
      expect((await press()).status).toBe(410);
    }
  });
});
