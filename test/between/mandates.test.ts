// Mandates between organizations as people meet them: the list of sub-contractors, the editor with its preview, who acts,
// what a token says, and the withdrawal that ends everything below.
import { describe, expect, it } from '@jest/globals';
import { assign } from '../../src/entitlements/give-rights.ts';
import { listMails } from '../../src/mail/list-mails.ts';
import { announceMandateEnds } from '../../src/mandates/announce-mandate-ends.ts';
import { changeMandate } from '../../src/mandates/change-mandate.ts';
import { listGivenMandates } from '../../src/mandates/find-mandate.ts';
import { giveMandate } from '../../src/mandates/give-mandate.ts';
import { listRouters } from '../../src/mandates/list-routers.ts';
import { mandateEffect } from '../../src/mandates/mandate-effect.ts';
import { mandatePeople } from '../../src/mandates/mandate-people.ts';
import { withdrawMandate } from '../../src/mandates/change-mandate.ts';
import { askClosing, confirmClosing } from '../../src/organizations/close-organization.ts';
import { moveCustomerAccount } from '../../src/organizations/move-customer-account.ts';
import { auditOf, type Organization, type Person } from '../giving/world.ts';
import { Browser } from '../oidc/browser.ts';
import {
  aCompany,
  aUser,
  deposits,
  errorsOf,
  itemsOf,
  textOf,
  useRightsHub,
  visitor,
} from '../portal-rights/rights-hub.ts';
import { aMailHouse, anApplication, canSignIn, eventually, listed, mailsTo, withMail } from './two-organizations.ts';

const hub = useRightsHub();

const LIMIT = {
  application: 'emasspost',
  values: {
    products: ['letter', 'periodical'],
    billing_addresses: ['A1'],
    rights: ['administrator_role', 'create_deposit', 'deposit_statement'],
  },
};

async function aScene() {
  const [owner, house] = [await aCompany(), await aMailHouse('Lettershop Vermeer')];
  const chief = await aUser(owner, ['chief_administrator']);
  const houseChief = await withMail(await aUser(house, ['chief_administrator']));
  const terms = { customerAccountId: owner.accountId, receiverOrganizationId: house.id, boxes: [LIMIT] };
  return { owner, house, chief, houseChief, terms };
}

/** A person of the mail house who holds deposits of letters for its customer. */
async function aWorker(owner: Organization, house: Organization, by: Person): Promise<Person> {
  const worker = await aUser(house);
  await assign(by.ctx, { subject: { kind: 'user', id: worker.id }, gifts: [deposits(owner, ['letter'])] });
  return worker;
}

describe('the history of both sides', () => {
  it('tells the receiver in its own words, by the name of the organization and of nobody in it', async () => {
    const { chief, house, houseChief, terms } = await aScene();
    const third = await aMailHouse('Derde Hand');
    const mandate = await giveMandate(chief.ctx, { ...terms, onward: 1 });
    const onward = { ...terms, receiverOrganizationId: third.id, parentId: mandate.id };
    const below = await giveMandate(houseChief.ctx, {
      ...onward,
      boxes: [{ ...LIMIT, values: { ...LIMIT.values, products: ['letter'] } }],
    });
    await changeMandate(chief.ctx, mandate.id, { boxes: [LIMIT], onward: 2 });
    await withdrawMandate(chief.ctx, mandate.id);
    const of = async ({ id }: Organization, mandateId: string) => (await auditOf(id, mandateId)).join();
    expect(await of(house, mandate.id)).toBe('mandate.received,mandate.received_changed,mandate.received_withdrawn');
    await eventually(async () => ((await of(third, below.id)).includes('ended') ? true : undefined));
    expect(await of(third, below.id)).toBe('mandate.received,mandate.received_ended');
    const page = await (await visitor(hub, houseChief)).open('/portal/history?kind=mandates');
    const words = textOf(page);
    expect(words).toContain('Lindenhof gave your organization a mandate: e-MassPost');
    expect(words).toContain('Lindenhof changed the mandate of your organization');
    expect(words).toContain('Lindenhof withdrew the mandate of your organization');
    expect(words).toContain('by another organization, Lindenhof');
    expect(words).not.toContain(chief.id);
    expect(words).not.toContain(chief.ctx.actor.label);
    const atThird = await visitor(hub, await aUser(third, ['chief_administrator']));
    const theirs = textOf(await atThird.open('/portal/history?kind=mandates'));
    expect(theirs).toContain('Lettershop Vermeer gave your organization has no effect any more');
    // Its own account is called so.
    expect(theirs.replaceAll('Lindenhof Antwerp', '')).not.toContain('Lindenhof');
  });
});

describe('what the operator does to a side of a mandate', () => {
  const of = async ({ id }: Organization, mandateId: string) => (await auditOf(id, mandateId)).join();

  it('is read by the other side: a moved account and a closed giver end what was received', async () => {
    const { owner, house, chief, terms } = await aScene();
    const moved = await giveMandate(chief.ctx, terms);
    const toOrganizationId = (await aCompany()).id;
    await moveCustomerAccount(owner.operator, {
      customerAccountId: owner.accountId,
      toOrganizationId,
      endRights: true,
    });
    expect(await of(house, moved.id)).toBe('mandate.received,mandate.received_ended');

    const second = await aScene();
    const closed = await giveMandate(second.chief.ctx, second.terms);
    await askClosing(second.owner.operator, second.owner.id, 'bankrupt');
    const actor = { kind: 'operator' as const, id: 'another', label: 'Another' };
    await confirmClosing({ ...second.owner.operator, actor }, second.owner.id);
    expect(await of(second.house, closed.id)).toBe('mandate.received,mandate.received_ended');
  });

  it('is read by the giver when the receiver is closed', async () => {
    const { owner, house, chief, terms } = await aScene();
    const mandate = await giveMandate(chief.ctx, terms);
    await askClosing(house.operator, house.id, 'bankrupt');
    const actor = { kind: 'operator' as const, id: 'another', label: 'Another' };
    await confirmClosing({ ...house.operator, actor }, house.id);
    expect(await of(owner, mandate.id)).toBe('mandate.given,mandate.withdrawn');
  });
});

describe('the list of sub-contractors', () => {
  it('finds by words of name and address, tells two of one name apart, and is paged by keys', async () => {
    const { chief } = await aScene();
    for (const city of ['Gent', 'Breda', 'Namur']) await listed('Zegel & Zoon', `Kaai 1, ${city}`);
    const search = (words: string, more = {}) => listRouters(chief.ctx, { search: words, size: 2, ...more });
    expect((await search('zegel BREDA')).routers.map(({ name, address }) => [name, address])).toEqual([
      ['Zegel & Zoon', 'Kaai 1, Breda'],
    ]);
    const first = await search('zegel');
    expect(first.routers.map(({ address }) => address)).toEqual(['Kaai 1, Breda', 'Kaai 1, Gent']);
    expect(first.previous).toBeNull();
    const second = await search('zegel', { after: first.next ?? '' });
    expect(second.routers.map(({ address }) => address)).toEqual(['Kaai 1, Namur']);
    expect(second.next).toBeNull();
    expect((await search('zegel', { before: second.previous ?? '' })).routers).toEqual(first.routers);
    expect((await search('zegel paris')).routers).toEqual([]);
  });

  it('is for those who may give mandates, says whom to ask for one that is not on it, and leads to the editor', async () => {
    const { owner, chief, house } = await aScene();
    const at = await visitor(hub, chief);
    const page = await at.open('/portal/mandates?q=vermeer');
    expect(textOf(page)).toContain('Ambachtenlaan 3, 3001 Leuven');
    expect(textOf(page)).toContain('not listed');
    expect(page.html).toContain(`/portal/mandates/routers/${house.id}`);
    const clerk = await visitor(hub, await aUser(owner));
    expect((await clerk.open('/portal/mandates')).status).toBe(403);
    expect((await clerk.open('/portal')).html).not.toContain('/portal/mandates');
    const manager = await visitor(hub, await aUser(owner, ['manage_users']));
    expect((await manager.open(`/portal/mandates/routers/${house.id}`)).status).toBe(403);
    const unlisted = await aCompany();
    expect((await at.open(`/portal/mandates/routers/${unlisted.id}`)).status).toBe(404);
  });
});

describe('giving a mandate', () => {
  it('greys what the giver lacks, says what is missing, previews, and tells the receiver', async () => {
    const { owner, house, houseChief } = await aScene();
    const holder = await aUser(
      owner,
      [],
      [
        {
          ...deposits(owner, ['letter']),
          values: { products: ['letter'], billing_addresses: ['A1'], rights: ['administrator_role', 'create_deposit'] },
        },
      ],
    );
    const at = await visitor(hub, holder);
    const editor = `/portal/mandates/edit?receiver=${house.id}&account=${owner.accountId}&application=emasspost`;
    const page = await at.open(editor);
    expect(itemsOf(page, 'products').get('letter')).toMatchObject({ state: 'free', ticked: false });
    expect(itemsOf(page, 'products').get('periodical')).toMatchObject({ state: 'locked', code: 'grantor_lacks_right' });
    expect(itemsOf(page, 'products').has('*')).toBe(false);
    const incomplete = await at.submit(page, { products: 'letter', act: 'preview' });
    expect(incomplete.status).toBe(422);
    expect(errorsOf(incomplete)).toEqual([
      'Choose at least one in the list Billing addresses.',
      'Choose at least one in the list Rights.',
    ]);
    const ticks = { products: 'letter', billing_addresses: 'A1', rights: ['create_deposit'] };
    const beyond = await at.submit(page, { ...ticks, products: ['letter', 'periodical'], act: 'preview' });
    expect(beyond.status).toBe(403);
    expect(errorsOf(beyond)[0]).toContain('do not hold');
    const shown = await at.submit(page, { ...ticks, until: '2031-05-31', onward: '1', act: 'preview' });
    expect(textOf(shown)).toContain('until 31 May 2031');
    expect(textOf(shown)).toContain('nobody gains or loses');
    expect(await listGivenMandates(holder.ctx)).toEqual([]);
    const saved = await at.submit(shown, { act: 'save' });
    expect(textOf(saved)).toContain('The mandate has been given.');
    const [mandate] = await listGivenMandates(holder.ctx);
    expect(mandate).toMatchObject({
      receiverOrganizationId: house.id,
      onward: 1,
      boxes: [{ application: 'emasspost' }],
    });
    const mail = await eventually(async () => (await mailsTo(houseChief.id))[0]);
    expect(mail).toMatchObject({ kind: 'mandate_received' });
    const letter = (await listMails(100)).find(({ subject }) => subject === mail.subject);
    expect(letter?.text).toContain('31 May 2031');
  });

  it('gives "all, also future ones" where the giver has it, and select all without script', async () => {
    const { owner, house, chief } = await aScene();
    const at = await visitor(hub, chief);
    const page = await at.open(
      `/portal/mandates/edit?receiver=${house.id}&account=${owner.accountId}&application=emasspost`,
    );
    expect(itemsOf(page, 'products').get('*')).toMatchObject({ state: 'free' });
    const all = await at.submit(page, { all: 'billing_addresses' });
    expect(itemsOf(all, 'billing_addresses').get('A2')).toMatchObject({ ticked: true });
    const shown = await at.submit(all, { products: '*', rights: '*', act: 'preview' });
    await at.submit(shown, { act: 'save' });
    const [mandate] = await listGivenMandates(chief.ctx);
    expect(mandate?.boxes).toEqual([
      { application: 'emasspost', values: { products: '*', rights: '*', billing_addresses: ['A1', 'A2'] } },
    ]);
  });

  it('refuses oneself, a circle, the account of another and a path that may not go on, and changes nothing', async () => {
    const { owner, house, chief, houseChief, terms } = await aScene();
    const stranger = await aCompany();
    const at = await visitor(hub, chief);
    const to = (receiver: string, account: string) =>
      at.open(`/portal/mandates/edit?receiver=${receiver}&account=${account}&application=emasspost`);
    expect((await to(owner.id, owner.accountId)).status).toBe(404);
    expect((await to(house.id, stranger.accountId)).status).toBe(404);
    await expect(giveMandate(chief.ctx, { ...terms, receiverOrganizationId: owner.id })).rejects.toMatchObject({
      code: 'mandate_cycle',
    });
    const top = await giveMandate(chief.ctx, terms);
    const pass = { ...terms, parentId: top.id };
    await expect(giveMandate(houseChief.ctx, { ...pass, receiverOrganizationId: owner.id })).rejects.toMatchObject({
      code: 'mandate_cycle',
    });
    await expect(giveMandate(houseChief.ctx, { ...pass, receiverOrganizationId: stranger.id })).rejects.toMatchObject({
      code: 'mandate_not_onward',
    });
    expect(await listGivenMandates(houseChief.ctx)).toEqual([]);
  });

  it('shows both versions when somebody else changed it meanwhile, and lays the one on the other', async () => {
    const { owner, chief, terms } = await aScene();
    const other = await aUser(owner, ['chief_administrator']);
    const mandate = await giveMandate(chief.ctx, terms);
    const at = await visitor(hub, chief);
    const page = await at.open(`/portal/mandates/edit?mandate=${mandate.id}&part=0`);
    const wider = { ...LIMIT, values: { ...LIMIT.values, products: ['letter', 'periodical', 'prior'] } };
    await changeMandate(other.ctx, mandate.id, { boxes: [wider], onward: 1 });
    const mine = { products: ['letter'], billing_addresses: ['A1', 'A2'], until: '2099-12-31' };
    for (const act of ['preview', 'edit', 'save']) {
      const late = await at.submit(page, { ...mine, act });
      expect(late.status).toBe(409);
      expect(textOf(late)).toMatch(/changed by .+ while you were working on it\. Nothing of yours has been saved/);
      expect(textOf(late)).toMatch(
        /As it stands now .*\+ added Prior.* As you have it .*− removed Periodical .*December 2099/,
      );
    }
    expect((await listGivenMandates(chief.ctx))[0]).toMatchObject({ onward: 1, version: 2 });
    const merged = await at.submit(await at.submit(page, { ...mine, act: 'preview' }), { act: 'edit' });
    const ticks = (list: string) =>
      [...itemsOf(merged, list)].flatMap(([value, { ticked }]) => (ticked ? [value] : []));
    expect(ticks('products')).toEqual(['letter', 'prior']);
    expect(ticks('billing_addresses')).toEqual(['A1', 'A2']);
    const shown = await at.submit(merged, { act: 'preview' });
    await at.submit(shown, { act: 'save' });
    expect((await listGivenMandates(chief.ctx))[0]).toMatchObject({
      onward: 1,
      version: 3,
      boxes: [{ values: { products: ['letter', 'prior'], billing_addresses: ['A1', 'A2'] } }],
    });
  });

  it('lets what was typed be given anew when the mandate was withdrawn meanwhile', async () => {
    const { chief, terms, house } = await aScene();
    const mandate = await giveMandate(chief.ctx, terms);
    const at = await visitor(hub, chief);
    const page = await at.open(`/portal/mandates/edit?mandate=${mandate.id}&part=0`);
    await withdrawMandate(chief.ctx, mandate.id);
    expect((await at.open(`/portal/mandates/edit?mandate=${mandate.id}&part=0`)).status).toBe(404);
    const late = await at.submit(page, { products: ['letter'], act: 'save' });
    expect(late.status).toBe(409);
    expect(textOf(late)).toMatch(/withdrawn by you .+ As it stands now It stands no more\./);
    const anew = await at.submit(late, { act: 'edit' });
    const shown = await at.submit(anew, { act: 'preview' });
    await at.submit(shown, { act: 'save' });
    const [given] = await listGivenMandates(chief.ctx);
    expect(given).toMatchObject({ receiverOrganizationId: house.id, boxes: [{ values: { products: ['letter'] } }] });
    expect(given?.id).not.toBe(mandate.id);
  });

  it('can have a part for a further application, and lose it', async () => {
    const { chief, terms } = await aScene();
    const mandate = await giveMandate(chief.ctx, terms);
    const at = await visitor(hub, chief);
    const page = await at.open(`/portal/mandates/edit?mandate=${mandate.id}&application=invoice_reporter`);
    await at.submit(page, { billing_addresses: '*', act: 'save' });
    const boxes = async () => (await listGivenMandates(chief.ctx))[0]?.boxes.map(({ application }) => application);
    expect(await boxes()).toEqual(['emasspost', 'invoice_reporter']);
    const remove = await at.open(`/portal/mandates/preview?mandate=${mandate.id}&part=0&remove=1`);
    expect(textOf(remove)).toContain('Letter');
    await at.submit(remove, { act: 'save' });
    expect(await boxes()).toEqual(['invoice_reporter']);
    expect(await auditOf(chief.ctx.organizationId, mandate.id)).toEqual([
      'mandate.given',
      'mandate.changed',
      'mandate.changed',
    ]);
  });
});

describe('a mandate that ends soon', () => {
  it('is announced to both sides fourteen days before, once for each end, and not where it was short from the start', async () => {
    const { owner, house, chief, houseChief, terms } = await aScene();
    const giver = await withMail(chief);
    const day = 86_400_000;
    const [now, long] = [Date.now(), new Date(Date.now() + 90 * day)];
    const mandate = await giveMandate(chief.ctx, { ...terms, validUntil: long });
    await giveMandate(chief.ctx, { ...terms, validUntil: new Date(now + 3 * day) });
    const announce = async (at: number): Promise<number[]> => {
      const found: number[] = [];
      for (const { operator } of [owner, house])
        found.push(await announceMandateEnds({ ...operator, now: new Date(at) }));
      return found;
    };
    const mails = async (id: string) => (await mailsTo(id)).filter(({ kind }) => kind.endsWith('_ending')).map(({ kind }) => kind); // prettier-ignore
    expect(await announce(now)).toEqual([0, 0]);
    expect(await announce(long.getTime() - 15 * day)).toEqual([0, 0]);
    expect(await announce(long.getTime() - 13 * day)).toEqual([1, 1]);
    expect(await announce(long.getTime() - 12 * day)).toEqual([0, 0]);
    expect(await mails(giver.id)).toEqual(['mandate_given_ending']);
    expect(await mails(houseChief.id)).toEqual(['mandate_received_ending']);
    const later = new Date(long.getTime() + 30 * day);
    await changeMandate(chief.ctx, mandate.id, { boxes: [LIMIT], validUntil: later });
    expect(await announce(long.getTime() - 12 * day)).toEqual([0, 0]);
    expect(await announce(later.getTime() - 2 * day)).toEqual([1, 1]);
    await withdrawMandate(chief.ctx, mandate.id);
    expect(await announce(later.getTime() - day)).toEqual([0, 0]);
  });
});

describe('who acts under a mandate', () => {
  it('stands on the giver’s page by name, or by number where the sub-contractor says so', async () => {
    const { owner, house, chief, houseChief, terms } = await aScene();
    const mandate = await giveMandate(chief.ctx, terms);
    const worker = await aWorker(owner, house, houseChief);
    await aUser(house, [], []);
    const at = await visitor(hub, chief);
    const page = `/portal/mandates/${mandate.id}`;
    const names = await mandatePeople(chief.ctx, mandate.id, 'giver');
    expect(names.people).toHaveLength(1);
    expect(textOf(await at.open(page))).toContain(names.people[0]?.shownAs ?? '?');
    const inside = await visitor(hub, houseChief);
    const received = await inside.open('/portal/mandates/received');
    expect(textOf(received)).toContain('Lindenhof');
    await inside.send('/portal/mandates/received', { by: 'number' });
    const numbered = textOf(await at.open(page));
    expect(numbered).toContain(`No. ${worker.id.slice(-8).toUpperCase()}`);
    expect(numbered).not.toContain(names.people[0]?.shownAs);
    const own = textOf(await inside.open(`/portal/mandates/received/${mandate.id}`));
    expect(own).toContain(names.people[0]?.shownAs);
    const manager = await visitor(hub, await aUser(house, ['manage_users']));
    expect((await manager.send('/portal/mandates/received', { by: 'name' })).status).toBe(403);
  });

  it('counts everybody who loses and gains, by groups and in the organizations below too', async () => {
    const { owner, house, chief, houseChief, terms } = await aScene();
    const second = await aMailHouse('Zweite Druckerei', 'Eupen');
    const secondChief = await aUser(second, ['chief_administrator']);
    const top = await giveMandate(chief.ctx, { ...terms, onward: 1 });
    await giveMandate(houseChief.ctx, { ...terms, receiverOrganizationId: second.id, parentId: top.id });
    await aWorker(owner, house, houseChief);
    await aWorker(owner, house, houseChief);
    await aWorker(owner, second, secondChief);
    const place = { ...top, receiverId: house.id };
    const effect = await mandateEffect(chief.ctx, place, top.id, async () => {
      await withdrawMandate(chief.ctx, top.id);
      return undefined;
    });
    expect(effect).toEqual({ gain: 0, lose: 3, own: { gain: 0, lose: 2 } });
    expect(await listGivenMandates(chief.ctx)).toHaveLength(1);
    const boxes = [{ ...LIMIT, values: { ...LIMIT.values, products: ['periodical'] } }];
    const narrowed = () => changeMandate(chief.ctx, top.id, { boxes, onward: 1 });
    expect(await mandateEffect(chief.ctx, place, top.id, narrowed)).toMatchObject({ lose: 3, gain: 0 });
    await narrowed();
    const widened = () => changeMandate(chief.ctx, top.id, { boxes: [LIMIT], onward: 1 });
    expect(await mandateEffect(chief.ctx, place, top.id, widened)).toMatchObject({
      lose: 0,
      gain: 3,
      own: { gain: 2 },
    });
    const at = await visitor(hub, chief);
    expect(textOf(await at.open(`/portal/mandates/${top.id}`))).toContain('passed on to one more company');
  });
});

describe('from one organization to another', () => {
  it('is given, passed on, used with "for" in the token, withdrawn, and gone in the next token', async () => {
    const { owner, house, chief, houseChief } = await aScene();
    const second = await aMailHouse('Tweede Huis', 'Gent');
    const secondChief = await withMail(await aUser(second, ['chief_administrator']));
    const worker = await aUser(second);
    const userName = await canSignIn(worker);
    const [atOwner, atHouse, atSecond] = [
      await visitor(hub, chief),
      await visitor(hub, houseChief),
      await visitor(hub, secondChief),
    ];
    const ticks = {
      products: ['letter', 'periodical'],
      billing_addresses: 'A1',
      rights: ['administrator_role', 'create_deposit', 'deposit_statement'],
    };
    const first = await atOwner.open(
      `/portal/mandates/edit?receiver=${house.id}&account=${owner.accountId}&application=emasspost`,
    );
    await atOwner.submit(first, { ...ticks, onward: '1', act: 'save' });
    const [top] = await listGivenMandates(chief.ctx);
    const router = await atHouse.open(`/portal/mandates/routers/${second.id}`);
    expect(router.html.includes(`name="parent" value="${top?.id}"`)).toBe(true);
    const onward = await atHouse.open(
      `/portal/mandates/edit?receiver=${second.id}&account=${owner.accountId}&parent=${top?.id}&application=emasspost`,
    );
    expect(itemsOf(onward, 'products').get('kilopost')).toMatchObject({ state: 'locked' });
    expect(onward.html.includes(`name="onward" value="1"`)).toBe(false);
    await atHouse.submit(onward, { ...ticks, products: 'letter', act: 'save' });
    const [passed] = await listGivenMandates(houseChief.ctx);
    expect(passed).toMatchObject({ parentId: top?.id, receiverOrganizationId: second.id });

    const rights = await atSecond.open(`/portal/users/${worker.id}/rights/emasspost/edit?account=${owner.accountId}`);
    expect(itemsOf(rights, 'products').get('periodical')).toMatchObject({ state: 'locked' });
    await atSecond.submit(rights, {
      products: 'letter',
      billing_addresses: 'A1',
      rights: ['create_deposit', 'deposit_statement'],
      act: 'save',
    });
    const application = await anApplication(hub, 'emasspost');
    const browser = new Browser(hub.origin);
    const token = await application.token(browser, userName);
    expect(token['authorization_details']).toEqual([
      expect.objectContaining({
        identifier: owner.number,
        privileges: ['create_deposit', 'deposit_statement'],
        products: ['letter'],
        for: { organization: owner.id, via: [top?.id, passed?.id] },
      }),
    ]);

    const withdraw = await atOwner.open(`/portal/mandates/${top?.id}/withdraw`);
    expect(textOf(withdraw)).toContain('One person loses rights.');
    const done = await atOwner.submit(withdraw, {});
    expect(textOf(done)).toContain('The mandate has been withdrawn');
    const refused = await application.refresh(String(token['refresh_token']));
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: 'invalid_grant' });
    for (const { id } of [houseChief, secondChief]) {
      const kinds = await eventually(async () => {
        const mails = (await mailsTo(id)).map(({ kind }) => kind);
        return mails.includes('mandate_withdrawn') ? mails : undefined;
      });
      expect(kinds).toContain('mandate_received');
    }
    expect((await atOwner.open(`/portal/mandates/${top?.id}`)).status).toBe(404);
  });
});
