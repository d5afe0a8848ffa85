// The matrix of the international parcels to the cell, as the editor renders it: what a person sees is what the
// catalogue says and what a save is refused by.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FixedDimension, MatrixCell, Profile } from '../../src/applications/application.ts';
import type { Organization, Person } from '../giving/world.ts';
import {
  aCompany,
  aUser,
  catalogue,
  itemsOf,
  openRightsHub,
  visitor,
  type Page,
  type RightsHub,
  type Visitor,
} from './rights-hub.ts';

const application = catalogue.get('parcels_international');
if (!application) throw new Error('The catalogue has no such application');
const cells = application.profiles.flatMap((profile) =>
  (['rights', 'borderels'] as const).flatMap((dimension) =>
    Object.entries(profile.cells[dimension] ?? {}).map(([value, cell]) => ({
      profile: profile.key,
      dimension,
      value,
      cell,
    })),
  ),
);
const retired = new Set(application.rights.filter((right) => right.retired).map(({ key }) => key));

let hub: RightsHub;
let company: Organization;
let person: Person;
let chief: Visitor;
const pages = new Map<string, Page>();

beforeAll(async () => {
  hub = await openRightsHub();
  company = await aCompany({ attributes: { etoe_partner: true } });
  person = await aUser(company);
  chief = await visitor(hub, await aUser(company, ['chief_administrator']));
  for (const { key } of application.profiles) pages.set(key, await chief.open(editor({ profile: key, edited: '1' })));
});
afterAll(() => hub.stop());

const editor = (state: Record<string, string>): string =>
  `/portal/users/${person.id}/rights/parcels_international/edit?${new URLSearchParams({ account: company.accountId, ...state }).toString()}`;
const rendered = (profile: string, dimension: FixedDimension, value: string) =>
  itemsOf(pages.get(profile) as Page, dimension).get(value);

/** What each cell looks like. */
const LOOKS: Record<MatrixCell, { state: string; ticked: boolean; code: string | undefined; reason: RegExp }> = {
  X: { state: 'locked', ticked: true, code: 'profile_mandatory', reason: /Mandatory for this profile\./ },
  O: { state: 'free', ticked: false, code: undefined, reason: /./ },
  NA: { state: 'locked', ticked: false, code: 'not_applicable', reason: /Not applicable\./ },
  ND: { state: 'locked', ticked: false, code: 'profile_excludes', reason: /Not allowed with this profile\./ },
};

describe('the editor of the international parcels', () => {
  it('has a cell for each profile and value', () => {
    expect(cells).toHaveLength(4 * (7 + 15));
  });

  it.each(cells)('renders $value under $profile as $cell', ({ profile, dimension, value, cell }) => {
    const found = rendered(profile, dimension, value);
    // What nobody is given any more is so under every profile.
    const look = retired.has(value) ? { ...LOOKS.NA, code: 'retired', reason: /No longer in use\./ } : LOOKS[cell];
    expect(found).toMatchObject({
      state: look.state,
      ticked: look.ticked,
      tag: look.state === 'free' ? 'input' : 'span',
    });
    expect(found?.code).toBe(look.code);
    expect(found?.text).toMatch(look.reason);
    expect(found?.sent).toBe(cell === 'X' || cell === 'O');
  });

  it.each(cells)(
    'saves $value under $profile exactly when it is $cell and not refused',
    async ({ profile, dimension, value, cell }) => {
      const demanded = mandatoryOf(profile);
      const borderels = dimension === 'borderels' ? [value] : ['b31'];
      const rights = dimension === 'rights' ? [...new Set([...demanded, value])] : demanded;
      const page = await chief.send(editor({}), {
        edited: '1',
        account: company.accountId,
        profile,
        rights,
        borderels,
        contracts: 'C2',
        from: '',
        until: '',
        act: 'preview',
      });
      const allowed = (cell === 'X' || cell === 'O') && !retired.has(value);
      expect(page.status === 200).toBe(allowed);
      expect(page.url.pathname.endsWith('/preview')).toBe(true);
      expect(page.html.includes('value="save"')).toBe(allowed);
    },
  );

  it('shows no list before a profile is chosen', async () => {
    const page = await chief.open(editor({}));
    expect(page.status).toBe(200);
    expect(page.html).not.toContain('<fieldset id="list-');
    expect([...page.html.matchAll(/data-profile="(\w+)"/g)].map(([, key]) => key)).toEqual(
      application.profiles.map(({ key }) => key),
    );
  });

  it('keeps the ticks that a profile refuses until another profile takes them again', async () => {
    const filled = await chief.open(
      editor({ edited: '1', profile: 'general_access', borderels: 'b10', rights: 'view_prices', contracts: 'C2' }),
    );
    expect(itemsOf(filled, 'borderels').get('b10')).toMatchObject({ ticked: true });
    const narrowed = await chief.submit(filled, { profile: 'eshipper_pro_2', act: 'profile' });
    expect(itemsOf(narrowed, 'borderels').get('b10')).toMatchObject({
      ticked: false,
      state: 'locked',
      code: 'not_applicable',
    });
    expect(itemsOf(narrowed, 'rights').get('eshipper_pro_2')).toMatchObject({
      ticked: true,
      code: 'profile_mandatory',
    });
    const back = await chief.submit(narrowed, { profile: 'general_access', act: 'profile' });
    expect(itemsOf(back, 'borderels').get('b10')).toMatchObject({ ticked: true, state: 'free' });
    expect(itemsOf(back, 'rights').get('view_prices')).toMatchObject({ ticked: true });
    expect(itemsOf(back, 'contracts').get('C2')).toMatchObject({ ticked: true });
    // It was the profile that had ticked this one.
    const free = await chief.submit(narrowed, { profile: 'etoe', act: 'profile' });
    expect(itemsOf(free, 'rights').get('eshipper_pro_2')).toMatchObject({ ticked: false, state: 'free' });
  });

  it('locks a profile that the organization cannot have, with the reason', async () => {
    const other = await aCompany();
    const member = await aUser(other);
    const theirs = await visitor(hub, await aUser(other, ['chief_administrator']));
    const page = await theirs.open(
      `/portal/users/${member.id}/rights/parcels_international/edit?account=${other.accountId}`,
    );
    const etoe = /<li data-profile="etoe"[\s\S]*?<\/li>/.exec(page.html)?.[0] ?? '';
    expect(etoe).toContain('data-code="only_etoe_partners"');
    expect(etoe).toContain('aria-disabled="true"');
    expect(etoe).not.toContain('<input');
  });
});

function mandatoryOf(key: string): string[] {
  const profile = application?.profiles.find((one) => one.key === key) as Profile;
  return Object.entries(profile.cells.rights ?? {}).flatMap(([value, cell]) => (cell === 'X' ? [value] : []));
}
