// Everything that lies in the database and everything that was logged, after people and machines have used every door that
// takes or gives a secret: none of the secrets stands there in clear, nor as hex, nor as base64.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createClient } from '../../src/clients/create-client.ts';
import { loadConfig } from '../../src/config.ts';
import type { Ctx } from '../../src/context.ts';
import { requestEmailChange } from '../../src/credentials/change-email.ts';
import { giveTemporaryPassword } from '../../src/credentials/change-password.ts';
import { inviteUser } from '../../src/credentials/invite-user.ts';
import { recoverAccess } from '../../src/credentials/recover-password.ts';
import { RECOVER_ACCESS } from '../../src/credentials/request-recovery.ts';
import { makeRecoveryCodes } from '../../src/credentials/recovery-codes.ts';
import { loadSigningKeys, rotateSigningKeys } from '../../src/credentials/signing-keys.ts';
import { enrolTotp } from '../../src/credentials/totp.ts';
import { query } from '../../src/database/query.ts';
import { startHub, type Hub } from '../../src/hub.ts';
import { listMails } from '../../src/mail/list-mails.ts';
import { createOrganization } from '../../src/organizations/create-organization.ts';
import { OPERATOR_ORGANIZATION_ID } from '../../src/organizations/operator-organization.ts';
import { createConnection, createToken } from '../../src/provisioning/connection.ts';
import { createUser } from '../../src/users/create-user.ts';
import { Browser, type Page } from '../oidc/browser.ts';
import { codeNow, newSeed } from '../second-factor/world.ts';
import { databaseUrl, onServer } from '../support/template.ts';

const PASSWORDS = ['a quiet harbour at dawn', 'seven gulls above grey water', 'nine herons under a red moon'] as const;
const SECRETS_KEY = Buffer.alloc(32, 77).toString('base64');
const DATABASE = `mandate_dump_${process.pid}`;
const server = process.env['TEST_DATABASE_URL'];
let hub: Hub;
let dataDir: string;
let logged = '';
const log = pino(
  { level: 'trace' },
  new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      logged += chunk.toString();
      done();
    },
  }),
);
const ctxOf = (organizationId?: string): Ctx => ({
  actor: { kind: 'system', id: 'test', label: 'test' },
  requestId: 'test',
  now: new Date(),
  log,
  ...(organizationId !== undefined && { organizationId }),
});

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'mandate-dump-'));
  if (server) await onServer(server, `drop database if exists ${DATABASE}`, `create database ${DATABASE}`);
  const config = loadConfig({
    PORT: '0',
    DATA_DIR: dataDir,
    SECRETS_KEY,
    PASSWORD_HASH_MEMORY_KIB: '7168',
    PASSWORD_HASH_PASSES: '1',
    ...(server && { DATABASE_URL: databaseUrl(server, DATABASE) }),
  });
  hub = await startHub(config, log);
}, 60_000);
afterAll(async () => {
  await hub.stop();
  if (server) await onServer(server, `drop database if exists ${DATABASE} with (force)`);
  await rm(dataDir, { recursive: true, force: true });
});

const origin = () => hub.config.public_url.origin;
const secrets: Record<string, string> = {};
const keep = (name: string, secret: string | undefined): string => {
  if (!secret) throw new Error(`${name} was not made`);
  secrets[name] = secret;
  return secret;
};
const fieldOf = (page: Page, name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page.html)?.[1] ?? '';

/** Posts to an address with the proof of the page, whichever of its forms that is. */
const send = (browser: Browser, page: Page, action: string, fields: Record<string, string>) =>
  browser.submit(
    {
      ...page,
      html: `<form action="${action}"><input type="hidden" name="csrf" value="${fieldOf(page, 'csrf')}"></form>`,
    },
    fields,
  );

/** The link of the youngest mail of the kind; its token is a secret. */
async function mailedLink(name: string, kind: string): Promise<string> {
  const mail = (await listMails(200)).find((one) => one.kind === kind);
  const path = /http:\/\/localhost:\d+(\/\S+)/.exec(mail?.text ?? '')?.[1];
  keep(name, path?.split('.').at(-1));
  return path ?? '';
}
async function choosePassword(path: string, password: string): Promise<void> {
  const browser = new Browser(origin());
  const page = await browser.open(path);
  const done = await browser.submit(page, { new_password: password, confirm_password: password });
  expect(done.status).toBe(200);
}
async function signIn(name: string, password: string, seed?: string): Promise<Browser> {
  const browser = new Browser(origin());
  let page = await browser.open('/portal');
  page = await browser.submit(page, { identifier: 'anke.smets', password });
  if (seed !== undefined) page = await browser.submit(page, { code: keep('code', codeNow(seed)) });
  expect(page.url.pathname).toBe('/portal');
  keep(`session of ${name}`, browser.cookie('session'));
  keep(`device of ${name}`, browser.cookie('device'));
  return browser;
}

it('leaves no secret in clear, in any table or log', async () => {
  const { id: organizationId } = await createOrganization(
    { ...ctxOf(), actor: { kind: 'operator', id: 'operator', label: 'Operator' } },
    { name: 'Noordzee Media' },
  );
  await query(`update organizations set settings = '{"password_history": 3}' where id = $1`, [organizationId]);
  const ctx = () => ({ ...ctxOf(), organizationId });
  const { id: userId } = await createUser(ctx(), {
    document: {
      userName: 'anke.smets',
      displayName: 'Anke Smets',
      preferredLanguage: 'en',
      emails: [{ value: 'anke@noordzee.example', type: 'work', primary: true }],
    },
  });
  const [first, second, third] = PASSWORDS;
  keep('first password', first);
  keep('second password', second);
  keep('third password', third);

  await inviteUser(ctx(), { userId });
  await choosePassword(await mailedLink('invitation', 'invitation'), first);
  const browser = await signIn('the first browser', first);
  const page = await browser.open('/portal/password');
  await send(browser, page, '/portal/password', {
    current_password: first,
    new_password: second,
    confirm_password: second,
  });

  const seed = keep('seed', newSeed());
  await enrolTotp(ctx(), { organizationId, userId, seed });
  const codes = await makeRecoveryCodes(ctx(), { organizationId, userId });
  codes.forEach((code, n) => keep(`recovery code ${n}`, code));
  await signIn('the second browser', second, seed);
  // A wrong password, and one typed where the name belongs.
  const stranger = new Browser(origin());
  const form = await stranger.open('/portal');
  await stranger.submit(form, {
    identifier: keep('misplaced password', 'herring in the name field'),
    password: keep('wrong password', 'guessed but wrong again'),
  });

  const asking = new Browser(origin());
  await send(asking, await asking.open('/recover'), '/recover', { identifier: 'anke.smets' });
  const [job] = await query<{ data: Record<string, unknown> }>(
    `select data from jobs.job where name = '${RECOVER_ACCESS}' limit 1`,
  );
  await recoverAccess(log).run(job?.data ?? {});
  await choosePassword(await mailedLink('recovery', 'recovery'), third);
  await requestEmailChange(ctx(), { userId, email: 'anke@zuidzee.example', password: third });
  await mailedLink('undo', 'email_change_notice');
  const confirming = new Browser(origin());
  const opened = await confirming.open(await mailedLink('confirmation', 'email_change_confirm'));
  expect((await confirming.submit(opened)).status).toBe(200);
  keep('temporary password', (await giveTemporaryPassword(ctx(), { organizationId, userId })).password);

  const { id: serviceUserId } = await createUser(ctx(), {
    kind: 'service',
    document: { userName: 'erp', displayName: 'ERP' },
  });
  const client = await createClient(ctxOf(OPERATOR_ORGANIZATION_ID), {
    name: 'ERP',
    kind: 'service',
    application: 'emasspost',
    serviceUser: { organizationId, userId: serviceUserId },
  });
  const basic = Buffer.from(`${client.clientId}:${keep('client secret', client.clientSecret)}`).toString('base64');
  const tokens = await fetch(`${origin()}/oidc/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token: token } = (await tokens.json()) as { access_token?: string };
  if (token !== undefined) keep('access token', token.split('.').at(-1));
  const connection = await createConnection(ctx(), { name: 'Entra ID' });
  const scim = await createToken(ctx(), connection.id, { name: 'first' });
  keep('SCIM token', scim.token.split('.').at(-1));
  const users = await fetch(`${origin()}/scim/v2/Users`, { headers: { authorization: `Bearer ${scim.token}` } });
  expect(users.status).toBe(200);
  const operatorToken = (await readFile(join(dataDir, 'operator-token'), 'utf8')).trim();
  keep('operator token', operatorToken.split('.').at(-1));
  const listed = await fetch(`${origin()}/api/v1/organizations`, {
    headers: { authorization: `Bearer ${operatorToken}` },
  });
  expect(listed.status).toBe(200);
  keep('first step', hub.firstSteps.join(' ').match(/\/welcome\/[\w-]+\.([\w-]+)/)?.[1]);
  await rotateSigningKeys(new Date());
  for (const { kid, privateJwk } of await loadSigningKeys()) keep(`private key ${kid}`, String(privateJwk['d']));
  keep('secrets key', SECRETS_KEY);

  // A code of six digits may stand anywhere by chance.
  delete secrets['code'];
  // The search would find one wherever it stood.
  for (const around of ['', 'a', 'ab'])
    expect(
      spellings('second password').some((one) =>
        Buffer.from(`${around}second password!`).toString('base64').includes(one),
      ),
    ).toBe(true);
  const dump = await dumped();
  expect(dump.length).toBeGreaterThan(50_000);
  expect(dump).toContain('anke.smets');
  expect(logged).toContain('request');
  const found = Object.entries(secrets).filter(([, secret]) =>
    spellings(secret).some((one) => dump.includes(one) || logged.includes(one)),
  );
  expect(found.map(([name]) => name)).toEqual([]);
  expect(Object.keys(secrets).length).toBeGreaterThan(30);
}, 90_000);

/** Every cell of every table, as text; bytes as text, hex and base64. */
async function dumped(): Promise<string> {
  const tables = await query<{ name: string }>(
    `select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables
     where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  expect(tables.length).toBeGreaterThan(40);
  let text = '';
  for (const { name } of tables) {
    for (const row of await query(`select * from ${name}`)) {
      for (const cell of Object.values(row) as unknown[]) {
        if (Buffer.isBuffer(cell))
          text += `${cell.toString('latin1')}\n${cell.toString('hex')}\n${cell.toString('base64')}\n`;
        else text += `${typeof cell === 'string' ? cell : JSON.stringify(cell)}\n`;
      }
    }
  }
  return text;
}

/** The secret itself, in hex, and in base64 wherever it may begin in what is encoded; the bytes behind base64 likewise. */
function spellings(secret: string): string[] {
  const bytes = [Buffer.from(secret), ...(/^[\w+/=-]{40,}$/.test(secret) ? [Buffer.from(secret, 'base64url')] : [])];
  const inside = (plain: Buffer) =>
    [0, 1, 2].flatMap((offset) => {
      const coded = Buffer.concat([Buffer.alloc(offset), plain])
        .toString('base64')
        .replaceAll('=', '');
      // What shares its character with a neighbor is left out on both sides.
      const core = coded.slice(offset === 0 ? 0 : offset + 1, -1);
      return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
    });
  return [secret, ...bytes.flatMap((plain) => [plain.toString('hex'), ...inside(plain)])];
}
