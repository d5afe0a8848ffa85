// Separation of duties in the rights editor: greyed before the click where no dates would help, said where dates do, refused
// at preview and save, and told in the preview where the catalogue only reports it.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ConflictingPair, ConflictSide } from '../../src/applications/application.ts';
import { setCatalogue } from '../../src/applications/current-catalogue.ts';
import { listAssignments } from '../../src/entitlements/assignment-row.ts';
import { addToRole, createRole } from '../../src/entitlements/change-role.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { previewAct } from '../../src/entitlements/preview-act.ts';
import { aGroup, type Organization, type Person } from '../giving/world.ts';
import {
  aCompany,
  aUser,
  catalogue,
  deposits,
  errorsOf,
  itemsOf,
  openRightsHub,
  textOf,
  visitor,
  type RightsHub,
  type Visitor,
} from './rights-hub.ts';
import { dayIn, inDays } from '../web/days.ts';

const right = (value: string): ConflictSide => ({ application: 'emasspost', dimension: 'rights', value });
const product = (value: string): ConflictSide => ({ application: 'emasspost', dimension: 'products', value });
const PAIRS: ConflictingPair[] = [
  { a: right('create_deposit'), b: right('deposit_statement'), mode: 'refuse' },
  { a: product('letter'), b: product('periodical'), mode: 'report' },
];

function useConflicts(): void {
  const pairsIn = (key: string) => (key === 'emasspost' ? { conflicts: PAIRS } : {});
  setCatalogue(new Map([...catalogue].map(([key, application]) => [key, { ...application, ...pairsIn(key) }])));
}

let hub: RightsHub;
beforeAll(async () => {
  hub = await openRightsHub();
  useConflicts();
});
afterAll(() => hub.stop());

type Scene = { company: Organization; person: Person; at: Visitor };
async function aScene(): Promise<Scene> {
  const company = await aCompany();
  const chief = await aUser(company, ['chief_administrator']);
  return { company, person: await aUser(company), at: await visitor(hub, chief) };
}
const only = (company: Organization, rights: string, products = 'letter', more = {}) =>
  deposits(company, [], { values: { products: [products], billing_addresses: ['A1'], rights: [rights] }, ...more });
const give = (
  { company }: Scene,
  kind: 'user' | 'group',
  id: string,
  ...gifts: Parameters<typeof assign>[1]['gifts']
) => assign(company.operator, { subject: { kind, id }, gifts });
const editor = ({ company }: Scene, holder: string, assignment?: string): string =>
  `/portal/${holder}/rights/emasspost/edit?account=${company.accountId}${assignment === undefined ? '' : `&assignment=${assignment}`}`;
const nothingMore = async ({ company }: Scene, id: string) =>
  expect(await listAssignments(company.operator, { kind: 'user', id })).toHaveLength(1);

describe('what one person must not hold together', () => {
  it('is greyed with the pair in words, and refused by the same reason when it is sent all the same', async () => {
    const scene = await aScene();
    await give(scene, 'user', scene.person.id, only(scene.company, 'create_deposit'));
    const page = await scene.at.open(editor(scene, `users/${scene.person.id}`));
    const greyed = itemsOf(page, 'rights').get('deposit_statement');
    expect(greyed).toMatchObject({ state: 'locked', ticked: false, code: 'separation_of_duties' });
    expect(greyed?.text).toMatch(/holds something that one person must not hold together with this: .+ \+ .+\./);
    expect(itemsOf(page, 'rights').get('create_deposit')).toMatchObject({ state: 'free', code: undefined });
    const sent = { products: ['periodical'], billing_addresses: ['A1'], rights: ['deposit_statement'] };
    for (const act of ['preview', 'save']) {
      const refused = await scene.at.submit(page, { ...sent, act });
      expect(refused.status).toBe(409);
      expect(errorsOf(refused)[0]).toMatch(/One person must not hold these rights together/);
    }
    await nothingMore(scene, scene.person.id);
    const all = await scene.at.submit(page, { all: 'rights' });
    expect(itemsOf(all, 'rights').get('deposit_statement')).toMatchObject({ ticked: false });
    expect(itemsOf(all, 'rights').get('create_deposit')).toMatchObject({ ticked: true });
  });

  it('can take the place of the other in the same entitlement, but not stand beside it there', async () => {
    const scene = await aScene();
    const [given] = await give(scene, 'user', scene.person.id, only(scene.company, 'create_deposit'));
    const page = await scene.at.open(editor(scene, `users/${scene.person.id}`, given?.id));
    expect(itemsOf(page, 'rights').get('deposit_statement')?.text).toMatch(/Not together with/);
    const both = await scene.at.submit(page, { rights: ['create_deposit', 'deposit_statement'], act: 'preview' });
    expect(both.status).toBe(409);
    const shown = await scene.at.submit(page, { rights: ['deposit_statement'], act: 'preview' });
    expect(errorsOf(shown)).toEqual([]);
    expect((await scene.at.submit(shown, { act: 'save' })).url.search).toBe('?done=saved');
  });

  it('is only said, not greyed, where other days would do', async () => {
    const scene = await aScene();
    const until = inDays(40);
    await give(scene, 'user', scene.person.id, only(scene.company, 'create_deposit', 'letter', { validUntil: until }));
    const page = await scene.at.open(editor(scene, `users/${scene.person.id}`));
    const said = itemsOf(page, 'rights').get('deposit_statement');
    expect(said).toMatchObject({ state: 'free' });
    expect(said?.text).toMatch(/Choose days that do not overlap/);
    const sent = { products: ['letter'], billing_addresses: ['A1'], rights: ['deposit_statement'], act: 'preview' };
    expect((await scene.at.submit(page, sent)).status).toBe(409);
    expect(errorsOf(await scene.at.submit(page, { ...sent, from: dayIn(43) }))).toEqual([]);
  });

  it('is said to be held already where somebody holds both from before, and what adds to it is refused', async () => {
    const scene = await aScene();
    const other = await aUser(scene.company);
    const held = { ...scene, person: other };
    setCatalogue(catalogue);
    await give(scene, 'user', other.id, deposits(scene.company, ['letter']));
    useConflicts();
    const page = await scene.at.open(editor(held, `users/${other.id}`));
    const said = itemsOf(page, 'rights').get('deposit_statement');
    expect(said).toMatchObject({ state: 'free' });
    expect(said?.text).toMatch(/holds two rights already .+ More of them is refused\./);
    const sent = { products: ['periodical'], billing_addresses: ['A2'], rights: ['deposit_statement'], act: 'save' };
    expect((await scene.at.submit(page, sent)).status).toBe(409);
  });

  it('is greyed for a group and for a role because of one person whom it reaches', async () => {
    const scene = await aScene();
    const { company, person, at } = scene;
    await give(scene, 'user', person.id, only(company, 'create_deposit'));
    const parent = await aGroup(company, [(await aUser(company)).id, person.id]);
    const group = await at.open(editor(scene, `groups/${parent}`));
    expect(itemsOf(group, 'rights').get('deposit_statement')).toMatchObject({ code: 'separation_of_duties' });
    expect(itemsOf(group, 'rights').get('deposit_statement')?.text).toMatch(/A member of/);

    const { id: roleId } = await createRole(company.operator, { name: 'Statements' });
    const free = await at.open(editor(scene, `roles/${roleId}`));
    expect(itemsOf(free, 'rights').get('deposit_statement')).toMatchObject({ state: 'free' });
    const product = only(company, 'general_follow_up');
    await addToRole(company.operator, { roleId, entitlements: [product] });
    await give(scene, 'user', person.id, { roleId });
    const role = await at.open(editor(scene, `roles/${roleId}`));
    expect(itemsOf(role, 'rights').get('deposit_statement')?.text).toMatch(/Somebody who has Statements/);
  });
});

describe('what is only reported', () => {
  it('is told in the preview and can be saved', async () => {
    const scene = await aScene();
    await give(scene, 'user', scene.person.id, only(scene.company, 'create_deposit', 'letter'));
    const page = await scene.at.open(editor(scene, `users/${scene.person.id}`));
    expect(itemsOf(page, 'products').get('periodical')).toMatchObject({ state: 'free' });
    const shown = await scene.at.submit(page, {
      products: ['periodical'],
      billing_addresses: ['A1'],
      rights: ['create_deposit'],
      act: 'preview',
    });
    expect(textOf(shown)).toMatch(/would hold two rights that are better kept apart: .+ It is not refused/);
    expect((await scene.at.submit(shown, { act: 'save' })).url.search).toBe('?done=saved');
  });

  it('counts the people whom a group brings to it', async () => {
    const scene = await aScene();
    const [one, two] = [await aUser(scene.company), await aUser(scene.company)];
    for (const { id } of [one, two]) await give(scene, 'user', id, only(scene.company, 'create_deposit', 'letter'));
    const group = await aGroup(scene.company, [one.id, two.id, scene.person.id]);
    const subject = { kind: 'group' as const, id: group };
    const { reported } = await previewAct(scene.company.operator, subject, async () =>
      (
        await assign(scene.company.operator, { subject, gifts: [only(scene.company, 'create_deposit', 'periodical')] })
      ).map(({ id }) => id),
    );
    expect(reported).toMatchObject([{ people: 2, customerAccountId: scene.company.accountId }]);
  });
});
