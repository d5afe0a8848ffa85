// Support acts for a customer's administrator: only with consent, only as far as he may, on record under both names, and not a
// request longer than the consent, the role, the administrator and the organization last.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { query } from '../../src/database/query.ts';
import { createApiToken } from '../../src/organizations/api-token.ts';
import { setStaffRoles } from '../../src/organizations/staff-roles.ts';
import { suspendOrganization } from '../../src/organizations/suspend-organization.ts';
import { openSupport, withdrawSupport } from '../../src/support/open-support.ts';
import { startVisit } from '../../src/support/start-visit.ts';
import { sweepVisits } from '../../src/support/sweep-visits.ts';
import { visitsOfStaff } from '../../src/support/visits-of-staff.ts';
import { changeUser } from '../../src/users/change-user.ts';
import { systemCtx } from '../oidc/hub.ts';
import { rightsTables } from '../giving/world.ts';
import { openOperator, staffBrowser, staffCtx, type OperatorHub } from '../operator/operator-hub.ts';
import { post, submit, textOf } from '../portal/portal-hub.ts';
import { silent } from '../support/database.ts';
import { refusalOf } from '../support/refusal.ts';
import { act, aScene, auditIn, consent, CONSENT_PATH, openConsentId, type Scene } from './acting-scene.ts';

let hub: OperatorHub;
beforeAll(async () => {
  hub = await openOperator();
});
afterAll(() => hub.stop());

const PERSON = { givenName: 'Eva', familyName: 'Wouters', language: 'nl', salutation: '', access: 'invite' };

/** Both steps of "Create user", as whoever the browser is. */
async function createUser({ support }: Scene, userName: string) {
  const form = { ...PERSON, userName, email: `${userName}@customer.example` };
  const first = await support.open('/portal/users/new');
  const second = await post(support, first, '/portal/users/new', { step: 'details', ...form });
  return submit(support, second, { step: 'finish' });
}

const users = async (organizationId: string) =>
  (
    await query<{ name: string }>('select user_name as name from users where organization_id = $1', [organizationId])
  ).map(({ name }) => name);

const userCtx = ({ ctx, id }: Scene, userId: string) => ({
  ...ctx,
  actor: { kind: 'user' as const, id: userId, organizationId: id, label: userId },
});

describe('the consent', () => {
  it('is given by a chief for an administrator, is told to the others and can be withdrawn', async () => {
    const scene = await aScene(hub);
    const { chief, page } = await consent(scene, { administrator: scene.administrator, hours: '1' });
    expect(textOf(page)).toContain('Support may act now.');
    expect(textOf(page)).toContain('Carla Daems');
    const told = await query<{ user_id: string }>(
      "select user_id from mails where organization_id = $1 and kind = 'support_opened'",
      [scene.id],
    );
    expect(told.map((one) => one.user_id).toSorted()).toEqual([scene.second, scene.administrator].toSorted());
    const [given] = await query<{ hours: number }>(
      'select extract(epoch from expires_at - given_at) / 3600 as hours from support_consents where organization_id = $1',
      [scene.id],
    );
    expect(Number(given?.hours)).toBe(1);
    const id = await openConsentId(scene, scene.administrator);
    const withdrawn = await post(chief, page, `${CONSENT_PATH}/${id}/withdraw`);
    expect(textOf(withdrawn)).toContain('The consent is withdrawn.');
    expect(textOf(withdrawn)).toContain('Nobody. Support cannot act');
    expect((await auditIn(scene.id)).map(({ action }) => action)).toEqual(
      expect.arrayContaining(['support.opened', 'support.withdrawn']),
    );
  });

  it('gets a new end when it is given again, and stays one', async () => {
    const scene = await aScene(hub);
    await consent(scene);
    await consent(scene, { hours: '72' });
    const rows = await query<{ expires_at: Date }>(
      'select expires_at from support_consents where organization_id = $1',
      [scene.id],
    );
    expect(rows).toHaveLength(1);
    expect(Number(rows[0]?.expires_at)).toBeGreaterThan(Date.now() + 71 * 3_600_000);
  });

  it('is refused for other lengths of time, for who is no administrator and for strangers', async () => {
    const [scene, other] = [await aScene(hub), await aScene(hub)];
    const ctx = userCtx(scene, scene.chief);
    for (const input of [{ hours: 73 }, { hours: Number.NaN }, { hours: 8, administratorId: scene.plain }])
      expect((await refusalOf(() => openSupport(ctx, input))).code).toBe('invalid_input');
    const foreign = { hours: 8, administratorId: other.chief };
    expect((await refusalOf(() => openSupport(ctx, foreign))).code).toBe('not_found');
    expect(textOf((await consent(scene, { hours: '100' })).page)).toContain(
      'Choose an active administrator and one of',
    );
  });

  it('is for chiefs in person only: not for other administrators, not for the operator', async () => {
    const scene = await aScene(hub);
    const administrator = await scene.as(scene.administrator);
    expect((await administrator.open(CONSENT_PATH)).status).toBe(403);
    for (const ctx of [
      userCtx(scene, scene.administrator),
      { ...scene.ctx, ...staffCtx(hub.staff.owner) },
      { ...scene.ctx, organizationId: scene.id },
    ])
      expect((await refusalOf(() => openSupport(ctx, { administratorId: scene.chief, hours: 8 }))).code).toBe(
        'not_permitted',
      );
  });

  it("of another organization does not exist for a chief or for the staff's form", async () => {
    const [scene, other] = [await aScene(hub), await aScene(hub)];
    await consent(other);
    const foreign = await openConsentId(other, other.chief);
    const chief = await scene.as(scene.chief);
    expect((await post(chief, await chief.open(CONSENT_PATH), `${CONSENT_PATH}/${foreign}/withdraw`)).status).toBe(404);
    expect((await refusalOf(() => withdrawSupport(userCtx(scene, scene.chief), foreign))).code).toBe('not_found');
    const { support, at } = scene;
    const page = await post(support, await support.open(at), at, { consent: foreign, reason: 'Call 4711' });
    expect(page.status).toBe(404);
    expect((await support.open('/portal')).html).not.toContain('class="acting"');
  });
});

describe('without a consent', () => {
  it('the page says how to ask for one, and the hub refuses', async () => {
    const scene = await aScene(hub);
    const { support, at } = scene;
    const page = await support.open(at);
    expect(textOf(page)).toContain('Ask a chief administrator of the organization.');
    expect(page.html).not.toContain('name="reason"');
    const refused = await post(support, page, at, { reason: 'Call 4711' });
    expect(refused.status).toBe(409);
    expect(textOf(refused)).toContain('has not let support act for this administrator');
    await consent(scene);
    const old = await openConsentId(scene, scene.chief);
    await withdrawSupport(userCtx(scene, scene.second), old);
    expect((await post(support, await support.open(at), at, { consent: old, reason: 'Call 4711' })).status).toBe(409);
    expect((await support.open('/portal')).html).not.toContain('class="acting"');
  });

  it('nothing opens it: not an API token, not a role without the permission, not an empty reason', async () => {
    const scene = await aScene(hub);
    await consent(scene);
    const consentId = await openConsentId(scene, scene.chief);
    const input = { consentId, reason: 'Call 4711', sessionUid: 'none' };
    const token = { ...scene.ctx, actor: { kind: 'operator' as const, id: 'api-token', label: 'token' } };
    expect((await refusalOf(() => startVisit(token, input))).code).toBe('not_permitted');
    const auditor = { ...scene.ctx, ...staffCtx(hub.staff.auditor) };
    expect((await refusalOf(() => startVisit(auditor, input))).code).toBe('not_permitted');
    const { support, at } = scene;
    const page = await post(support, await support.open(at), at, { consent: consentId, reason: ' ' });
    expect(page.status).toBe(422);
    expect(page.html).toContain('aria-invalid="true"');
  });
});

describe('while acting', () => {
  it('staff uses the portal as the administrator, under a banner, and each change names both', async () => {
    const scene = await aScene(hub);
    const home = await act(scene);
    expect(home.url.pathname).toBe('/portal');
    expect(home.html).toContain('class="acting"');
    expect(home.html).toContain(`${scene.staffName}, you act for Anna Claes of ${scene.name}.`);
    expect(textOf(await scene.support.open('/portal/users'))).toContain('Dirk Peeters');
    const created = await createUser(scene, 'eva.wouters');
    expect(created.url.pathname).toMatch(/\/created$/);
    expect(created.html).toContain('class="acting"');
    expect(await users(scene.id)).toContain('eva.wouters');
    const rows = await auditIn(scene.id);
    const row = rows.find(({ action, after }) => action === 'user.created' && after?.['userName'] === 'eva.wouters');
    expect(row?.actor).toMatchObject({
      kind: 'user',
      id: scene.chief,
      actedBy: { id: scene.staffId, label: scene.staffName },
    });
    expect(textOf(await scene.support.open('/portal/users'))).toContain(`${scene.staffName} (support) for anna.claes`);
    const acted = rows.filter(({ actor }) => actor.actedBy);
    expect(acted.length).toBeGreaterThan(1);
    expect(new Set(acted.map(({ actor }) => actor.actedBy?.visit)).size).toBe(1);
  });

  it('is seen by the customer in its history and by the operator in his own', async () => {
    const scene = await aScene(hub);
    await act(scene);
    await createUser(scene, 'f.wouters');
    const chief = await scene.as(scene.second);
    const history = textOf(await chief.open('/portal/history'));
    expect(history).toContain(`${scene.staffName} of the operator, acting for Anna Claes, created the user`);
    expect(history).toContain(`${scene.staffName} of the operator's support began to act for Anna Claes.`);
    const page = await chief.open(CONSENT_PATH);
    expect(textOf(page)).toContain('Call 4711');
    const href = /href="(\/portal\/history\?visit=[^"]+)"/.exec(page.html)?.[1] ?? '';
    const visit = textOf(await chief.open(href));
    expect(visit).toContain('created the user');
    expect(visit).not.toContain('began to act');
    const owner = await hub.as('owner');
    const list = await owner.open(scene.at);
    expect(textOf(list)).toContain('Call 4711');
    const one = new RegExp(`href="(${scene.at}/[^"]+)"`).exec(list.html)?.[1] ?? '';
    expect(textOf(await owner.open(one))).toContain('of the operator, acting for Anna Claes, created the user');
    const own = (await auditIn('00000000-0000-7000-8000-000000000001')).filter(
      ({ target }) => target === scene.staffId,
    );
    expect(own.find(({ action }) => action === 'staff.acting_started')?.after).toMatchObject({
      organization: scene.id,
      administrator: scene.chief,
      reason: 'Call 4711',
    });
  });

  it('is listed by member of staff over all customers, for whoever may read the audit and for nobody else', async () => {
    const [scene, other] = [await aScene(hub), await aScene(hub)];
    await act(scene);
    const owner = await hub.as('owner');
    const path = `/operator/staff/${scene.staffId}/visits`;
    expect((await owner.open('/operator/staff')).html).toContain(`href="${path}"`);
    const page = await owner.open(path);
    const text = textOf(page);
    expect(text).toContain(`Support visits of ${scene.staffName}`);
    expect(text).toContain(`${scene.name} Anna Claes Anna Claes Call 4711 Going on`);
    expect(page.html).toMatch(new RegExp(`href="${scene.at}/[0-9a-f-]{36}"`));
    expect(textOf(await owner.open(`/operator/staff/${other.staffId}/visits`))).toContain('No visit so far');
    expect((await owner.open(`/operator/staff/${scene.chief}/visits`)).status).toBe(404);
    expect((await (await hub.as('catalogue')).open(path)).status).toBe(403);
    const { items, next } = await visitsOfStaff(systemCtx(), scene.staffId, { limit: 10 });
    expect(items).toMatchObject([{ organization: scene.name, consentBy: 'Anna Claes', staff: scene.staffName }]);
    expect(next).toBeNull();
    const actor = { kind: 'user' as const, id: scene.chief, organizationId: scene.id, label: 'anna' };
    expect((await refusalOf(() => visitsOfStaff({ ...systemCtx(), actor }, scene.staffId, { limit: 10 }))).code).toBe(
      'not_permitted',
    );
  });

  it('is refused what the administrator is refused, for the same reason', async () => {
    const scene = await aScene(hub);
    await act(scene, scene.administrator);
    const own = await scene.as(scene.administrator);
    const before = await rightsTables(scene.id);
    for (const [userId, fields] of [
      [scene.plain, { right: 'chief_administrator' }],
      [scene.plain, { right: 'manage_users' }],
      [scene.chief, { right: 'recover_password' }],
    ] as const) {
      const path = `/portal/users/${userId}/administration-rights`;
      const answers = [];
      for (const browser of [scene.support, own]) {
        const page = await post(browser, await browser.open('/portal/users'), path, fields);
        answers.push([page.status, textOf(page)]);
      }
      expect(answers[0]).toEqual(answers[1]);
      expect(answers[0]?.[0]).toBe(403);
    }
    expect((await scene.support.open('/portal/policy')).status).toBe(403);
    expect(await rightsTables(scene.id)).toBe(before);
  });

  it('reaches nothing of another organization', async () => {
    const [scene, other] = [await aScene(hub), await aScene(hub)];
    const home = await act(scene);
    expect((await scene.support.open(`/portal/users/${other.plain}`)).status).toBe(404);
    const page = await post(scene.support, home, `/portal/users/${other.plain}/deactivate`);
    expect(page.status).toBe(404);
  });

  it("keeps away from what is the administrator's own, from the policy and from the consent", async () => {
    const scene = await aScene(hub);
    const home = await act(scene);
    const { support } = scene;
    for (const path of [
      '/password',
      '/details',
      '/details/email',
      '/notices',
      '/security',
      '/security/factors/new',
      '/security/recovery-codes',
      '/my-data.json',
      '/switch-organization',
      '/ask?application=emasspost',
      '/policy',
      '/policy/terms',
      '/policy/support',
      '/POLICY/Support/',
      '/users/import',
      '/something/new',
    ]) {
      const page = await support.open(`/portal${path}`);
      expect([path, page.status, textOf(page).includes('Support does not do this')]).toEqual([path, 403, true]);
      expect(page.html).toContain('class="acting"');
    }
    const id = await openConsentId(scene, scene.chief);
    for (const [path, fields] of [
      ['/policy/support', { administrator: scene.chief, hours: '72' }],
      [`/policy/support/${id}/withdraw`, {}],
      ['/policy', { sessionHours: '1' }],
      ['/security/sessions/end-others', {}],
      ['/details', { givenName: 'X', familyName: 'Y', language: 'nl' }],
      ['/notices', { rights: 'never' }],
    ] as const)
      expect([path, (await post(support, home, `/portal${path}`, fields)).status]).toEqual([path, 403]);
  });

  it("comes by nobody's credentials", async () => {
    const scene = await aScene(hub);
    const home = await act(scene);
    const { support } = scene;
    const at = `/portal/users/${scene.plain}`;
    const page = await support.open(at);
    expect(page.html).not.toContain(`href="${at}/temporary-password"`);
    expect(textOf(page)).toContain('Support cannot do this in the place of an administrator.');
    const before = await users(scene.id);
    const eve = { userName: 'g.wouters', email: 'g.wouters@customer.example' };
    const answers = [
      await post(support, home, `${at}/temporary-password`),
      await post(support, home, `${at}/invitation`, { act: 'copy' }),
      await post(support, home, `${at}/second-factor`, { act: 'reset' }),
      await post(support, home, '/portal/users/new', { step: 'finish', ...PERSON, ...eve, access: 'temporary' }),
    ];
    for (const { status, html } of answers) {
      expect(status).toBe(403);
      expect(html).toMatch(/Support cannot do this|Support does not do this/);
    }
    const [version] = await query<{ version: string }>('select version::text from users where id = $1', [scene.plain]);
    const edited = await post(support, home, `${at}/edit`, {
      userName: 'somebody.else',
      givenName: 'Dirk',
      familyName: 'Peeters',
      email: 'support@operator.example',
      language: 'en',
      version: version?.version ?? '',
    });
    expect(edited.status).toBe(403);
    expect(await users(scene.id)).toEqual(before);
    expect(await query('select 1 from passwords where organization_id = $1', [scene.id])).toEqual([]);
  });

  it('gives the administrator no right, chief or not', async () => {
    const scene = await aScene(hub);
    const home = await act(scene);
    const before = await rightsTables(scene.id);
    const path = `/portal/users/${scene.chief}/administration-rights`;
    const page = await post(scene.support, home, path, { right: 'ftp_access' });
    expect(page.status).toBe(403);
    expect(await rightsTables(scene.id)).toBe(before);
  });

  it('makes a new administrator known to every chief, to the one in whose place it was done as well', async () => {
    const scene = await aScene(hub);
    const home = await act(scene);
    const told = async () =>
      (
        await query<{ user_id: string }>(
          "select user_id from mails where organization_id = $1 and kind = 'new_administrator' order by id",
          [scene.id],
        )
      ).map((one) => one.user_id);
    const before = (await told()).length;
    const path = `/portal/users/${scene.plain}/administration-rights`;
    expect((await post(scene.support, home, path, { right: 'manage_users' })).status).toBe(200);
    expect((await told()).slice(before).toSorted()).toEqual([scene.chief, scene.second].toSorted());
  });

  it('takes forms of its own pages only', async () => {
    const scene = await aScene(hub);
    const { support } = scene;
    await support.open('/portal');
    const own = await support.open('/portal/history');
    const home = await act(scene);
    expect((await post(support, own, `/portal/users/${scene.plain}/deactivate`)).status).toBe(403);
    const bare = { ...home, html: '' };
    expect((await post(support, bare, `/portal/users/${scene.plain}/deactivate`)).status).toBe(403);
    const [row] = await query<{ active: boolean }>('select active from users where id = $1', [scene.plain]);
    expect(row?.active).toBe(true);
  });

  it('is bound to one session: the same person elsewhere, and others of the staff, act for nobody', async () => {
    const scene = await aScene(hub);
    await act(scene);
    for (const browser of [await staffBrowser(hub.origin, scene.staffId), await hub.as('owner')])
      expect((await browser.open('/portal')).html).not.toContain('class="acting"');
  });
});

/** What ends it, and the sentence that says so. */
const ENDS: readonly (readonly [string, string, (scene: Scene) => Promise<unknown>])[] = [
  [
    'withdrawal',
    'A chief administrator withdrew the consent.',
    async (scene) => withdrawSupport(userCtx(scene, scene.second), await openConsentId(scene, scene.chief)),
  ],
  [
    'the end of its time',
    'The time of the consent is over.',
    ({ id }) =>
      query(
        `update support_consents set given_at = given_at - interval '9 hours', expires_at = now() - interval '1 second'
         where organization_id = $1`,
        [id],
      ),
  ],
  [
    'the loss of the role',
    'Your role does not allow it any more.',
    ({ staffId }) => setStaffRoles(systemCtx(), staffId, ['catalogue']),
  ],
  [
    'deactivation of the administrator',
    'The administrator is no longer active.',
    ({ ctx, chief }) => changeUser(ctx, chief, (document) => ({ ...document, active: false })),
  ],
  [
    'suspension of the organization',
    'The organization is suspended or closed.',
    ({ id }) => suspendOrganization(systemCtx(), id, 'test'),
  ],
];

describe('acting ends at the very next request', () => {
  it.each(ENDS)('by %s, with nothing done', async (_, sentence, end) => {
    const scene = await aScene(hub);
    const home = await act(scene);
    await end(scene);
    const page = await post(scene.support, home, `/portal/users/${scene.plain}/deactivate`);
    expect(page.status).toBe(403);
    expect(textOf(page)).toContain(sentence);
    expect(page.html).toContain(`href="${scene.at}"`);
    const [row] = await query<{ active: boolean }>('select active from users where id = $1', [scene.plain]);
    expect(row?.active).toBe(true);
    const next = await scene.support.open('/portal');
    expect(next.html).not.toContain('class="acting"');
    expect(textOf(next)).not.toContain('Anna Claes');
    const ended = (await auditIn(scene.id)).filter(({ action }) => action === 'support.visit_ended');
    expect(ended).toHaveLength(1);
  });

  it('by stopping it, by signing out and by beginning for somebody else', async () => {
    const [scene, other] = [await aScene(hub), await aScene(hub)];
    const { support, at } = scene;
    const stopped = await post(support, await act(scene), '/portal/support/stop');
    expect(stopped.url.pathname).toBe(at);
    expect((await support.open('/portal')).html).not.toContain('class="acting"');
    await act(scene);
    await consent(other);
    const there = await post(support, await support.open(other.at), other.at, {
      consent: await openConsentId(other, other.chief),
      reason: 'Call 4712',
    });
    expect(there.html).toContain(`you act for Anna Claes of ${other.name}`);
    await post(support, there, '/portal/sign-out');
    const open = await query('select 1 from support_visits where staff_id = $1 and ended_at is null', [scene.staffId]);
    expect(open).toEqual([]);
  });

  it('when the operator ends it, and is written down where nobody comes back', async () => {
    const [scene, other] = [await aScene(hub), await aScene(hub)];
    await act(scene);
    const owner = await hub.as('owner');
    const list = await owner.open(scene.at);
    const one = new RegExp(`href="(${scene.at}/[^"]+)"`).exec(list.html)?.[1] ?? '';
    await post(owner, await owner.open(one), `${one}/end`);
    expect(textOf(await scene.support.open('/portal/users'))).toContain("A member of the operator's staff ended it.");
    await act(other);
    expect(await sweepVisits(new Date(), silent)).toBe(0);
    await query('delete from oidc_artefacts where user_id = $1', [other.staffId]);
    expect(await sweepVisits(new Date(), silent)).toBe(1);
    const [visit] = await query<{ outcome: string }>('select outcome from support_visits where organization_id = $1', [
      other.id,
    ]);
    expect(visit?.outcome).toBe('signed_out');
  });

  it('also for the script that asks how long the session lasts, which ends nothing by asking', async () => {
    const scene = await aScene(hub);
    await act(scene);
    await withdrawSupport(userCtx(scene, scene.second), await openConsentId(scene, scene.chief));
    expect(JSON.parse((await scene.support.open('/portal/session')).html)).toMatchObject({ endsIn: 0 });
    expect(textOf(await scene.support.open('/portal'))).toContain('You no longer act for anybody');
  });
});

describe('the management API', () => {
  it('lists consents and visits and what was done, ends a visit, and gives no consent', async () => {
    const scene = await aScene(hub);
    await act(scene);
    await createUser(scene, 'h.wouters');
    const { token } = await createApiToken(systemCtx(), { name: `support ${scene.name}`, roles: ['support'] });
    const at = `${hub.origin}/api/v1/organizations/${scene.id}`;
    const ask = (path: string, method = 'GET', body?: unknown) =>
      fetch(`${at}/${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const read = async (path: string) =>
      ((await (await ask(path)).json()) as { items: Record<string, unknown>[] }).items;
    const [given] = await read('support-consents');
    expect(given).toMatchObject({ administrator: 'Anna Claes', givenBy: 'Anna Claes', valid: true, withdrawnAt: null });
    const [visit] = await read('support-visits');
    expect(visit).toMatchObject({ staff: scene.staffName, reason: 'Call 4711', endedAt: null, outcome: null });
    const events = await read(`audit-events?visit=${String(visit?.['id'])}`);
    expect(events).toHaveLength(Number(visit?.['changes']));
    expect(events.map(({ action }) => action)).toContain('user.created');
    expect(events[0]?.['actor']).toMatchObject({ actedBy: { id: scene.staffId, label: scene.staffName } });
    for (const method of ['POST', 'PUT', 'PATCH'])
      expect((await ask('support-consents', method, { administrator: scene.chief, hours: 8 })).status).toBe(405);
    expect((await ask(`support-visits/${String(visit?.['id'])}`, 'DELETE')).status).toBe(204);
    expect(textOf(await scene.support.open('/portal'))).toContain('You no longer act for anybody');
    expect((await ask(`support-visits/${scene.id}`, 'DELETE')).status).toBe(404);
  });
});
