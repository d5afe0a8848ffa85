// The editor of one entitlement over HTTP: what it offers, what a preview says, what a save does and refuses.
import { describe, expect, it } from '@jest/globals';
import { listAssignments } from '../../src/entitlements/assignment-row.ts';
import { endAssignment, replaceAssignments } from '../../src/entitlements/end-assignment.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { giveMandate } from '../../src/mandates/give-mandate.ts';
import { putResources } from '../../src/organizations/put-resources.ts';
import { auditOf, rightsTables, type Organization, type Person } from '../giving/world.ts';
import {
  aCompany,
  aUser,
  catalogue,
  deposits,
  errorsOf,
  formOf,
  itemsOf,
  oneDeposit,
  textOf,
  useRightsHub,
  visitor,
  type Page,
  type Visitor,
} from './rights-hub.ts';
import { lastDayOf } from '../../src/web/days.ts';
import { TIME_ZONE, dayIn, inDays } from '../web/days.ts';

const hub = useRightsHub();

type Scene = { company: Organization; person: Person; administrator: Person; at: Visitor };

/** An administrator who holds deposits of letters and periodicals on A1, and somebody without rights. */
async function aScene(held = deposits, input = {}): Promise<Scene> {
  const company = await aCompany(input);
  const administrator = await aUser(company, ['manage_users'], [held(company, ['letter', 'periodical'])]);
  const person = await aUser(company);
  return { company, person, administrator, at: await visitor(hub, administrator) };
}

const given = async ({ company, person }: Pick<Scene, 'company' | 'person'>) =>
  listAssignments(company.operator, { kind: 'user', id: person.id });
const give = async ({ company, person }: Scene, ...gifts: Parameters<typeof assign>[1]['gifts']) =>
  (await assign(company.operator, { subject: { kind: 'user', id: person.id }, gifts })).map(({ id }) => id);
const editor = ({ company, person }: Scene, assignment?: string, application = 'emasspost'): string =>
  `/portal/users/${person.id}/rights/${application}/edit?account=${company.accountId}${assignment === undefined ? '' : `&assignment=${assignment}`}`;
const preview = (at: Visitor, page: Page, change: Record<string, string | readonly string[]> = {}): Promise<Page> =>
  at.submit(page, { ...change, act: 'preview' });
const save = (at: Visitor, page: Page): Promise<Page> => at.submit(page, { act: 'save' });

describe('giving the first rights', () => {
  it.each([...catalogue.keys()])('works through the form in %s', async (key) => {
    const company = await aCompany();
    const person = await aUser(company);
    const at = await visitor(hub, await aUser(company, ['chief_administrator']));
    const list = await at.open(`/portal/users/${person.id}/rights/${key}`);
    expect(textOf(list)).toContain('Give rights');
    const application = catalogue.get(key);
    const profile = application?.profiles[1]?.key;
    const page = await at.open(
      `/portal/users/${person.id}/rights/${key}/edit?account=${company.accountId}${profile === undefined ? '' : `&edited=1&profile=${profile}`}`,
    );
    const ticks = (application?.dimensions ?? []).map((dimension) => {
      const free = [...itemsOf(page, dimension)].filter(([value, { state }]) => state === 'free' && value !== '*');
      return [dimension, free.slice(0, 1).map(([value]) => value)] as const;
    });
    const shown = await preview(at, page, Object.fromEntries(ticks));
    expect(errorsOf(shown)).toEqual([]);
    const saved = await save(at, shown);
    expect(saved.url.search).toBe('?done=saved');
    const [assignment, ...others] = await given({ company, person });
    expect(others).toEqual([]);
    expect(assignment).toMatchObject({ application: key, profile: profile ?? null });
    expect(Object.keys(assignment?.values ?? {}).toSorted()).toEqual([...(application?.dimensions ?? [])].toSorted());
  });

  it('says list by list what is still to be chosen, and keeps what was', async () => {
    const scene = await aScene();
    const page = await scene.at.open(editor(scene));
    const refused = await preview(scene.at, page, { products: ['letter'] });
    expect(refused.status).toBe(422);
    expect(errorsOf(refused)).toEqual([
      'Choose at least one in the list Billing addresses.',
      'Choose at least one in the list Rights.',
    ]);
    expect(refused.html).toContain('href="#list-rights"');
    expect(itemsOf(refused, 'products').get('letter')).toMatchObject({ ticked: true });
    expect(await given(scene)).toEqual([]);
  });
});

describe('what the editor offers', () => {
  it('greys what the administrator does not hold himself, with the reason, and a save of it is refused', async () => {
    const scene = await aScene();
    const page = await scene.at.open(editor(scene));
    expect(itemsOf(page, 'products').get('letter')).toMatchObject({ state: 'free', ticked: false });
    expect(itemsOf(page, 'products').get('kilopost')).toMatchObject({ state: 'locked', code: 'grantor_lacks_right' });
    expect(itemsOf(page, 'products').get('kilopost')?.text).toContain('You do not hold this right yourself');
    expect(itemsOf(page, 'products').get('reserve_1')).toMatchObject({ state: 'locked', code: 'placeholder' });
    expect(itemsOf(page, 'rights').get('senders_management')).toMatchObject({ code: 'only_conventional_routers' });
    expect(itemsOf(page, 'billing_addresses').get('A3')?.text).toContain('This billing address is closed.');
    const before = await rightsTables(scene.company.id);
    const refused = await scene.at.submit(page, {
      products: ['letter', 'kilopost'],
      billing_addresses: ['A1'],
      rights: ['create_deposit'],
      act: 'save',
    });
    expect(refused.status).toBe(403);
    expect(errorsOf(refused)[0]).toBe('You do not hold this right yourself, so you cannot grant it.');
    expect(errorsOf(refused)[1]).toContain('Products: Kilopost; Billing addresses: Label of A1; Rights: Creation');
    expect(itemsOf(refused, 'rights').get('create_deposit')).toMatchObject({ ticked: true });
    expect(await rightsTables(scene.company.id)).toBe(before);
  });

  it('refuses a mixture of what the administrator holds in two entitlements, and names what is missing', async () => {
    const scene = await aScene((company) => deposits(company, ['letter']));
    await assign(scene.company.operator, {
      subject: { kind: 'user', id: scene.administrator.id },
      gifts: [
        deposits(scene.company, [], {
          values: { products: ['periodical'], billing_addresses: ['A2'], rights: ['create_deposit'] },
        }),
      ],
    });
    const page = await scene.at.open(editor(scene));
    const refused = await preview(scene.at, page, {
      products: ['letter', 'periodical'],
      billing_addresses: ['A1', 'A2'],
      rights: ['create_deposit'],
    });
    expect(refused.status).toBe(403);
    expect(errorsOf(refused).slice(1).join()).toMatch(
      /Products: Letter.*A2.*Products: Periodical.*A1|Products: Periodical.*A1.*Products: Letter.*A2/,
    );
    const one = await preview(scene.at, page, {
      products: ['letter'],
      billing_addresses: ['A1'],
      rights: ['create_deposit'],
    });
    expect(one.status).toBe(200);
  });

  it('offers "all, also future ones" only to whom it is to give, and ticking all is not that', async () => {
    const scene = await aScene();
    expect(itemsOf(await scene.at.open(editor(scene)), 'billing_addresses').has('*')).toBe(false);
    const chief = await visitor(hub, await aUser(scene.company, ['chief_administrator']));
    const page = await chief.open(editor(scene));
    expect(itemsOf(page, 'billing_addresses').get('*')).toMatchObject({ state: 'free', ticked: false });
    expect(itemsOf(page, 'products').has('*')).toBe(false);
    const ticks = { products: ['letter'], rights: ['create_deposit'] };
    await save(chief, await preview(chief, page, { ...ticks, billing_addresses: ['A1', 'A2'] }));
    await save(chief, await preview(chief, page, { ...ticks, billing_addresses: ['*'] }));
    expect((await given(scene)).map(({ values }) => values?.billing_addresses)).toEqual([['A1', 'A2'], '*']);
  });

  it('ticks everything that may be ticked in a list, without script too', async () => {
    const scene = await aScene();
    const page = await scene.at.submit(await scene.at.open(editor(scene)), { all: 'products' });
    expect([...itemsOf(page, 'products')].flatMap(([value, { ticked }]) => (ticked ? [value] : []))).toEqual([
      'letter',
      'periodical',
    ]);
  });

  it('shows of another company only what its mandate names', async () => {
    const owner = await aCompany({ name: 'Zeewind' });
    const house = await aCompany({ name: 'Lettershop' });
    const ownerChief = await aUser(owner, ['chief_administrator']);
    await giveMandate(ownerChief.ctx, {
      customerAccountId: owner.accountId,
      receiverOrganizationId: house.id,
      boxes: [
        {
          application: 'emasspost',
          values: { products: ['letter'], billing_addresses: ['A2'], rights: ['create_deposit'] },
        },
      ],
    });
    const clerk = await aUser(house);
    const at = await visitor(hub, await aUser(house, ['chief_administrator']));
    const page = await at.open(`/portal/users/${clerk.id}/rights/emasspost/edit?account=${owner.accountId}`);
    expect(textOf(page)).toContain('Customer account of Zeewind, under a mandate');
    expect([...itemsOf(page, 'billing_addresses').keys()]).toEqual(['A2']);
    expect(itemsOf(page, 'products').get('periodical')).toMatchObject({ code: 'grantor_lacks_right' });
    const saved = await save(
      at,
      await preview(at, page, { products: ['letter'], billing_addresses: ['A2'], rights: ['create_deposit'] }),
    );
    expect(textOf(saved)).toContain('Customer account of Zeewind');
    const why = await at.open(
      `/portal/users/${clerk.id}/why?application=emasspost&account=${owner.accountId}&products=letter&billing_addresses=A2&rights=create_deposit`,
    );
    expect(textOf(why)).toContain('Under a mandate of Zeewind.');
    expect(why.html).not.toContain('Label of A1');
  });
});

describe('changing an entitlement', () => {
  it('writes nothing when it is saved as it was opened', async () => {
    const scene = await aScene();
    const until = new Date(Date.now() + 40 * 86_400_000 + 4_321);
    const [id] = await give(scene, deposits(scene.company, ['letter'], { validUntil: until }));
    const before = await rightsTables(scene.company.id);
    const page = await scene.at.open(editor(scene, id));
    const shown = await preview(scene.at, page);
    expect(shown.status).toBe(200);
    expect(shown.html).not.toContain('value="save"');
    const saved = await scene.at.submit(page, { act: 'save' });
    expect(saved.url.search).toBe('?done=unchanged');
    expect(await rightsTables(scene.company.id)).toBe(before);
  });

  it('says before what is gained and lost in combinations, and replaces in one act', async () => {
    const scene = await aScene();
    const [id, other] = await give(
      scene,
      deposits(scene.company, ['letter']),
      deposits(scene.company, ['periodical'], {
        values: { products: ['periodical'], billing_addresses: ['A1'], rights: ['create_deposit'] },
      }),
    );
    const page = await scene.at.open(editor(scene, id));
    const shown = await preview(scene.at, page, { products: ['letter', 'periodical'], rights: ['create_deposit'] });
    const text = textOf(shown);
    expect(text).toContain(
      'may from now on no longer Products: Letter (Admin Mail); Billing addresses: Label of A1; Rights: Deposit statement',
    );
    // Periodicals he holds already by the other one.
    expect(text).not.toContain('may from now on also');
    const saved = await save(scene.at, shown);
    expect(saved.url.search).toBe('?done=saved');
    const after = await given(scene);
    expect(after.map(({ values }) => [values?.products, values?.rights])).toEqual(
      expect.arrayContaining([
        [['letter', 'periodical'], ['create_deposit']],
        [['periodical'], ['create_deposit']],
      ]),
    );
    expect(after.some((one) => one.id === other)).toBe(true);
    expect((await auditOf(scene.company.id, scene.person.id)).slice(-2)).toEqual([
      'assignment.ended',
      'assignment.given',
    ]);
  });

  it('never shows two entitlements as one', async () => {
    const scene = await aScene();
    const [letters] = await give(
      scene,
      deposits(scene.company, ['letter']),
      deposits(scene.company, [], {
        values: { products: ['periodical'], billing_addresses: ['A2'], rights: ['create_deposit'] },
      }),
    );
    const page = await scene.at.open(editor(scene, letters));
    expect(itemsOf(page, 'products').get('periodical')).toMatchObject({ ticked: false });
    expect(itemsOf(page, 'billing_addresses').get('A2')).toMatchObject({ ticked: false });
    const list = await scene.at.open(`/portal/users/${scene.person.id}/rights/emasspost`);
    expect(textOf(list)).toMatch(
      /Products Letter \(Admin Mail\) Billing addresses Label of A1 .*Products Periodical Billing addresses Label of A2/,
    );
  });

  it('shows one beyond the administrator whole and locked with the reason, refuses its change, and lets him add one beside it', async () => {
    const scene = await aScene();
    const [id] = await give(scene, deposits(scene.company, ['letter', 'kilopost']));
    const list = await scene.at.open(`/portal/users/${scene.person.id}/rights/emasspost`);
    expect(textOf(list)).toContain('Goes beyond your own rights. You can see it, not change it.');
    expect(list.html).not.toContain('/end?');
    const page = await scene.at.open(editor(scene, id));
    expect(textOf(page)).toContain('You do not hold on');
    expect(itemsOf(page, 'products').get('kilopost')).toMatchObject({
      ticked: true,
      state: 'locked',
      code: 'grantor_lacks_right',
    });
    expect(itemsOf(page, 'products').get('letter')).toMatchObject({ ticked: true, state: 'locked' });
    expect(formOf(page).fields.some(([name]) => name === 'products')).toBe(false);
    const before = await rightsTables(scene.company.id);
    const refused = await scene.at.send(editor(scene, id), {
      edited: '1',
      account: scene.company.accountId,
      assignment: id ?? '',
      products: ['letter', 'kilopost', 'periodical'],
      billing_addresses: 'A1',
      rights: ['create_deposit', 'deposit_statement'],
      act: 'save',
    });
    expect(refused.status).toBe(403);
    expect(await rightsTables(scene.company.id)).toBe(before);
    const beside = await scene.at.open(editor(scene));
    const saved = await save(
      scene.at,
      await preview(scene.at, beside, {
        products: ['letter'],
        billing_addresses: ['A1'],
        rights: ['deposit_statement'],
      }),
    );
    expect(saved.url.search).toBe('?done=saved');
    expect(await given(scene)).toHaveLength(2);
  });

  it('keeps a tick that cannot be given any more until somebody takes it away', async () => {
    const scene = await aScene();
    const [id] = await give(
      scene,
      deposits(scene.company, [], {
        values: { products: ['letter'], billing_addresses: ['A1', 'A2'], rights: ['create_deposit'] },
      }),
    );
    await putResources(scene.company.operator, {
      customerAccountId: scene.company.accountId,
      resources: [{ kind: 'billing_addresses', number: 'A2', label: 'Label of A2', state: 'closed' }],
    });
    const page = await scene.at.open(editor(scene, id));
    expect(itemsOf(page, 'billing_addresses').get('A2')).toMatchObject({
      ticked: true,
      state: 'free',
      code: 'no_active_contract',
    });
    const refused = await preview(scene.at, page, { products: ['letter', 'periodical'] });
    expect(refused.status).toBe(422);
    expect(errorsOf(refused)).toEqual(['Label of A2: No active contract for this service.']);
    const shown = await preview(scene.at, page, { products: ['letter', 'periodical'], billing_addresses: ['A1'] });
    expect(shown.status).toBe(200);
  });
});

describe('a customer account with many contracts', () => {
  it('goes through the form whole, though its ticks fit no address', async () => {
    const scene = await aScene();
    const numbers = Array.from({ length: 1200 }, (_, i) => `PN-${10_000 + i}`);
    await putResources(scene.company.operator, {
      customerAccountId: scene.company.accountId,
      resources: numbers.map((number) => ({ kind: 'contracts', number, label: `Parcels ${number}` })),
    });
    const chief = await visitor(hub, await aUser(scene.company, ['chief_administrator']));
    const page = await chief.open(editor(scene, undefined, 'etracker'));
    const all = await chief.submit(page, { rights: ['user'], all: 'contracts' });
    const shown = await preview(chief, all);
    expect(shown.url.search).not.toContain('PN-10000');
    expect((await save(chief, shown)).url.search).toBe('?done=saved');
    expect((await given(scene))[0]?.values?.contracts).toHaveLength(1202);
  });
});

describe('the dates', () => {
  it('propose the end of what the administrator holds, take it to the instant, and go no further', async () => {
    const end = inDays(30);
    const scene = await aScene((company, products) => deposits(company, products, { validUntil: end }));
    const page = await scene.at.open(editor(scene));
    const last = lastDayOf(end, TIME_ZONE);
    expect(page.html).toContain(`name="until" type="date" value="${last}" max="${last}"`);
    expect(textOf(page)).toContain('and cannot give it for longer');
    const ticks = { products: ['letter'], billing_addresses: ['A1'], rights: ['create_deposit'] };
    for (const until of [dayIn(31), '']) {
      const refused = await preview(scene.at, page, { ...ticks, until });
      expect(refused.status).toBe(403);
      expect(errorsOf(refused)[0]).toBe(
        'You cannot give this for longer than you hold it yourself. Choose an earlier end date.',
      );
      expect(refused.html).toMatch(/id="until"[^>]*aria-invalid="true"/);
    }
    await save(scene.at, await preview(scene.at, page, ticks));
    expect((await given(scene))[0]?.validUntil).toEqual(end);
  });

  it('mean whole days in the time zone of the portal, and a beginning today means now', async () => {
    const scene = await aScene();
    const page = await scene.at.open(editor(scene));
    const ticks = { products: ['letter'], billing_addresses: ['A1'], rights: ['create_deposit'] };
    await save(scene.at, await preview(scene.at, page, { ...ticks, from: dayIn(0), until: '2030-06-30' }));
    await save(scene.at, await preview(scene.at, page, { ...ticks, from: '2030-01-01', until: '' }));
    const [first, second] = await given(scene);
    expect([first?.validFrom, first?.validUntil?.toISOString()]).toEqual([null, '2030-06-30T22:00:00.000Z']);
    expect([second?.validFrom?.toISOString(), second?.validUntil]).toEqual(['2029-12-31T23:00:00.000Z', null]);
  });

  it.each([
    ['2030-02-30', 'This is not a day'],
    ['2020-01-01', 'The end must lie in the future'],
  ])('refuse %s with words', async (until, words) => {
    const scene = await aScene();
    const refused = await preview(scene.at, await scene.at.open(editor(scene)), {
      products: ['letter'],
      billing_addresses: ['A1'],
      rights: ['create_deposit'],
      until,
    });
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(errorsOf(refused)[0]).toContain(words);
    expect(refused.html).toContain(`value="${until}"`);
  });
});

describe('two administrators at once', () => {
  const narrower = (scene: Scene) =>
    deposits(scene.company, [], {
      values: { products: ['letter', 'periodical'], billing_addresses: ['A1'], rights: ['create_deposit'] },
    });

  it('gives the second a page with both versions, and lays his changes on top without losing either', async () => {
    const scene = await aScene();
    const [id = ''] = await give(scene, deposits(scene.company, ['letter']));
    const page = await scene.at.open(editor(scene, id));
    await replaceAssignments(scene.company.operator, { ids: [id], gifts: [narrower(scene)] });
    const before = await rightsTables(scene.company.id);
    const conflict = await scene.at.submit(page, {
      rights: ['create_deposit', 'deposit_statement'],
      products: ['letter'],
      until: '2031-12-31',
      act: 'save',
    });
    expect(conflict.status).toBe(409);
    expect(textOf(conflict)).toContain('This entitlement was changed by Operator');
    expect(textOf(conflict)).toMatch(
      /As it stands now Products \+ added Periodical Letter .*− removed Deposit statement/,
    );
    expect(await rightsTables(scene.company.id)).toBe(before);
    const merged = await scene.at.submit(conflict, { act: 'edit' });
    expect(merged.status).toBe(200);
    expect(itemsOf(merged, 'products').get('periodical')).toMatchObject({ ticked: true });
    expect(itemsOf(merged, 'rights').get('deposit_statement')).toMatchObject({ ticked: false });
    expect(merged.html).toContain('value="2031-12-31"');
    await save(scene.at, await preview(scene.at, merged));
    const [only, ...others] = await given(scene);
    expect(others).toEqual([]);
    expect(only?.values).toMatchObject({ products: ['letter', 'periodical'], rights: ['create_deposit'] });
    expect(only?.validUntil?.toISOString()).toBe('2031-12-31T23:00:00.000Z');
  });

  it('offers to give it anew where the other ended it', async () => {
    const scene = await aScene();
    const [id = ''] = await give(scene, deposits(scene.company, ['letter']));
    const shown = await preview(scene.at, await scene.at.open(editor(scene, id)), {
      products: ['letter', 'periodical'],
    });
    await endAssignment(scene.company.operator, id);
    const conflict = await save(scene.at, shown);
    expect(conflict.status).toBe(409);
    expect(textOf(conflict)).toContain('It stands no more.');
    const anew = await scene.at.submit(conflict, { act: 'edit' });
    expect(itemsOf(anew, 'products').get('periodical')).toMatchObject({ ticked: true });
    await save(scene.at, await preview(scene.at, anew));
    expect(await given(scene)).toHaveLength(1);
  });

  it('carries a form that is sent twice out once', async () => {
    const scene = await aScene();
    const [id = ''] = await give(scene, deposits(scene.company, ['letter']));
    const shown = await preview(scene.at, await scene.at.open(editor(scene, id)), {
      products: ['letter', 'periodical'],
    });
    expect((await save(scene.at, shown)).url.search).toBe('?done=saved');
    expect((await save(scene.at, shown)).url.search).toBe('?done=saved');
    expect(await given(scene)).toHaveLength(1);
  });
});

describe('where rights are not taken away', () => {
  const settings = { settings: { deactivateOnly: true } };

  it('locks what has effect with the reason, refuses its removal, and lets it grow', async () => {
    const scene = await aScene(deposits, settings);
    const [id = ''] = await give(scene, deposits(scene.company, ['letter']));
    const page = await scene.at.open(editor(scene, id));
    expect(itemsOf(page, 'products').get('letter')).toMatchObject({
      ticked: true,
      state: 'locked',
      sent: true,
      code: 'revocation_off',
    });
    expect(itemsOf(page, 'products').get('letter')?.text).toContain('Rights cannot be removed here');
    const refused = await preview(scene.at, page, { products: ['periodical'] });
    expect(refused.status).toBe(403);
    expect(errorsOf(refused)[0]).toContain('Rights cannot be removed here');
    const list = await scene.at.open(`/portal/users/${scene.person.id}/rights/emasspost`);
    expect(list.html).not.toContain('/end?');
    expect(
      (await scene.at.send(`/portal/users/${scene.person.id}/rights/emasspost/end?assignment=${id}`, {})).status,
    ).toBe(403);
    await save(scene.at, await preview(scene.at, page, { products: ['letter', 'periodical'] }));
    expect((await given(scene)).map(({ values }) => values?.products)).toEqual([['letter', 'periodical']]);
  });
});

describe('who may come here', () => {
  it('finds nothing of another organization: no user, no account, no assignment', async () => {
    const scene = await aScene();
    const stranger = await aScene();
    const [theirs = ''] = await give(stranger, deposits(stranger.company, ['letter']));
    const pages = [
      `/portal/users/${stranger.person.id}/rights`,
      `/portal/users/${stranger.person.id}/rights/emasspost`,
      `/portal/users/${stranger.person.id}/why`,
      `/portal/users/${stranger.person.id}/rights/emasspost/copy`,
      `/portal/users/${scene.person.id}/rights/emasspost/edit?account=${stranger.company.accountId}`,
      editor(scene, theirs),
      `/portal/users/${scene.person.id}/rights/emasspost/end?assignment=${theirs}`,
      `/portal/users/${scene.person.id}/rights/nonsense`,
      `/portal/users/nobody/rights`,
    ];
    for (const path of pages) expect([path, (await scene.at.open(path)).status]).toEqual([path, 404]);
    const sent = await scene.at.send(editor(scene), { edited: '1', account: stranger.company.accountId, act: 'save' });
    expect(sent.status).toBe(404);
  });

  it('refuses a form without its proof', async () => {
    const scene = await aScene();
    const body = new URLSearchParams(oneDeposit(scene.company));
    expect((await scene.at.post(editor(scene), body)).status).toBe(403);
    expect(await given(scene)).toEqual([]);
  });

  it('lets nobody in who administers nothing', async () => {
    const scene = await aScene();
    const plain = await visitor(hub, await aUser(scene.company));
    expect((await plain.open(`/portal/users/${scene.administrator.id}/rights`)).status).toBe(403);
    expect((await plain.open(editor(scene))).status).toBe(403);
  });

  it('shows an administrator of higher rank, and locks everything', async () => {
    const scene = await aScene();
    const higher = {
      ...scene,
      person: await aUser(scene.company, ['manage_administrators'], [deposits(scene.company, ['letter'])]),
    };
    const [assignment] = await given(higher);
    const list = await scene.at.open(`/portal/users/${higher.person.id}/rights/emasspost`);
    expect(textOf(list)).toContain('You are not entitled to change this administrator.');
    expect(list.html).not.toContain('Add another');
    const sent = await scene.at.send(editor(higher), oneDeposit(scene.company));
    expect(sent.status).toBe(403);
    expect(errorsOf(sent)[0]).toContain('You are not entitled to change this administrator.');
    expect((await scene.at.open(editor(higher, assignment?.id))).status).toBe(200);
  });

  it('lets an administrator give nothing to himself, and a chief with a notice to the others', async () => {
    const scene = await aScene();
    const self = { ...scene, person: scene.administrator };
    const page = await scene.at.open(editor(self));
    expect(textOf(page)).toContain('You cannot give rights to yourself.');
    const sent = await scene.at.send(editor(self), {
      edited: '1',
      account: scene.company.accountId,
      products: 'letter',
      billing_addresses: 'A1',
      rights: 'view_prices',
      act: 'save',
    });
    expect([sent.status, errorsOf(sent)[0]]).toEqual([
      403,
      'You cannot give rights to yourself. Ask another administrator.',
    ]);
    const person = await aUser(scene.company, ['chief_administrator']);
    const chief = await visitor(hub, person);
    const shown = await preview(chief, await chief.open(editor({ ...scene, person })), {
      products: ['kilopost'],
      billing_addresses: ['A1'],
      rights: ['view_prices'],
    });
    expect(textOf(shown)).toContain('The other chief administrators get a notice');
  });
});
