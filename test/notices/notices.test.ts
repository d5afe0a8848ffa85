// What people are told about and when: rights that changed, in one mail a day or at once; other mails gathered or not wanted;
// new administrators, and the last one; and the page on which everybody chooses.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OrganizationCtx } from '../../src/context.ts';
import { query } from '../../src/database/query.ts';
import { giveAdministrationRight, endAdministrationRight } from '../../src/entitlements/give-administration-right.ts';
import {
  addToRole,
  createRole,
  endRoleEntitlement,
  replaceRoleEntitlement,
} from '../../src/entitlements/change-role.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { endAssignment } from '../../src/entitlements/end-assignment.ts';
import { watchChiefs } from '../../src/entitlements/watch-chiefs.ts';
import { createGroup } from '../../src/groups/create-group.ts';
import { changeMembers } from '../../src/groups/change-members.ts';
import { listMails, type KeptMail } from '../../src/mail/list-mails.ts';
import { mailUser } from '../../src/mail/mail-user.ts';
import { noticePreferences, setNoticePreferences } from '../../src/notices/preferences.ts';
import { sendNotices } from '../../src/notices/send-notices.ts';
import { nextMorning, USUAL } from '../../src/notices/topics.ts';
import { OPERATOR_ORGANIZATION_ID } from '../../src/organizations/operator-organization.ts';
import { setStaffRoles } from '../../src/organizations/staff-roles.ts';
import { createUser } from '../../src/users/create-user.ts';
import { anOrganization, ctxOf, gift, type Organization } from '../giving/world.ts';
import { refusalOf } from '../mail/mail-hub.ts';
import { aNamedUser, openPortal, signedIn, submit, textOf, type PortalHub } from '../portal/portal-hub.ts';
import { silent } from '../support/database.ts';

let hub: PortalHub;
let organization: Organization;
let numbered = 0;

beforeAll(async () => {
  hub = await openPortal();
  organization = await anOrganization();
});
afterAll(() => hub.stop());

const morning = () => nextMorning(new Date());
const by = (of: Organization, id: string): OrganizationCtx =>
  ctxOf(of.id, { kind: 'user', id, organizationId: of.id, label: 'boss' });

type Person = { id: string; email: string; ctx: OrganizationCtx };

/** Somebody who has signed in before, and can be written to. */
async function person(name: string, of = organization, signedInBefore = true): Promise<Person> {
  numbered += 1;
  const email = `person.${numbered}@lindenhof.example`;
  const id = await aNamedUser(of, { userName: `person.${numbered}`, name, email });
  if (signedInBefore)
    await query('update users set last_sign_in_at = now() where organization_id = $1 and id = $2', [of.id, id]);
  return { id, email, ctx: by(of, id) };
}

async function chief(name: string, of = organization): Promise<Person> {
  const made = await person(name, of);
  await giveAdministrationRight(of.operator, {
    subject: { kind: 'user', id: made.id },
    name: 'chief_administrator',
  });
  return made;
}

const mailsTo = async ({ email }: Person, kind?: string): Promise<KeptMail[]> =>
  (await listMails(1000)).filter((mail) => mail.to === email && (kind === undefined || mail.kind === kind)).reverse();

const give = (ctx: OrganizationCtx, to: Person, of = organization) =>
  assign(ctx, { subject: { kind: 'user', id: to.id }, gifts: [gift(of, 'a')] });

describe('rights that changed', () => {
  it('are told in one mail the next morning, with who gave what for which customer number', async () => {
    const [boss, anke] = [await chief('Bert Claes'), await person('Anke Smets')];
    const [given] = await give(boss.ctx, anke);
    const validUntil = new Date('2031-05-31T22:00:00Z');
    const subject = { kind: 'user', id: anke.id } as const;
    await giveAdministrationRight(boss.ctx, { subject, name: 'manage_users', validUntil });
    await endAssignment(boss.ctx, given?.id ?? '');
    await sendNotices(new Date(), silent);
    expect(await mailsTo(anke)).toEqual([]);
    await sendNotices(morning(), silent);
    const [mail, ...more] = await mailsTo(anke);
    expect(more).toEqual([]);
    expect(mail).toMatchObject({ kind: 'rights_changed' });
    expect(mail?.text).toContain('Right to create and manage users');
    expect(mail?.text).toMatch(new RegExp(`Given: .*customer number ${organization.number}, by Bert Claes`));
    expect(mail?.text).toMatch(/Taken away: /);
    // The last day, not the one that begins when the right ends.
    expect(mail?.text).toContain('until Saturday, 31 May 2031');
    expect(mail?.text).toContain('/portal/notices');
    // The job may run as often as it likes.
    await Promise.all([sendNotices(morning(), silent), sendNotices(morning(), silent)]);
    expect(await mailsTo(anke)).toHaveLength(1);
  });

  it('go out within the minute to whoever wants them at once, and to nobody who wants none', async () => {
    const [boss, soon, never] = [await chief('Bert Claes'), await person('Soon Now'), await person('Never Mind')];
    await setNoticePreferences(soon.ctx, soon.id, { rights: 'at_once' });
    await setNoticePreferences(never.ctx, never.id, { rights: 'never' });
    await give(boss.ctx, soon);
    await give(boss.ctx, never);
    await sendNotices(new Date(), silent);
    await sendNotices(morning(), silent);
    expect(await mailsTo(soon)).toHaveLength(1);
    expect(await mailsTo(never)).toEqual([]);
  });

  it('reach the people of a group, and of the groups in it, as each of them wants', async () => {
    const [boss, anke, soon] = [await chief('Bert Claes'), await person('Anke Smets'), await person('Soon Now')];
    await setNoticePreferences(soon.ctx, soon.id, { rights: 'at_once' });
    const inner = await createGroup(organization.operator, { schemas: [], displayName: 'Night shift' }, [soon.id]);
    const outer = await createGroup(organization.operator, { schemas: [], displayName: 'Depot' }, [anke.id, inner.id]);
    await assign(boss.ctx, { subject: { kind: 'group', id: outer.id }, gifts: [gift(organization, 'a')] });
    await sendNotices(new Date(), silent);
    expect((await mailsTo(soon))[0]?.text).toContain('through the group Depot');
    expect(await mailsTo(anke)).toEqual([]);
    await sendNotices(morning(), silent);
    expect((await mailsTo(anke))[0]?.text).toContain('through the group Depot');
    expect(await mailsTo(soon)).toHaveLength(1);
    // Coming into such a group is news, into one that gives nothing is none.
    const late = await person('Late Comer');
    await changeMembers(boss.ctx, outer.id, { add: [late.id, anke.id], remove: [] }, false);
    const empty = await createGroup(organization.operator, { schemas: [], displayName: 'Choir' });
    await changeMembers(boss.ctx, empty.id, { add: [late.id], remove: [] }, false);
    await sendNotices(morning(), silent);
    const [joined, ...more] = await mailsTo(late);
    expect(joined?.text).toContain('You are now in the group Depot');
    expect(joined?.text).not.toContain('Choir');
    expect(more).toEqual([]);
    expect(await mailsTo(anke)).toHaveLength(1);
  });

  it('of a role that somebody edits reach whoever has it, directly or by a group, once and as each wants', async () => {
    const [boss, anke, soon, other] = [
      await chief('Bert Claes'),
      await person('Anke Smets'),
      await person('Soon Now'),
      await person('Other One'),
    ];
    await setNoticePreferences(soon.ctx, soon.id, { rights: 'at_once' });
    const role = await createRole(organization.operator, { name: 'Depositor' });
    await addToRole(boss.ctx, { roleId: role.id, entitlements: [gift(organization, 'a')] });
    // Nobody has it yet.
    expect(await query('select 1 from pending_notices where subject_id = $1', [role.id])).toEqual([]);
    const team = await createGroup(organization.operator, { schemas: [], displayName: 'Team' }, [soon.id, anke.id]);
    const system = { ...organization.operator, actor: { kind: 'system' as const, id: 'test', label: 'test' } };
    const receivers = [
      { kind: 'group' as const, id: team.id },
      ...[anke, boss].map(({ id }) => ({ kind: 'user' as const, id })),
    ];
    for (const subject of receivers) await assign(system, { subject, gifts: [{ roleId: role.id }] });
    await sendNotices(morning(), silent);
    const [before, beforeSoon] = [(await mailsTo(anke)).length, (await mailsTo(soon)).length];
    const [added] = await addToRole(boss.ctx, { roleId: role.id, entitlements: [gift(organization, 'b')] });
    const changed = await replaceRoleEntitlement(boss.ctx, {
      id: added?.id ?? '',
      entitlement: gift(organization, 'b', '1', '2'),
    });
    await endRoleEntitlement(boss.ctx, changed.id);
    // However many have it, one line each waits for all of them.
    expect(await query('select 1 from pending_notices where organization_id = $1', [organization.id])).toHaveLength(3);
    await sendNotices(new Date(), silent);
    expect(await mailsTo(soon)).toHaveLength(beforeSoon + 1);
    expect(await mailsTo(anke)).toHaveLength(before);
    await sendNotices(morning(), silent);
    const told = await mailsTo(anke);
    expect(told).toHaveLength(before + 1);
    for (const line of [
      'The role Depositor now also gives: ',
      'What the role Depositor gives has changed: ',
      'The role Depositor no longer gives: ',
    ])
      expect(told.at(-1)?.text).toContain(line);
    expect(told.at(-1)?.text).toContain(`customer number ${organization.number}, by Bert Claes`);
    expect(await mailsTo(other)).toEqual([]);
    expect((await mailsTo(boss)).some(({ text }) => text.includes('Depositor'))).toBe(false);
  });

  it('are not told to whoever did it himself, has never signed in, or has left', async () => {
    const [boss, newcomer, leaver] = [
      await chief('Bert Claes'),
      await person('New Comer', organization, false),
      await person('Lea Ver'),
    ];
    await give(boss.ctx, boss);
    await give(boss.ctx, newcomer);
    await give(boss.ctx, leaver);
    await query('update users set active = false where organization_id = $1 and id = $2', [organization.id, leaver.id]);
    await sendNotices(morning(), silent);
    for (const one of [newcomer, leaver]) expect(await mailsTo(one, 'rights_changed')).toEqual([]);
    // The operator made him chief: that he hears of, and of nothing that he did himself.
    const told = await mailsTo(boss, 'rights_changed');
    expect(told.map(({ text }) => /customer number/.test(text))).toEqual([false]);
    const waiting = await query('select 1 from pending_notices where organization_id = $1', [organization.id]);
    expect(waiting).toEqual([]);
  });

  it('leave no notice behind when the change is undone', async () => {
    const [boss, anke] = [await chief('Bert Claes'), await person('Anke Smets')];
    const gifts = [gift(organization, 'a'), { ...gift(organization, 'a'), customerAccountId: organization.id }];
    await expect(assign(boss.ctx, { subject: { kind: 'user', id: anke.id }, gifts })).rejects.toThrow();
    expect(await query('select 1 from pending_notices where subject_id = $1', [anke.id])).toEqual([]);
  });
});

describe('other mails', () => {
  const asked = (to: Person, now = new Date()) =>
    mailUser(
      { ...organization.operator, now },
      {
        kind: 'import_finished',
        organizationId: organization.id,
        userId: to.id,
        values: { fileName: 'hr.csv', created: 1, refused: 0, stopped: false, path: '/portal/users/import/1' },
      },
    );

  it('come at once unless somebody gathers them: then with his rights in one mail, each with its page', async () => {
    const [boss, anke] = [await chief('Bert Claes'), await person('Anke Smets')];
    expect(await asked(anke)).toBeDefined();
    await setNoticePreferences(anke.ctx, anke.id, { imports: 'daily' });
    expect(await asked(anke)).toBeUndefined();
    await give(boss.ctx, anke);
    await sendNotices(morning(), silent);
    const [digest, ...more] = await mailsTo(anke, 'notice_digest');
    expect(more).toEqual([]);
    expect(digest?.text).toContain('import of users');
    expect(digest?.text).toContain('/portal/users/import/1');
    expect(digest?.text).toContain('Given: ');
    await setNoticePreferences(anke.ctx, anke.id, { imports: 'never' });
    expect(await asked(anke)).toBeUndefined();
    await sendNotices(morning(), silent);
    expect(await mailsTo(anke)).toHaveLength(2);
  });

  it('about one’s security come at once, whatever was chosen', async () => {
    const anke = await person('Anke Smets');
    await setNoticePreferences(anke.ctx, anke.id, {
      rights: 'never',
      ends: 'never',
      requests: 'never',
      mandates: 'never',
      imports: 'never',
      reviews: 'never',
    });
    const values = { at: new Date() };
    await mailUser(organization.operator, {
      kind: 'password_changed',
      organizationId: organization.id,
      userId: anke.id,
      values,
    });
    expect(await mailsTo(anke)).toHaveLength(1);
  });
});

describe('the choice', () => {
  it('is made on a page that shows what is usual, and kept with an audit row', async () => {
    const anke = await person('Anke Smets');
    const browser = await signedIn(hub, organization.id, anke.id);
    expect((await browser.open('/portal/details')).html).toContain('href="/portal/notices"');
    const page = await browser.open('/portal/notices');
    expect(page.html).toMatch(/name="rights" value="daily" checked/);
    expect(page.html).toMatch(/name="requests" value="at_once" checked/);
    expect(textOf(page)).toContain('Always at once');
    const saved = await submit(browser, page, { ...USUAL, rights: 'at_once', imports: 'never' });
    expect(textOf(saved)).toContain('Your choice has been saved.');
    expect(await noticePreferences(anke.ctx, anke.id)).toEqual({ ...USUAL, rights: 'at_once', imports: 'never' });
    const [event] = await query('select before, after from audit_events where action = $1 and target_id = $2', [
      'notices.changed',
      anke.id,
    ]);
    expect(event).toEqual({
      before: { rights: 'daily', imports: 'at_once' },
      after: { rights: 'at_once', imports: 'never' },
    });
    const refused = await submit(browser, page, { rights: 'sometimes' });
    expect(refused.status).toBe(422);
    expect(await noticePreferences(anke.ctx, anke.id)).toMatchObject({ rights: 'at_once' });
  });

  it('counts for what waits already', async () => {
    const [boss, soon, never] = [await chief('Bert Claes'), await person('Soon Now'), await person('Never Mind')];
    await give(boss.ctx, soon);
    await give(boss.ctx, never);
    await setNoticePreferences(soon.ctx, soon.id, { rights: 'at_once' });
    await setNoticePreferences(never.ctx, never.id, { rights: 'never' });
    await sendNotices(new Date(), silent);
    expect(await mailsTo(soon)).toHaveLength(1);
    expect(await query('select 1 from pending_notices where subject_id = $1', [never.id])).toEqual([]);
  });

  it('is his own and the operator’s, within his organization', async () => {
    const [anke, other] = [await person('Anke Smets'), await chief('Bert Claes')];
    const elsewhere = await anOrganization();
    expect(await refusalOf(() => setNoticePreferences(other.ctx, anke.id, { rights: 'never' }))).toMatchObject({
      code: 'not_permitted',
    });
    expect(await refusalOf(() => setNoticePreferences(elsewhere.operator, anke.id, { rights: 'never' }))).toMatchObject(
      { code: 'not_found' },
    );
    expect(await setNoticePreferences(organization.operator, anke.id, { rights: 'never' })).toEqual({
      ...USUAL,
      rights: 'never',
    });
  });
});

describe('administrators', () => {
  it('who are new are told to the other chiefs at once, by whom and with which right', async () => {
    const of = await anOrganization();
    const [boss, second, anke] = [
      await chief('Bert Claes', of),
      await chief('Chris Maes', of),
      await person('Anke Smets', of),
    ];
    const before = (await mailsTo(second, 'new_administrator')).length;
    const right = { subject: { kind: 'user' as const, id: anke.id }, name: 'manage_users' as const };
    await giveAdministrationRight(boss.ctx, right);
    const [mail, ...more] = (await mailsTo(second, 'new_administrator')).slice(before);
    expect(more).toEqual([]);
    expect(mail?.subject).toBe('Anke Smets is now an administrator of Lindenhof');
    expect(mail?.text).toContain('Right to create and manage users');
    expect(mail?.text).toContain(`/portal/users/${anke.id}`);
    // Another end of the same right is no news, and neither is a right that makes nobody an administrator.
    await giveAdministrationRight(boss.ctx, { ...right, validUntil: new Date(Date.now() + 1e9) });
    await giveAdministrationRight(boss.ctx, {
      ...right,
      name: 'view_account_settings',
      customerAccountId: of.accountId,
    });
    expect((await mailsTo(second, 'new_administrator')).slice(before)).toHaveLength(1);
    expect((await mailsTo(boss, 'new_administrator')).filter(({ subject }) => subject.includes('Anke'))).toEqual([]);
  });

  it('of whom one is left, or none: he and the operator are warned, once for each fall', async () => {
    const of = await anOrganization();
    const staffEmail = 'owner@operator.example';
    const document = {
      userName: staffEmail,
      preferredLanguage: 'en',
      emails: [{ value: staffEmail, type: 'work', primary: true }],
    };
    const { id: staffId } = await createUser(
      { ...of.operator, organizationId: OPERATOR_ORGANIZATION_ID },
      { document },
    );
    await setStaffRoles(of.operator, staffId, ['owner']);
    const owner = { id: '', email: staffEmail, ctx: of.operator };
    const [boss, second] = [await chief('Bert Claes', of), await chief('Chris Maes', of)];
    await query('update organizations set name = $2 where id = $1', [of.id, 'Warned Ltd']);
    await watchChiefs(new Date(), silent);
    expect(await mailsTo(boss, 'last_administrator')).toEqual([]);
    const [right] = await query<{ id: string }>(
      `select id from administration_rights where organization_id = $1 and subject_id = $2 and name = 'chief_administrator'`,
      [of.id, second.id],
    );
    await endAdministrationRight(of.operator, right?.id ?? '');
    await Promise.all([watchChiefs(new Date(), silent), watchChiefs(new Date(), silent)]);
    await watchChiefs(new Date(), silent);
    const [warned, ...more] = await mailsTo(boss, 'last_administrator');
    expect(more).toEqual([]);
    expect(warned?.text).toContain('You are the only chief administrator of Warned Ltd');
    const told = async () =>
      (await mailsTo(owner, 'last_administrator')).filter(({ subject }) => subject.includes('Warned Ltd'));
    expect(await told()).toHaveLength(1);
    // A directory ends the last one: the operator hears of that too.
    await query('update users set active = false where organization_id = $1 and id = $2', [of.id, boss.id]);
    await watchChiefs(new Date(), silent);
    expect((await told()).at(-1)?.subject).toBe('Warned Ltd has no chief administrator any more');
    expect(await mailsTo(second, 'last_administrator')).toEqual([]);
  });
});
