import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { query } from '../../src/database/query.ts';
import { verifyPassword } from '../../src/credentials/password-hash.ts';
import { changeOrganization } from '../../src/organizations/change-organization.ts';
import { anOrganization, aUser, type Organization } from '../giving/world.ts';
import type { Browser, Page } from '../oidc/browser.ts';
import { openPortal, post, signedIn, submit, textOf, type PortalHub } from './portal-hub.ts';

let hub: PortalHub;
let organization: Organization;
let browser: Browser;

beforeAll(async () => {
  hub = await openPortal();
  organization = await anOrganization();
  const administrator = await aUser(organization, ['manage_users']);
  browser = await signedIn(hub, organization.id, administrator.id);
});
afterAll(() => hub.stop());

const PERSON = {
  userName: 'carla.dewit',
  givenName: 'Carla',
  familyName: 'De Wit',
  email: 'carla@company.example',
  language: 'fr',
  salutation: 'Mx',
  access: 'invite',
};
const step = (page: Page, fields: Record<string, string>) => post(browser, page, '/portal/users/new', fields);
const found = async (userName: string) =>
  (
    await query<{ id: string; document: Record<string, unknown> }>(
      'select id, document from users where user_name = $1',
      [userName],
    )
  )[0];

/** Both steps, up to the last answer. */
async function create(fields: Record<string, string>): Promise<Page> {
  const second = await step(await browser.open('/portal/users/new'), { step: 'details', ...fields });
  return submit(browser, second, { step: 'finish', right: 'recover_password' });
}

describe('creating a user', () => {
  it('takes two steps, invites by mail and says what comes next', async () => {
    const first = await browser.open('/portal/users/new');
    expect(first.html).toMatch(/<option value="en"[^>]* selected/);
    const second = await step(first, { step: 'details', ...PERSON });
    expect(textOf(second)).toContain('Which administration rights does Carla De Wit get?');
    expect(await found('carla.dewit')).toBeUndefined();
    const created = await submit(browser, second, { step: 'finish', right: 'recover_password' });
    expect(created.url.pathname).toMatch(/\/created$/);
    expect(textOf(created)).toContain('We are sending an invitation to carla@company.example');
    const user = await found('carla.dewit');
    expect(created.html).toContain(`href="/portal/users/${user?.id ?? ''}/rights"`);
    expect(user?.document).toMatchObject({
      displayName: 'Carla De Wit',
      name: { givenName: 'Carla', familyName: 'De Wit', honorificPrefix: 'Mx' },
      preferredLanguage: 'fr',
      emails: [{ value: 'carla@company.example', type: 'work', primary: true }],
    });
    const mails = await query('select 1 from mails where user_id = $1 and kind = $2 and language = $3', [
      user?.id,
      'invitation',
      'fr',
    ]);
    expect(mails).toHaveLength(1);
    expect(await query('select 1 from administration_rights where subject_id = $1', [user?.id])).toEqual([]);
  });

  it('shows a temporary password once, which works and must be changed', async () => {
    const answer = await create({ ...PERSON, userName: 'tom', access: 'temporary' });
    const shown = /<code[^>]*>([^<]+)<\/code>/.exec(answer.html)?.[1] ?? '';
    expect(shown).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const user = await found('tom');
    const [stored] = await query<{ hash: string; temporary: boolean }>(
      'select hash, temporary from passwords where user_id = $1',
      [user?.id],
    );
    expect(stored?.temporary).toBe(true);
    expect((await verifyPassword(stored?.hash, shown)).right).toBe(true);
    expect((await browser.open(`/portal/users/${user?.id ?? ''}/created`)).html).not.toContain(shown);
  });

  it('keeps what was typed when something is missing, and says at each field what', async () => {
    const page = await step(await browser.open('/portal/users/new'), {
      step: 'details',
      ...PERSON,
      userName: '  ',
      email: 'no address',
      familyName: 'Kept <b>',
    });
    expect(page.status).toBe(422);
    expect(textOf(page)).toContain('Enter a username.');
    expect(page.html).toContain('<a href="#email">Enter a complete e-mail address');
    expect(page.html).toContain('value="Kept &lt;b&gt;"');
    expect(page.html).toMatch(/id="userName"[^>]*aria-invalid="true"/);
  });

  it('says that a username is taken, whatever its case, also when it was taken between the steps', async () => {
    const early = await step(await browser.open('/portal/users/new'), {
      step: 'details',
      ...PERSON,
      userName: 'CARLA.DeWit',
    });
    expect(early.status).toBe(422);
    expect(textOf(early)).toContain('already in use');
    const second = await step(await browser.open('/portal/users/new'), {
      step: 'details',
      ...PERSON,
      userName: 'late',
    });
    await create({ ...PERSON, userName: 'LATE' });
    const late = await submit(browser, second, { step: 'finish' });
    expect(late.status).toBe(422);
    expect(late.html).toMatch(/id="userName"[^>]*value="late"/);
  });

  it('goes back to the first step with everything typed', async () => {
    const second = await step(await browser.open('/portal/users/new'), {
      step: 'details',
      ...PERSON,
      userName: 'again',
    });
    const back = await submit(browser, second, { step: 'back' });
    expect(back.html).toMatch(/id="userName"[^>]*value="again"/);
    expect(back.html).toMatch(/value="Mx" selected/);
  });

  it('locks the rights that the administrator cannot give, and refuses them with the same reason', async () => {
    const second = await step(await browser.open('/portal/users/new'), {
      step: 'details',
      ...PERSON,
      userName: 'climber',
    });
    expect(second.html).toMatch(/value="manage_administrators" aria-disabled="true"/);
    const refused = await submit(browser, second, { step: 'finish', right: 'manage_administrators' });
    expect(refused.status).toBe(403);
    expect(textOf(refused)).toContain('You are not entitled to give or take this right.');
    expect(await found('climber')).toBeUndefined();
  });

  it('asks for an e-mail address as username where the organization wants one', async () => {
    await changeOrganization(organization.operator, organization.id, { settings: { username: 'email' } });
    const page = await step(await browser.open('/portal/users/new'), {
      step: 'details',
      ...PERSON,
      userName: 'freely',
    });
    expect(textOf(page)).toContain('Enter an e-mail address as username');
    await changeOrganization(organization.operator, organization.id, { settings: { username: 'free' } });
  });

  it('refuses a form that was not made for this visitor', async () => {
    const page = await browser.open('/portal/users/new');
    const forged = await submit(
      browser,
      { ...page, html: '<form action="/portal/users/new"></form>' },
      { step: 'finish', ...PERSON, userName: 'forged' },
    );
    expect(forged.status).toBe(403);
    expect(await found('forged')).toBeUndefined();
  });
});
