// A company's way in: from the public form over the operator's approval to the chief's first sign-in, his first user and
// that user's first token; and everything that the public form must not do.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import * as client from 'openid-client';
import { codeOf, stepAt } from '../second-factor/world.ts';
import { createClient } from '../../src/clients/create-client.ts';
import { secrets } from '../../src/credentials/secrets.ts';
import { query } from '../../src/database/query.ts';
import { listMails } from '../../src/mail/list-mails.ts';
import { createChief } from '../../src/organizations/create-chief.ts';
import { createCustomerAccount } from '../../src/organizations/create-customer-account.ts';
import { createOrganization } from '../../src/organizations/create-organization.ts';
import { OPERATOR_ORGANIZATION_ID } from '../../src/organizations/operator-organization.ts';
import { PURPOSE } from '../../src/portal/registration/mount-registration.ts';
import { approveRegistration } from '../../src/registrations/decide-registration.ts';
import { listRegistrations } from '../../src/registrations/list-registrations.ts';
import { sweepRegistrations } from '../../src/registrations/sweep-registrations.ts';
import { sign } from '../../src/web/cookies.ts';
import { refusalOf } from '../mail/mail-hub.ts';
import { Browser, type Page } from '../oidc/browser.ts';
import { ask, CALLBACK, exchange, systemCtx, typeIn } from '../oidc/hub.ts';
import { openOperator, staffCtx, type OperatorHub } from '../operator/operator-hub.ts';
import { post, submit, textOf } from '../portal/portal-hub.ts';

let hub: OperatorHub;
beforeAll(async () => {
  hub = await openOperator();
});
afterAll(() => hub.stop());

const PASSWORD = 'a lighthouse keeps no diary';

const visitor = () => {
  const browser = new Browser(hub.origin);
  browser.setCookie('language', 'en');
  return browser;
};

let numbered = 0;
const FORM = {
  company: 'Bakkerij Zeezicht',
  proof: 'Managing director; the invoice of 3 March was over 412 euro.',
  given_name: 'Lotte',
  family_name: 'Vermeulen',
  phone: '',
  language: 'en',
  application: 'emasspost',
};
/** As a person fills it in: the form has been open for a while. */
const filled = (more: Record<string, string> = {}) => {
  const n = (numbered += 1);
  const started = sign(PURPOSE, String(Date.now() - 60_000), [secrets().derive('cookies')]);
  return { ...FORM, started, number: `REG-${n}`, email: `lotte.${n}@zeezicht.example`, ...more };
};

async function send(fields: Record<string, string>, browser = visitor()): Promise<Page> {
  await query('delete from sign_in_throttles');
  return submit(browser, await browser.open('/register'), fields);
}

const mailsTo = async (to: string) => (await listMails(500)).filter((mail) => mail.to === to);
const linkTo = async (to: string, path: string): Promise<string> => {
  const [mail] = await mailsTo(to);
  const found = new RegExp(`${hub.origin}${path}/[\\w.-]+`).exec(mail?.text ?? '')?.[0];
  if (found === undefined) throw new Error(`No link to ${path} went to ${to}`);
  return found;
};

async function confirm(email: string): Promise<Page> {
  const browser = visitor();
  return submit(browser, await browser.open(await linkTo(email, '/register/confirm')));
}

const waiting = async () => (await listRegistrations(staffCtx(hub.staff.support), { state: 'pending' })).registrations;
const rowsFor = (email: string) =>
  query<{ state: string }>('select state from registrations where email = $1 order by created_at', [email]);

describe('a company', () => {
  it('comes from the public form to its first token', async () => {
    // The form, and the mail's link.
    const fields = filled();
    expect(textOf(await send(fields))).toContain('Look into your mailbox');
    expect(await waiting()).toEqual([]);
    expect(textOf(await confirm(fields.email))).toContain('Your request has arrived');

    // The operator approves, noting what he checked.
    const support = await hub.as('support');
    const queue = await support.open('/operator/registrations');
    expect(textOf(queue)).toContain('Bakkerij Zeezicht');
    const [asked] = await waiting();
    const page = await support.open(`/operator/registrations/${asked?.id ?? ''}`);
    const empty = await post(support, page, `/operator/registrations/${asked?.id ?? ''}/approve`, {
      company: fields.company,
      customer_number: fields.number,
      application: 'emasspost',
      note: '',
    });
    expect(empty.status).toBe(422);
    const organization = await post(support, page, `/operator/registrations/${asked?.id ?? ''}/approve`, {
      company: fields.company,
      customer_number: fields.number,
      application: 'emasspost',
      note: 'Called the number on the contract.',
    });
    expect(textOf(organization)).toContain('Lotte Vermeulen');
    expect(textOf(organization)).toContain(fields.number);
    expect(textOf(organization)).toContain('e-MassPost');
    const organizationId = organization.url.pathname.split('/').at(-1) ?? '';

    // The chief's first sign-in: a password of her own, and a second factor.
    const chief = visitor();
    const welcome = await chief.open(await linkTo(fields.email, '/welcome'));
    const set = await submit(chief, welcome, { new_password: PASSWORD, confirm_password: PASSWORD });
    expect(set.status).toBe(200);
    let inside = await chief.open('/portal');
    inside = await typeIn(chief, inside, { userName: fields.email }, PASSWORD);
    const seed = [...inside.html.matchAll(/<span>([A-Z2-7]{4})<\/span>/g)].map(([, group]) => group).join('');
    inside = await submit(chief, inside, { code: codeOf(seed, stepAt(Date.now())) });
    inside = await submit(chief, inside);
    expect(inside.url.pathname).toBe('/portal');

    // Her first user, with rights on a billing address that the operator entered.
    const catalogue = await hub.as('support');
    const accountId = /accounts\/([0-9a-f-]{36})/.exec(organization.html)?.[1] ?? '';
    const at = `/operator/organizations/${organizationId}/accounts/${accountId}`;
    const table = 'kind,number,label\nbilling_address,B-1,Head office\n';
    const account = await post(catalogue, await catalogue.open(at), `${at}/resources`, { table });
    expect(textOf(account)).toContain('One row was added or changed.');
    const details = {
      userName: 'jef.smets',
      givenName: 'Jef',
      familyName: 'Smets',
      email: `jef.${numbered}@zeezicht.example`,
      language: 'en',
      access: 'invite',
    };
    let made = await chief.open('/portal/users/new');
    made = await submit(chief, made, { ...details, step: 'details' });
    made = await submit(chief, made, { ...details, step: 'finish' });
    const userId = /users\/([0-9a-f-]{36})/.exec(made.url.pathname)?.[1] ?? '';
    const editor = `/portal/users/${userId}/rights/emasspost/edit?account=${accountId}`;
    let given = await submit(chief, await chief.open(editor), {
      products: 'prior',
      billing_addresses: 'B-1',
      rights: 'create_deposit',
      act: 'preview',
    });
    given = await submit(chief, given, { act: 'save' });
    expect(given.status).toBe(200);

    // The user's first token.
    const jef = visitor();
    await submit(jef, await jef.open(await linkTo(details.email, '/welcome')), {
      new_password: PASSWORD,
      confirm_password: PASSWORD,
    });
    const registered = await createClient(systemCtx(OPERATOR_ORGANIZATION_ID), {
      name: 'e-MassPost',
      kind: 'web',
      application: 'emasspost',
      redirectUris: [CALLBACK],
    });
    const config = await client.discovery(
      new URL(`${hub.origin}/oidc`),
      registered.clientId,
      { client_secret: registered.clientSecret ?? '' },
      client.ClientSecretBasic(registered.clientSecret),
      { execute: [client.allowInsecureRequests] },
    );
    const request = await ask(config);
    const back = await typeIn(jef, await jef.open(request.url), { userName: 'jef.smets' }, PASSWORD);
    const tokens = await exchange(config, back, request);
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      organization: organizationId,
      authorization_details: [
        { identifier: fields.number, privileges: ['create_deposit'], products: ['prior'], billing_addresses: ['B-1'] },
      ],
    });
  }, 60_000);

  it('that is denied gets the reason by mail', async () => {
    const fields = filled();
    await send(fields);
    await confirm(fields.email);
    const [asked] = await waiting();
    const support = await hub.as('support');
    const path = `/operator/registrations/${asked?.id ?? ''}`;
    await post(support, await support.open(path), `${path}/deny`, { reason: 'This number is not yours.' });
    const [mail] = await mailsTo(fields.email);
    expect(mail?.kind).toBe('registration_denied');
    expect(mail?.text).toContain('This number is not yours.');
    expect(await rowsFor(fields.email)).toEqual([{ state: 'denied' }]);
    const again = await refusalOf(() =>
      approveRegistration(staffCtx(hub.staff.support), asked?.id ?? '', { note: 'x' }),
    );
    expect(again.code).toBe('conflict');
  });

  it('whose number got an owner meanwhile is not admitted, and nothing of it is made', async () => {
    const fields = filled();
    await send(fields);
    await confirm(fields.email);
    const [asked] = await waiting();
    const other = await createOrganization(systemCtx(), { name: 'The owner' });
    await createCustomerAccount({ ...systemCtx(), organizationId: other.id }, { number: fields.number, name: 'Owner' });
    const before = await query('select id from organizations');
    const refusal = await refusalOf(() =>
      approveRegistration(staffCtx(hub.staff.support), asked?.id ?? '', { note: 'checked' }),
    );
    expect(refusal.code).toBe('uniqueness');
    expect(await query('select id from organizations')).toHaveLength(before.length);
  });
});

describe('a later asker of a known company', () => {
  it('is answered like anybody else, and its administrators get a mail', async () => {
    const known = await createOrganization(systemCtx(), { name: 'Drukkerij Maas' });
    const inside = { ...systemCtx(), organizationId: known.id };
    await createCustomerAccount(inside, { number: 'KNOWN-1', name: 'Maas' });
    const details = {
      userName: 'baas',
      salutation: '',
      givenName: 'Bea',
      familyName: 'Aas',
      email: 'bea@maas.example',
      language: 'nl' as const,
    };
    await createChief(inside, details);
    const fields = filled({ number: 'KNOWN-1' });
    const sent = await send(fields);
    const confirmed = await confirm(fields.email);
    const ordinary = filled();
    expect(textOf(await send(ordinary))).toBe(textOf(sent));
    expect(textOf(await confirm(ordinary.email))).toBe(textOf(confirmed));
    expect(confirmed.html).not.toMatch(/Bea|maas\.example|Drukkerij/);
    expect(await rowsFor(fields.email)).toEqual([{ state: 'forwarded' }]);
    const [notice] = await mailsTo('bea@maas.example');
    expect(notice?.kind).toBe('registration_notice');
    expect(notice?.text).toContain('Lotte Vermeulen');
    expect((await waiting()).map(({ email }) => email)).not.toContain(fields.email);
  });

  it('waits behind the one that is open for the same number', async () => {
    const [first, second] = [filled({ number: 'TWICE-1' }), filled({ number: 'TWICE-1' })];
    for (const fields of [first, second]) await send(fields);
    for (const fields of [first, second])
      expect(textOf(await confirm(fields.email))).toContain('Your request has arrived');
    expect(await rowsFor(first.email)).toEqual([{ state: 'pending' }]);
    expect(await rowsFor(second.email)).toEqual([{ state: 'forwarded' }]);
  });
});

describe('the public form', () => {
  it.each([
    ['company', { company: ' ' }],
    ['customerNumber', { number: 'two words' }],
    ['proof', { proof: 'hm' }],
    ['email', { email: 'lotte@@zeezicht' }],
    ['email', { email: 'lotte@zeezicht.example\r\nBcc: all@example.org' }],
    ['givenName', { given_name: 'a'.repeat(65) }],
    ['applications', { application: 'nothing' }],
  ])('names the field %s that cannot be read, and keeps what was typed', async (field, wrong) => {
    const fields = filled(wrong);
    const page = await send(fields);
    expect(page.status).toBe(422);
    expect(page.html).toContain(`href="#${field}"`);
    expect(page.html).toContain(FORM.family_name);
    expect(await rowsFor(fields.email)).toEqual([]);
  });

  it.each([
    ['fills in what nobody sees', () => ({ website: 'https://buy.example' })],
    [
      'is sent faster than anybody reads',
      () => ({ started: sign(PURPOSE, String(Date.now()), [secrets().derive('cookies')]) }),
    ],
  ])('drops what %s without saying so', async (_, more) => {
    const fields = filled(more());
    expect(textOf(await send(fields))).toContain('Look into your mailbox');
    expect(await rowsFor(fields.email)).toEqual([]);
    expect(await mailsTo(fields.email)).toEqual([]);
  });

  it('asks again where its stamp is old or not ours', async () => {
    for (const started of [
      '',
      '1234.forged',
      sign(PURPOSE, String(Date.now() - 90_000_000), [secrets().derive('cookies')]),
    ]) {
      const page = await send(filled({ started }));
      expect(page.status).toBe(422);
      expect(textOf(page)).toContain('This page was open for too long');
    }
  });

  it('writes three mails an hour to one mailbox at most', async () => {
    const fields = filled();
    await query('delete from sign_in_throttles');
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) {
      const browser = visitor();
      statuses.push((await submit(browser, await browser.open('/register'), fields)).status);
    }
    expect(statuses).toEqual([200, 200, 200, 429]);
    expect(await mailsTo(fields.email)).toHaveLength(3);
  });

  it('does nothing for somebody who only opens the link, as mail scanners do', async () => {
    const fields = filled();
    await send(fields);
    await visitor().open(await linkTo(fields.email, '/register/confirm'));
    expect(await rowsFor(fields.email)).toEqual([{ state: 'unconfirmed' }]);
    const strange = await visitor().open(`/register/confirm/${OPERATOR_ORGANIZATION_ID}.${'x'.repeat(43)}`);
    expect(strange.status).toBe(404);
  });

  it('is forgotten after two days if nobody confirms it', async () => {
    const fields = filled();
    await send(fields);
    await query("update registrations set created_at = now() - interval '3 days' where email = $1", [fields.email]);
    await sweepRegistrations.run({});
    expect(await rowsFor(fields.email)).toEqual([]);
  });

  it('stands behind "new user" on the sign-in page', async () => {
    expect((await visitor().open('/portal')).html).toContain('href="/register"');
  });
});
