// One person's way past every page at the doors, in one language: invited, refused, with a temporary password, without
// rights, having forgotten his password, with a second factor to set up, to give and to lose, asked to accept terms, with a
// new e-mail address, and out again. What is done at each page is the caller's: an inspection, or a picture.
import { Secret, TOTP } from 'otpauth';
import pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import { click, signIn, SUBMIT, visit, type Language, type Visitor } from '../support/chromium.ts';
import type { RunningDemo } from '../support/hub-process.ts';

export type Look = (page: Page, name: string) => Promise<void>;
type Doors = {
  readonly hub: RunningDemo;
  readonly browser: Browser;
  readonly language: Language;
  readonly look: Look;
  /** With script, unless it says so. */
  readonly script?: boolean;
};

export const PASSWORDS = [
  'three blue boats in the harbour',
  'seven green lamps along the quay',
  'nine slow barges under a bridge',
] as const;
const [FIRST, SECOND, THIRD] = PASSWORDS;

/** A statement on the demonstration's own database: what only time brings about otherwise. */
async function onDatabase(hub: RunningDemo, text: string, values: readonly unknown[] = []): Promise<void> {
  const url = hub.home.env['DATABASE_URL'];
  const client = new pg.Client(
    url === undefined
      ? { host: `${hub.home.dataDir}/database`, port: 5432, user: 'postgres', database: 'postgres' }
      : { connectionString: url },
  );
  await client.connect();
  try {
    await client.query(text, [...values]);
  } finally {
    await client.end();
  }
}

/** The management API, with the operator's token. */
export async function callApi<T>(hub: RunningDemo, path: string, body: unknown, method = 'POST'): Promise<T> {
  const answer = await fetch(`${hub.origin}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${hub.demo.operator.apiToken}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status} ${await answer.text()}`);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

type Newcomer = { organization: string; id: string; userName: string; email: string; invitation: string };

/** Somebody of a company of his own, with the link of his invitation. */
export async function aNewcomer(hub: RunningDemo, userName: string, company: string): Promise<Newcomer> {
  const { id: organization } = await callApi<{ id: string }>(hub, '/organizations', { name: company });
  const email = `${userName}@${company.toLowerCase().replaceAll(' ', '-')}.example`;
  const users = `/organizations/${organization}/users`;
  const person = { userName, givenName: 'Robin', familyName: 'Peeters', email };
  const { id } = await callApi<{ id: string }>(hub, users, person);
  const { url } = await callApi<{ url: string }>(hub, `${users}/${id}/links`, { purpose: 'first_password' });
  return { organization, id, userName, email, invitation: url };
}

/** The newest link of a kind that was mailed to the address. */
export async function mailedLink(hub: RunningDemo, to: string, path: string): Promise<string> {
  const late = Date.now() + 30_000;
  for (;;) {
    const mails = (await (await fetch(`${hub.origin}/demo/mailbox`)).text()).split('<li class="panel"');
    const address = new RegExp(`${hub.origin}/${path}/[\\w.~-]+`);
    const link = mails.filter((mail) => mail.includes(`>${to}<`)).flatMap((mail) => address.exec(mail)?.[0] ?? [])[0];
    if (link !== undefined) return link;
    if (Date.now() > late) throw new Error(`No mail to ${to} has a link to /${path}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Says on which page something else was expected. */
async function demand(page: Page, selector: string, count = 1): Promise<void> {
  const found = await page.locator(selector).count();
  if (found !== count)
    throw new Error(`${page.url()} has ${selector} ${found} times, not ${count}: ${await page.title()}`);
}

export async function choosePassword(page: Page, password: string, again = password): Promise<number> {
  await page.fill('#new-password', password);
  await page.fill('#confirm-password', again);
  return click(page, SUBMIT);
}

async function giveCode(page: Page, code: string): Promise<void> {
  await page.fill('#code', code);
  await click(page, 'main form:has(#code) button.primary');
}

export const codeOf = (seed: string, stepsAhead = 0): string =>
  new TOTP({ secret: Secret.fromBase32(seed) }).generate({ timestamp: Date.now() + stepsAhead * 30_000 });

const wrongCode = (seed: string): string => {
  const near = [-2, -1, 0, 1, 2].map((steps) => codeOf(seed, steps));
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !near.includes(code)) ?? '';
};

export const seedOn = async (page: Page): Promise<string> =>
  ((await page.textContent('.seed')) ?? '').replaceAll(/\s/g, '');

/** As though the steps whose codes were used lay behind. */
export const forgetSteps = (hub: RunningDemo, { organization, id }: Newcomer): Promise<void> =>
  onDatabase(hub, 'update totp_factors set last_step = last_step - 10 where organization_id = $1 and user_id = $2', [
    organization,
    id,
  ]);

/** The same username in two companies: his own, and another one's. */
async function invitation({ hub, language, look, script }: Doors, page: Page): Promise<Newcomer> {
  const userName = `robin.${language}${script === false ? '.plain' : ''}`;
  const own = await aNewcomer(hub, userName, `Orchard ${userName}`);
  const other = await aNewcomer(hub, userName, `Meadow ${userName}`);
  await page.goto(other.invitation);
  await look(page, 'invitation');
  await choosePassword(page, FIRST);
  await page.goto(own.invitation);
  await choosePassword(page, 'short', 'other');
  await demand(page, '#error-summary');
  await look(page, 'invitation-error');
  await choosePassword(page, FIRST);
  await demand(page, '#new-password', 0);
  await look(page, 'invitation-done');
  await page.goto(own.invitation);
  await look(page, 'invitation-used');
  await page.goto(`${hub.origin}/welcome/no-such-link`);
  await look(page, 'link-invalid');
  const late = await aNewcomer(hub, `late.${userName}`, `Late ${userName}`);
  await onDatabase(hub, `update links set expires_at = now() where organization_id = $1`, [late.organization]);
  await page.goto(late.invitation);
  await look(page, 'invitation-expired');
  await click(page, 'main form button.primary');
  await look(page, 'invitation-asked');
  return own;
}

async function typePassword(doors: Doors, page: Page, person: Newcomer): Promise<void> {
  await page.goto(`${doors.hub.exampleUrl}/sign-in`);
  await signIn(page, { userName: person.userName, password: FIRST });
  await demand(page, 'input[name=organization]', 2);
}

async function chooseCompany(page: Page, { organization }: Newcomer): Promise<void> {
  await page.check(`input[name=organization][value="${organization}"]`);
  await click(page, SUBMIT);
}

async function signingIn(doors: Doors, page: Page, person: Newcomer): Promise<void> {
  const { hub, look } = doors;
  await page.goto(`${hub.exampleUrl}/sign-in`);
  await look(page, 'sign-in');
  await signIn(page, { userName: person.userName, password: 'not the password at all' });
  await demand(page, '#error-summary');
  await look(page, 'sign-in-error');
  await typePassword(doors, page, person);
  await look(page, 'choose-organization');
  await chooseCompany(page, person);
  await demand(page, 'button[name=choice][value=back]');
  await look(page, 'no-access');
}

async function temporary(doors: Doors, page: Page, person: Newcomer): Promise<void> {
  const { hub, look } = doors;
  await onDatabase(
    hub,
    `update passwords set temporary = true, expires_at = now() + interval '1 hour' where organization_id = $1`,
    [person.organization],
  );
  await typePassword(doors, page, person);
  await chooseCompany(page, person);
  await look(page, 'temporary-password');
  await choosePassword(page, `${person.userName} ${person.userName}`);
  await demand(page, '#error-summary');
  await look(page, 'temporary-password-error');
  await choosePassword(page, SECOND);
  await demand(page, '#new-password', 0);
}

async function recovery({ hub, look }: Doors, page: Page, { email, organization }: Newcomer): Promise<void> {
  await page.goto(`${hub.origin}/recover`);
  await look(page, 'recover');
  await click(page, SUBMIT);
  await demand(page, '#error-summary');
  await look(page, 'recover-error');
  await page.fill('#identifier', email);
  await click(page, SUBMIT);
  await look(page, 'recover-sent');
  const link = await mailedLink(hub, email, 'new-password');
  await onDatabase(hub, `update links set expires_at = now() where organization_id = $1 and used_at is null`, [
    organization,
  ]);
  await page.goto(link);
  await look(page, 'recovery-expired');
  await onDatabase(
    hub,
    `update links set expires_at = now() + interval '1 hour' where organization_id = $1 and used_at is null`,
    [organization],
  );
  await page.goto(link);
  await look(page, 'recovery-link');
  await choosePassword(page, THIRD, 'something else instead');
  await demand(page, '#error-summary');
  await look(page, 'recovery-link-error');
  await choosePassword(page, THIRD);
  await demand(page, '#new-password', 0);
  await look(page, 'recovery-done');
  await page.goto(link);
  await look(page, 'recovery-used');
}

/** An administrator must have a second factor. Answers its seed. */
async function enrolling({ hub, look }: Doors, page: Page, person: Newcomer): Promise<string> {
  await callApi(hub, `/organizations/${person.organization}/administration-rights`, {
    subjectKind: 'user',
    subjectId: person.id,
    name: 'manage_users',
  });
  await page.goto(`${hub.origin}/portal`);
  await signIn(page, { userName: person.userName, password: THIRD });
  await demand(page, '.seed');
  await look(page, 'enrol-factor');
  const seed = await seedOn(page);
  await giveCode(page, wrongCode(seed));
  await demand(page, '#error-summary');
  await look(page, 'enrol-factor-error');
  await giveCode(page, codeOf(seed));
  await demand(page, '.codes');
  await look(page, 'recovery-codes');
  await click(page, SUBMIT);
  return seed;
}

async function secondFactor(doors: Doors, page: Page, person: Newcomer, seed: string): Promise<void> {
  const { hub, look } = doors;
  await page.goto(`${hub.origin}/portal`);
  await signIn(page, { userName: person.userName, password: THIRD });
  await look(page, 'second-factor');
  await giveCode(page, wrongCode(seed));
  await demand(page, '#error-summary');
  await look(page, 'second-factor-error');
  const here = page.url();
  await click(page, 'main a[href$="method=recovery"]');
  await look(page, 'recovery-code');
  await page.goto(here);
  await click(page, 'main a[href$="/lost-factor"]');
  await look(page, 'lost-factor');
  await click(page, SUBMIT);
  await look(page, 'lost-factor-asked');
  await page.goto(here);
  await forgetSteps(hub, person);
  await giveCode(page, codeOf(seed));
  await demand(page, '#code', 0);
}

/** Signed in, he is asked who goes on. */
async function goingOn({ hub, look }: Doors, page: Page): Promise<void> {
  const client = hub.demo.clients.find(({ redirect_uris: uris }) => uris.some((uri) => uri.startsWith(hub.exampleUrl)));
  if (!client) throw new Error('The demonstration has no example client');
  const request = new URL(`${hub.origin}/oidc/auth`);
  for (const [name, value] of Object.entries({
    client_id: client.client_id,
    redirect_uri: client.redirect_uris[0] ?? '',
    response_type: 'code',
    scope: 'openid',
    state: 'state',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    prompt: 'select_account',
  }))
    request.searchParams.set(name, value);
  await page.goto(request.href);
  await look(page, 'select-account');
}

const PARAGRAPHS = (language: string) => `${language}: what we promise each other.\n\nWhat is yours stays yours.`;

/** Somebody of the demonstration who may do something in the example, and whose company asks for his consent. */
async function terms({ hub, look }: Doors, page: Page): Promise<void> {
  const carla = hub.demo.users.find(({ userName }) => userName === 'carla.dewit');
  if (!carla) throw new Error('The demonstration lacks its people');
  const texts = Object.fromEntries(['nl', 'fr', 'de', 'en'].map((language) => [language, PARAGRAPHS(language)]));
  const { items } = await callApi<{ items: { id: string; name: string }[] }>(hub, '/organizations', undefined, 'GET');
  const organization = items.find(({ name }) => name === carla.organization);
  await callApi(hub, `/organizations/${organization?.id}/terms`, { texts });
  await page.goto(`${hub.exampleUrl}/sign-in`);
  await signIn(page, carla);
  await demand(page, '.terms');
  await look(page, 'terms');
  await click(page, SUBMIT);
  if (!page.url().startsWith(hub.exampleUrl)) throw new Error('Accepting the terms leads nowhere');
}

async function newAddress({ hub, look }: Doors, page: Page, { email }: Newcomer): Promise<void> {
  const address = `new.${email}`;
  await page.goto(`${hub.origin}/portal/details/email`);
  await page.fill('main input[type=email]', address);
  await page.fill('#current-password', THIRD);
  await click(page, 'main form:has(input[type=email]) button.primary');
  for (const [to, path, name] of [
    [address, 'confirm-email', 'confirm-email'],
    [email, 'undo-email', 'undo-email'],
  ] as const) {
    const link = await mailedLink(hub, to, path);
    await page.goto(link);
    await look(page, name);
    await click(page, SUBMIT);
    await look(page, `${name}-done`);
    await page.goto(link);
    await look(page, `${name}-used`);
  }
}

async function leaving({ hub, look }: Doors, page: Page, person: Newcomer, seed: string): Promise<void> {
  await page.goto(`${hub.origin}/portal/details`);
  await signIn(page, { userName: person.userName, password: THIRD });
  await forgetSteps(hub, person);
  await giveCode(page, codeOf(seed));
  await page.goto(`${hub.origin}/sign-in/no-such-sign-in`);
  await look(page, 'sign-in-over');
  await page.goto(`${hub.origin}/oidc/session/end`);
  await look(page, 'sign-out');
  await click(page, 'main form button:not(.primary)');
  await look(page, 'still-signed-in');
  await page.goto(`${hub.origin}/oidc/session/end`);
  await click(page, SUBMIT);
  await look(page, 'signed-out');
}

/** In the order in which somebody might meet them. Answers what went wrong beside the looks. */
export async function walkDoors(doors: Doors): Promise<string[]> {
  const { browser, language, script = true } = doors;
  const problems: string[] = [];
  const inBrowser = async <T>(act: (page: Page) => Promise<T>): Promise<T> => {
    const visitor: Visitor = await visit(browser, { language, script });
    await visitor.page.goto(`${doors.hub.origin}/recover?language=${language}`);
    const answer = await act(visitor.page);
    problems.push(...visitor.problems);
    await visitor.leave();
    return answer;
  };
  const person = await inBrowser((page) => invitation(doors, page));
  await inBrowser((page) => signingIn(doors, page, person));
  await inBrowser((page) => temporary(doors, page, person));
  await inBrowser((page) => recovery(doors, page, person));
  const seed = await inBrowser((page) => enrolling(doors, page, person));
  await inBrowser(async (page) => {
    await secondFactor(doors, page, person, seed);
    await newAddress(doors, page, person);
  });
  await inBrowser((page) => leaving(doors, page, person, seed));
  await inBrowser(async (page) => {
    await page.goto(`${doors.hub.origin}/portal`);
    await signIn(page, { userName: person.userName, password: THIRD });
    await forgetSteps(doors.hub, person);
    await giveCode(page, codeOf(seed));
    await goingOn(doors, page);
  });
  await inBrowser((page) => terms(doors, page));
  return problems;
}
