// One act on several people from the list: weighed before it is confirmed, done in one act or in the background, with a reason
// for everybody for whom it is not done.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findBulkAct } from '../../src/bulk-acts/bulk-act.ts';
import { confirmBulkAct, prepareBulkAct, RUN_BULK_ACT } from '../../src/bulk-acts/prepare-bulk-act.ts';
import { runBulkAct, tendBulkActs } from '../../src/bulk-acts/run-bulk-act.ts';
import { query } from '../../src/database/query.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { changeUser } from '../../src/users/change-user.ts';
import { aGroup, anOrganization, auditOf, aUser, gift, type Organization, type Person } from '../giving/world.ts';
import { refusalOf } from '../mail/mail-hub.ts';
import type { Browser, Page } from '../oidc/browser.ts';
import { silent } from '../support/database.ts';
import { statementsOf } from '../support/statements-of.ts';
import { aNamedUser, openCompanyPortal, post, signedIn, submit, textOf, type PortalHub } from './portal-hub.ts';

let hub: PortalHub;
let organization: Organization;
let chief: Person;
let byChief: Browser;
let administrator: Person;
let byAdministrator: Browser;
let numbered = 0;

beforeAll(async () => {
  ({ hub, organization, chief, byChief } = await openCompanyPortal());
  administrator = await aUser(organization, ['manage_users'], [gift(organization, 'a', '1')]);
  byAdministrator = await signedIn(hub, organization.id, administrator.id);
});
afterAll(() => hub.stop());

const SELECTION = '/portal/users/selection';

const aColleague = (more: { active?: boolean } = {}) =>
  aNamedUser(organization, {
    userName: `colleague-${++numbered}`,
    name: 'Nele Wouters',
    email: `nele${numbered}@company.example`,
    ...more,
  });
const active = async (...ids: string[]): Promise<(boolean | undefined)[]> => {
  const rows = await query<{ id: string; active: boolean }>('select id, active from users where id = any($1)', [ids]);
  return ids.map((id) => rows.find((row) => row.id === id)?.active);
};
const idIn = (page: Page) => page.url.pathname.split('/').at(-1) ?? '';
const runs = (page: Page) => runBulkAct(silent).run({ organizationId: organization.id, bulkActId: idIn(page) });

/** The list's form with several people ticked. */
async function chosen(browser: Browser, act: string, users: readonly string[], more: Record<string, string> = {}) {
  const page = await browser.open('/portal/users');
  const csrf = /name="csrf" value="([^"]*)"/.exec(page.html)?.[1] ?? '';
  const body = new URLSearchParams({ act, csrf, ...more });
  for (const user of users) body.append('user', user);
  const res = await fetch(new URL(SELECTION, hub.origin), {
    method: 'POST',
    body,
    headers: {
      cookie: ['session', 'csrf', 'form', 'language']
        .flatMap((name) => (browser.cookie(name) === undefined ? [] : [`${name}=${browser.cookie(name) ?? ''}`]))
        .join('; '),
    },
  });
  return { status: res.status, url: new URL(res.url), html: await res.text(), headers: res.headers };
}

describe('an act on several people', () => {
  it('asks for a selection first', async () => {
    const list = await byAdministrator.open('/portal/users');
    const back = await post(byAdministrator, list, SELECTION, { act: 'deactivate', state: 'active' });
    expect(back.url.search).toBe('?state=active&said=none');
    expect(textOf(back)).toContain('Select at least one user first.');
  });

  it('names for whom it is possible and for whom not, and then does it for those', async () => {
    const [first, second] = [await aColleague(), await aColleague()];
    await signedIn(hub, organization.id, first);
    const preview = await chosen(byAdministrator, 'deactivate', [first, second, chief.id, administrator.id]);
    expect(textOf(preview)).toContain('It is possible for 2 users. For 2 it is not');
    expect(textOf(preview)).toContain('What ends 1 open session');
    const path = preview.url.pathname;
    const refused = textOf(await byAdministrator.open(`${path}?state=refused`));
    expect(refused).toContain('This is you.');
    expect(await active(first, second)).toEqual([true, true]);
    const running = await submit(byAdministrator, await byAdministrator.open(path));
    expect(textOf(running)).toContain('Being done');
    expect(running.html).toContain('http-equiv="refresh"');
    await runs(preview);
    expect(textOf(await byAdministrator.open(path))).toContain('Done: 2. Not possible: 2. In all: 4.');
    expect(await active(first, second, chief.id, administrator.id)).toEqual([false, false, true, true]);
    // What a deactivation promises holds for each of them.
    expect(await query('select 1 from oidc_artefacts where user_id = any($1)', [[first, second]])).toEqual([]);
    expect(await auditOf(organization.id, second)).toContain('user.deactivated');
    const [ended] = await query<{ kind: string }>('select kind from mails where user_id = $1', [second]);
    expect(ended?.kind).toBe('account_deactivated');
    expect(textOf(await byChief.open('/portal/history?kind=users'))).toContain(
      'began an act on several users: deactivate, 2 users',
    );
  });

  it('is confirmed once, by whoever chose, and changes nothing before', async () => {
    const colleague = await aColleague();
    const act = await prepareBulkAct(administrator.ctx, { act: 'deactivate', userIds: [colleague] });
    await runBulkAct(silent).run({ organizationId: organization.id, bulkActId: act.id });
    expect(await active(colleague)).toEqual([true]);
    expect((await refusalOf(() => confirmBulkAct(chief.ctx, act.id))).code).toBe('not_permitted');
    await confirmBulkAct(administrator.ctx, act.id);
    expect((await refusalOf(() => confirmBulkAct(administrator.ctx, act.id))).code).toBe('conflict');
    const stranger = await aUser(await anOrganization(), ['chief_administrator']);
    expect((await refusalOf(() => findBulkAct(stranger.ctx, act.id))).code).toBe('not_found');
    const plain = await aUser(organization);
    expect((await refusalOf(() => findBulkAct(plain.ctx, act.id))).code).toBe('not_permitted');
  });

  it('reactivates those whose rights the actor holds, and invites again those without a password', async () => {
    const [weak, strong] = [await aColleague(), await aColleague()];
    const subject = { kind: 'user', id: strong } as const;
    await assign(organization.operator, { subject, gifts: [gift(organization, 'b', '2')] });
    for (const id of [weak, strong])
      await changeUser(organization.operator, id, (document) => ({ ...document, active: false }));
    const back = await chosen(byAdministrator, 'reactivate', [weak, strong, administrator.id]);
    expect(textOf(back)).toContain('It is possible for 1 user. For 2 it is not');
    await submit(byAdministrator, await byAdministrator.open(back.url.pathname));
    await runs(back);
    expect(await active(weak, strong)).toEqual([true, false]);
    const invited = await chosen(byAdministrator, 'invite', [weak, strong]);
    await submit(byAdministrator, await byAdministrator.open(invited.url.pathname));
    await runs(invited);
    const mails = await query<{ kind: string }>("select kind from mails where user_id = $1 and kind = 'invitation'", [
      weak,
    ]);
    expect(mails).toHaveLength(1);
    expect(textOf(await byAdministrator.open(invited.url.pathname))).toContain('Has a password already');
  });

  it('asks again at each person whether the actor still may, and lists who is refused then', async () => {
    const leaver = await aUser(organization, ['manage_users']);
    const [first, second] = [await aColleague(), await aColleague()];
    const act = await prepareBulkAct(leaver.ctx, { act: 'deactivate', userIds: [first, second] });
    await confirmBulkAct(leaver.ctx, act.id);
    await changeUser(organization.operator, leaver.id, (document) => ({ ...document, active: false }));
    await runBulkAct(silent).run({ organizationId: organization.id, bulkActId: act.id });
    expect(await active(first, second)).toEqual([true, true]);
    expect(await findBulkAct(chief.ctx, act.id)).toMatchObject({ state: 'finished', done: 0, refused: 2 });
  });

  it('is taken up again where a worker died, and does nobody twice', async () => {
    const people = [await aColleague(), await aColleague(), await aColleague()];
    const act = await prepareBulkAct(administrator.ctx, { act: 'invite', userIds: people });
    await confirmBulkAct(administrator.ctx, act.id);
    const data = { organizationId: organization.id, bulkActId: act.id };
    // A fault at one of them leaves him for the next try, whoever was done before.
    await query(`create or replace function refuse_mail() returns trigger language plpgsql as $$
      begin if new.user_id = '${people[1] ?? ''}' then raise exception 'away'; end if; return new; end $$`);
    await query('create trigger refuse_mail before insert on mails for each row execute function refuse_mail()');
    await expect(runBulkAct(silent).run(data)).rejects.toThrow();
    await query('drop trigger refuse_mail on mails');
    await query("update bulk_acts set progress_at = now() - interval '1 minute' where id = $1", [act.id]);
    const before = await query('select 1 from jobs.job where name = $1', [RUN_BULK_ACT]);
    await tendBulkActs.run({});
    expect(await query('select 1 from jobs.job where name = $1', [RUN_BULK_ACT])).toHaveLength(before.length + 1);
    await Promise.all([runBulkAct(silent).run(data), runBulkAct(silent).run(data)]);
    expect(await findBulkAct(chief.ctx, act.id)).toMatchObject({ state: 'finished', done: 3, refused: 0 });
    const mails = await query('select 1 from mails where user_id = any($1)', [people]);
    expect(mails).toHaveLength(3);
    await query("update bulk_acts set created_at = now() - interval '31 days' where id = $1", [act.id]);
    await tendBulkActs.run({});
    expect(await query('select 1 from bulk_act_people where bulk_act_id = $1', [act.id])).toEqual([]);
  });

  it('weighs and keeps four hundred in as many statements as two, and refuses more than ten thousand', async () => {
    const place = await anOrganization();
    const boss = await aUser(place, ['chief_administrator']);
    await query(
      `insert into users (organization_id, id, active, user_name, user_name_key, document, folded, created_by, created_at, updated_at, kind)
       select organization_id, gen_random_uuid(), true, 'crowd ' || n, 'crowd ' || n, document, folded, created_by, created_at, updated_at, kind
       from users, generate_series(1, 400) n where organization_id = $1 and id = $2`,
      [place.id, boss.id],
    );
    const people = await query<{ id: string }>(
      "select id from users where organization_id = $1 and user_name like 'crowd %'",
      [place.id],
    );
    const count = async (ids: string[]) =>
      (
        await statementsOf(async () => {
          const act = await prepareBulkAct(boss.ctx, { act: 'deactivate', userIds: ids });
          expect(act).toMatchObject({ people: ids.length, waiting: ids.length, refused: 0 });
        })
      ).length;
    const ids = people.map(({ id }) => id);
    expect(await count(ids)).toBe(await count(ids.slice(0, 2)));
    const many = Array.from({ length: 10_001 }, (_, i) => `019391c2-7a5e-7c11-9a63-${String(i).padStart(12, '0')}`);
    const refused = await refusalOf(() => prepareBulkAct(boss.ctx, { act: 'deactivate', userIds: many }));
    expect(refused.code).toBe('too_many');
  });
});

describe('a group for several people', () => {
  it('is chosen, shown with who cannot join or leave and why, and joined and left in one act', async () => {
    const [first, second] = [await aColleague(), await aColleague()];
    const group = await aGroup(organization, [second]);
    const subject = { kind: 'group', id: group } as const;
    await assign(organization.operator, { subject, gifts: [gift(organization, 'a', '1')] });
    const members = async () =>
      (
        await query<{ id: string }>('select user_id as id from group_users where group_id = $1 order by 1', [group])
      ).map(({ id }) => id);
    const users = [first, second, chief.id];
    for (const act of ['join', 'leave'] as const) {
      const first_page = await chosen(byAdministrator, act, users);
      expect(first_page.html).toContain(`<option value="${group}">`);
      const before = await members();
      const preview = await chosen(byAdministrator, act, users, { to: group });
      expect(textOf(preview)).toContain(act === 'join' ? 'Is already a member.' : 'Is not a member.');
      expect(await members()).toEqual(before);
      const done = await chosen(byAdministrator, act, users, { to: group, confirmed: 'yes' });
      expect(textOf(done)).toContain(act === 'join' ? 'Done for 1 user. Not possible: 2.' : 'Done for 2 users.');
      expect(await members()).toEqual(act === 'join' ? [first, second].toSorted() : []);
    }
  });

  it('is found by part of its name where there are more than a list holds', async () => {
    const many = await anOrganization();
    const boss = await aUser(many, ['chief_administrator']);
    const browser = await signedIn(hub, many.id, boss.id);
    await query(
      `insert into groups (organization_id, id, display_name, display_name_key, document, folded, created_by)
       select $1, gen_random_uuid(), 'Team ' || n, 'team ' || n, '{}', '{}', '{}' from generate_series(10001, 11001) n`,
      [many.id],
    );
    const users = [await aNamedUser(many, { userName: 'one.of.many', name: 'Mara Many' })];
    const all = await chosen(browser, 'join', users);
    expect(textOf(all)).toContain('There are more groups than this list holds.');
    expect(all.html).not.toContain('Team 11001');
    const looked = await chosen(browser, 'join', users, { part: ' TEAM 1100', look: 'yes', to: 'anything' });
    const [option, ...others] = [...looked.html.matchAll(/<option value="([^"]+)">Team (1100[01])</g)];
    expect([option?.[2], others.map(([, , number]) => number)]).toEqual(['11000', ['11001']]);
    const preview = await chosen(browser, 'join', users, { part: ' TEAM 1100', to: option?.[1] ?? '' });
    expect(textOf(preview)).toContain('Team 11000');
    const done = await chosen(browser, 'join', users, { part: ' TEAM 1100', to: option?.[1] ?? '', confirmed: 'yes' });
    expect(textOf(done)).toContain('Done for 1 user.');
    expect(textOf(await chosen(browser, 'join', users, { part: 'nowhere', look: 'yes' }))).toContain(
      'No group has this in its name.',
    );
  });
});
