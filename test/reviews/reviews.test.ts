// Access reviews, substitutes, the notice of an end that comes near, and the access page of a customer number.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { query } from '../../src/database/query.ts';
import { announceEnds } from '../../src/entitlements/announce-ends.ts';
import { listAssignments } from '../../src/entitlements/assignment-row.ts';
import { addToRole, createRole } from '../../src/entitlements/change-role.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { heldBy } from '../../src/entitlements/held-by.ts';
import { listSubstitutions, substitute } from '../../src/entitlements/substitute.ts';
import { endAdministrationRight, giveAdministrationRight } from '../../src/entitlements/give-administration-right.ts';
import { createGroup } from '../../src/groups/create-group.ts';
import { changeOrganization } from '../../src/organizations/change-organization.ts';
import { closeReview, decideRow } from '../../src/reviews/decide.ts';
import { findReview, listReviews, reviewRows } from '../../src/reviews/review.ts';
import { remindOf, runSchedule, setSchedule } from '../../src/reviews/schedule.ts';
import { startReview } from '../../src/reviews/start-review.ts';
import { anOrganization, auditOf, aUser, gift, type Organization, type Person } from '../giving/world.ts';
import { aNamedUser, openPortal, post, signedIn, textOf, type PortalHub } from '../portal/portal-hub.ts';
import { refusalOf } from '../support/refusal.ts';
import { lastDayOf } from '../../src/web/days.ts';
import { TIME_ZONE, dayIn, inDays } from '../web/days.ts';

let hub: PortalHub;
let organization: Organization;
let chief: Person;

beforeAll(async () => {
  hub = await openPortal();
  organization = await anOrganization();
  chief = await aUser(organization, ['chief_administrator']);
});
afterAll(() => hub.stop());

const browserOf = (person: Person, of = organization) => signedIn(hub, of.id, person.id);
const standing = (of: Organization, id: string) => listAssignments(of.operator, { kind: 'user', id });
const mailsTo = (of: Organization, id: string) =>
  query<{ kind: string; subject: string }>(
    'select kind, subject from mails where organization_id = $1 and user_id = $2 order by id',
    [of.id, id],
  );
/** Somebody with an address that can be written to. */
const reachable = (of: Organization, userName: string) =>
  aNamedUser(of, { userName, email: `${userName}@post.example` });
const userNameOf = ({ ctx }: Person): string => (ctx.actor as { label: string }).label;

describe('a review', () => {
  it('holds every assignment of its scope, with when it was last used', async () => {
    const of = await anOrganization();
    const boss = await aUser(of, ['chief_administrator']);
    const [one, two] = [await aUser(of, [], [gift(of, 'a', '1')]), await aUser(of, [], [gift(of, 'b', '2')])];
    const role = await createRole(of.operator, { name: 'Reader' });
    await addToRole(of.operator, { roleId: role.id, entitlements: [gift(of, 'a', '2')] });
    const team = (await createGroup(of.operator, { schemas: [], displayName: 'Team' }, [one.id])).id;
    await assign(of.operator, { subject: { kind: 'group', id: team }, gifts: [{ roleId: role.id }] });
    await query(`update assignments set given_at = given_at - interval '200 days' where organization_id = $1`, [of.id]);
    await query(`insert into application_uses values ($1, $2, 'plain', now()::date - 100)`, [of.id, one.id]);
    await query(`insert into application_uses values ($1, $2, 'plain', now()::date - 5)`, [of.id, two.id]);
    const counts = async (scope: 'all' | 'group' | 'application', scopeId?: string) => {
      const { id } = await startReview(boss.ctx, { scope, scopeId: scopeId ?? null, dueOn: dayIn(10) });
      return (await reviewRows(boss.ctx, id, { size: 50 })).rows;
    };
    const all = await counts('all');
    expect(all.map(({ subjectId }) => subjectId).toSorted()).toEqual([one.id, two.id, team].toSorted());
    expect(all.find(({ subjectId }) => subjectId === one.id)?.unused).toBe(true);
    expect(all.find(({ subjectId }) => subjectId === two.id)?.unused).toBe(false);
    expect((await counts('group', team)).map(({ subjectId }) => subjectId).toSorted()).toEqual(
      [one.id, team].toSorted(),
    );
    expect(await counts('application', 'plain')).toHaveLength(3);
    expect(await counts('application', 'profiled')).toHaveLength(0);
  });

  it('is worked through on its page, and what is removed is gone at once and stays written down', async () => {
    const of = await anOrganization();
    const boss = await aUser(of, ['chief_administrator']);
    const [one, two] = [await aUser(of, [], [gift(of, 'a', '1')]), await aUser(of, [], [gift(of, 'b', '2')])];
    const browser = await browserOf(boss, of);
    const list = await browser.open('/portal/reviews');
    expect(textOf(list)).toContain('There has been no review yet');
    const page = await post(browser, list, '/portal/reviews', { scope: 'all', due: dayIn(3) });
    expect(textOf(page)).toContain('0 of 2 decided');
    const [review] = await listReviews(boss.ctx);
    const { rows } = await reviewRows(boss.ctx, review?.id ?? '', { size: 10 });
    const at = (id: string) => rows.find(({ subjectId }) => subjectId === id)?.position ?? 0;
    for (const [id, decision] of [
      [one.id, 'keep'],
      [two.id, 'remove'],
    ] as const) {
      const answer = await post(browser, page, `/portal/reviews/${review?.id}`, {
        position: String(at(id)),
        [`row-${at(id)}`]: decision,
      });
      expect(answer.status).toBe(200);
    }
    for (const position of ['x', '1e999', '99999999999999999999', '0.5', '-1']) {
      const none = await post(browser, page, `/portal/reviews/${review?.id}`, {
        position,
        [`row-${position}`]: 'keep',
      });
      expect(none.status).toBe(404);
    }
    expect(await standing(of, one.id)).toHaveLength(1);
    expect(await standing(of, two.id)).toEqual([]);
    expect(await auditOf(of.id, two.id)).toContain('assignment.ended');
    const closed = await post(browser, page, `/portal/reviews/${review?.id}/close`);
    expect(textOf(closed)).toContain('The review is closed.');
    const csv = (await browser.open(`/portal/reviews/${review?.id}/export.csv`)).html;
    expect(csv.split('\r\n').filter((line) => /,(Keep|Remove),/.test(line))).toHaveLength(2);
    const again = { reviewId: review?.id ?? '', position: at(one.id), decision: 'remove' as const };
    expect((await refusalOf(() => decideRow(boss.ctx, again))).code).toBe('conflict');
  });

  it('greys what the reviewer may not take away, and refuses it for the same reason', async () => {
    const of = await anOrganization();
    const boss = await aUser(of, ['chief_administrator']);
    const weak = await aUser(of, ['manage_users'], [gift(of, 'b', '1')]);
    const strong = await aUser(of, [], [gift(of, 'a', '1')]);
    const { id } = await startReview(boss.ctx, { scope: 'all', dueOn: dayIn(3) });
    const page = textOf(await (await browserOf(weak, of)).open(`/portal/reviews/${id}`));
    expect(page).toContain('You do not hold this right yourself, so you cannot grant it.');
    const { rows } = await reviewRows(boss.ctx, id, { size: 10 });
    const row = rows.find(({ subjectId }) => subjectId === strong.id);
    const remove = { reviewId: id, position: row?.position ?? 0, decision: 'remove' as const };
    expect((await refusalOf(() => decideRow(weak.ctx, remove))).code).toBe('grantor_lacks_right');
    await changeOrganization(of.operator, of.id, { settings: { deactivateOnly: true } });
    expect((await refusalOf(() => decideRow(boss.ctx, remove))).code).toBe('revocation_off');
    expect(textOf(await (await browserOf(boss, of)).open(`/portal/reviews/${id}`))).toContain('deactivate');
    await decideRow(weak.ctx, { ...remove, decision: 'keep' });
    expect(await findReview(boss.ctx, id)).toMatchObject({ kept: 1, removed: 0 });
    expect(await standing(of, strong.id)).toHaveLength(1);
  });

  it('is nobody’s but the administrators’ of its organization', async () => {
    const { id } = await startReview(chief.ctx, { scope: 'all', dueOn: dayIn(3) });
    const other = await anOrganization();
    const stranger = await aUser(other, ['chief_administrator']);
    expect((await refusalOf(() => findReview(stranger.ctx, id))).code).toBe('not_found');
    expect((await (await browserOf(stranger, other)).open(`/portal/reviews/${id}`)).status).toBe(404);
    const plain = await aUser(organization);
    expect((await (await browserOf(plain)).open('/portal/reviews')).status).toBe(403);
    expect((await refusalOf(() => startReview(plain.ctx, { scope: 'all', dueOn: dayIn(3) }))).code).toBe(
      'not_permitted',
    );
    expect((await refusalOf(() => startReview(chief.ctx, { scope: 'all', dueOn: '2020-01-01' }))).code).toBe(
      'invalid_input',
    );
  });

  it('of a group among many is started by its name, or by a part of it that says which', async () => {
    const of = await anOrganization();
    const boss = await aUser(of, ['chief_administrator']);
    const browser = await browserOf(boss, of);
    const few = await browser.open('/portal/reviews');
    expect(few.html).not.toContain('name="group_name"');
    await query(
      `insert into groups (organization_id, id, display_name, display_name_key, document, folded, created_by, created_at, updated_at, version)
       select $1, gen_random_uuid(), 'Depot ' || i, 'depot ' || i, '{}', '{}', '{}', now(), now(), 1 from generate_series(100, 320) i`,
      [of.id],
    );
    const team = (await createGroup(of.operator, { schemas: [], displayName: 'Night shift' })).id;
    const page = await browser.open('/portal/reviews');
    expect(page.html).toContain('name="group_name"');
    expect(page.html).not.toContain('name="group"');
    const start = (fields: Record<string, string>) =>
      post(browser, page, '/portal/reviews', { scope: 'group', due: dayIn(9), ...fields });
    expect(textOf(await start({ group_name: 'nobody' }))).toContain('No group has "nobody" in its name.');
    expect(textOf(await start({ group_name: 'depot' }))).toContain('Type more of the name.');
    const several = await start({ group_name: 'Depot 10' });
    expect(several.status).toBe(422);
    expect(textOf(several)).toContain('10 groups have "Depot 10" in their name. Choose one of them.');
    expect(several.html).toContain('value="Depot 10"');
    const chosen = /<option value="([^"]+)">Depot 104</.exec(several.html)?.[1] ?? '';
    expect(textOf(await start({ group_name: 'Depot 10', group: chosen }))).toContain('Group Depot 104');
    await start({ group_name: 'NIGHT' });
    expect((await listReviews(boss.ctx)).map(({ scopeId }) => scopeId).toSorted()).toEqual([chosen, team].toSorted());
  });

  it('that is overdue reminds once more, and the chiefs where whoever started it administers nobody any more', async () => {
    const of = await anOrganization();
    const [boss, starter] = [await reachable(of, 'overdue.boss'), await reachable(of, 'overdue.starter')];
    await giveAdministrationRight(of.operator, { subject: { kind: 'user', id: boss }, name: 'chief_administrator' });
    const right = { subject: { kind: 'user' as const, id: starter }, name: 'manage_users' as const };
    const given = await giveAdministrationRight(of.operator, right);
    await aUser(of, [], [gift(of, 'a', '1')]);
    const actor = { kind: 'user' as const, id: starter, organizationId: of.id, label: 'starter' };
    const { id } = await startReview({ ...of.operator, actor }, { scope: 'all', dueOn: dayIn(3) });
    const onDay = (days: number) => ({
      ...of.operator,
      now: inDays(days),
      actor: { kind: 'system' as const, id: 'job', label: 'Mandate' },
    });
    const subjects = async (person: string) =>
      (await mailsTo(of, person)).filter(({ kind }) => kind === 'review_reminder').map(({ subject }) => subject);
    for (const day of [1, 2, 3]) await remindOf(onDay(day), id);
    expect(await subjects(starter)).toHaveLength(1);
    await endAdministrationRight(of.operator, given);
    for (const day of [4, 5, 6]) await remindOf(onDay(day), id);
    expect(await subjects(starter)).toHaveLength(1);
    expect(await subjects(boss)).toEqual([expect.stringContaining('is overdue')]);
  });

  it('comes by the schedule of the chiefs, once, and reminds once', async () => {
    const of = await anOrganization();
    const boss = await reachable(of, 'boss');
    await giveAdministrationRight(of.operator, { subject: { kind: 'user', id: boss }, name: 'chief_administrator' });
    await aUser(of, [], [gift(of, 'a', '1')]);
    const weak = await aUser(of, ['manage_users']);
    const yearly = { everyMonths: 12, nextOn: dayIn(-1) };
    expect((await refusalOf(() => setSchedule(weak.ctx, yearly))).code).toBe('not_permitted');
    await setSchedule(of.operator, yearly);
    const system = { ...of.operator, actor: { kind: 'system' as const, id: 'job', label: 'Mandate' } };
    const review = await runSchedule(system);
    expect(review?.rows).toBe(1);
    expect(await runSchedule(system)).toBeUndefined();
    await remindOf(system, review?.id ?? '');
    await remindOf(system, review?.id ?? '');
    const reminders = (await mailsTo(of, boss)).filter(({ kind }) => kind === 'review_reminder');
    expect(reminders).toHaveLength(2);
    await closeReview(of.operator, review?.id ?? '');
    expect((await findReview(of.operator, review?.id ?? '')).closedAt).not.toBeNull();
  });
});

describe('a substitute', () => {
  it('gets in three clicks what the absent person holds, by whatever way, until the last day and no longer', async () => {
    const absent = await aUser(organization, [], [{ ...gift(organization, 'a', '1'), validUntil: inDays(2) }]);
    const team = (await createGroup(organization.operator, { schemas: [], displayName: 'Absent' }, [absent.id])).id;
    await assign(organization.operator, {
      subject: { kind: 'group', id: team },
      gifts: [gift(organization, 'b', '2')],
    });
    const stand = await aUser(organization);
    const browser = await browserOf(chief);
    const form = await browser.open('/portal/substitutes');
    const fields = { absent: userNameOf(absent), substitute: userNameOf(stand), from: dayIn(0), until: dayIn(7) };
    const preview = await post(browser, form, '/portal/substitutes', fields);
    expect(textOf(preview)).toContain('stands in for');
    expect(await standing(organization, stand.id)).toEqual([]);
    const done = await post(browser, preview, '/portal/substitutes', { ...fields, confirmed: 'yes' });
    expect(textOf(done)).toContain('The substitute has the rights.');
    const given = await standing(organization, stand.id);
    const ends = given.map(({ validUntil }) => validUntil && lastDayOf(validUntil, TIME_ZONE));
    expect(ends.toSorted()).toEqual([dayIn(2), dayIn(7)].toSorted());
    const later = { organizationId: organization.id, userId: stand.id, now: inDays(10) };
    expect(await heldBy(later)).toEqual([]);
    const [running] = (await listSubstitutions(chief.ctx)).filter(
      ({ substituteUserId }) => substituteUserId === stand.id,
    );
    await post(browser, done, `/portal/substitutes/${running?.id}/end`);
    expect(await standing(organization, stand.id)).toEqual([]);
    expect(await auditOf(organization.id, stand.id)).toEqual(
      expect.arrayContaining(['substitution.given', 'substitution.ended']),
    );
  });

  it('gets at most what the giver holds himself, and nobody makes himself one', async () => {
    const absent = await aUser(organization, [], [gift(organization, 'a', '1'), gift(organization, 'b', '1')]);
    const weak = await aUser(organization, ['manage_users'], [gift(organization, 'b', '1')]);
    const stand = await aUser(organization);
    const span = { absentUserId: absent.id, validUntil: inDays(5) };
    const outcome = await substitute(weak.ctx, { ...span, substituteUserId: stand.id });
    expect(outcome.given.map(({ values }) => values.rights)).toEqual([['b']]);
    expect(outcome.refused.map(({ refusal }) => refusal.code)).toEqual(['grantor_lacks_right']);
    const self = await refusalOf(() => substitute(weak.ctx, { ...span, substituteUserId: weak.id }));
    expect(['self_assignment', 'grantor_lacks_right']).toContain(self.code);
    const twin = await refusalOf(() => substitute(weak.ctx, { ...span, substituteUserId: absent.id }));
    expect(twin.code).toBe('invalid_input');
    const past = await refusalOf(() =>
      substitute(weak.ctx, { ...span, substituteUserId: stand.id, validUntil: inDays(-1) }),
    );
    expect(past.code).toBe('invalid_input');
  });

  it('is asked for again with what was typed and what is wrong beside its field', async () => {
    const browser = await browserOf(chief);
    const form = await browser.open('/portal/substitutes');
    const fields = { absent: 'nobody-here', substitute: userNameOf(chief), from: dayIn(0), until: '' };
    const again = await post(browser, form, '/portal/substitutes', fields);
    expect(again.status).toBe(422);
    expect(again.html).toContain('value="nobody-here"');
    expect(textOf(again)).toContain('No user of your company has this username.');
  });
});

describe('an assignment that ends within 14 days', () => {
  it('is announced once, to whoever can give it anew in one mail, and to its holder', async () => {
    const of = await anOrganization();
    const boss = await reachable(of, 'head');
    const holder = await reachable(of, 'holder');
    const other = await reachable(of, 'short');
    await giveAdministrationRight(of.operator, { subject: { kind: 'user', id: boss }, name: 'chief_administrator' });
    const until = { validUntil: inDays(10) };
    await assign(of.operator, {
      subject: { kind: 'user', id: holder },
      gifts: [
        { ...gift(of, 'a', '1'), ...until },
        { ...gift(of, 'b', '2'), ...until },
      ],
    });
    await query(`update assignments set given_at = given_at - interval '60 days' where organization_id = $1`, [of.id]);
    await assign(of.operator, { subject: { kind: 'user', id: other }, gifts: [{ ...gift(of, 'a', '1'), ...until }] });
    expect(await announceEnds(of.operator)).toBe(2);
    expect(await announceEnds(of.operator)).toBe(0);
    expect((await mailsTo(of, boss)).map(({ kind }) => kind)).toEqual(['rights_ending']);
    expect((await mailsTo(of, holder)).map(({ kind }) => kind)).toEqual(['own_rights_ending']);
    expect(await mailsTo(of, other)).toEqual([]);
  });
});
