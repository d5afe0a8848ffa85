import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { everyOperation } from '../../src/api/operations.ts';
import { runCli } from '../../src/cli/run.ts';
import { apiApp, depositing, openHub, tokenWith } from '../api/client.ts';
import { closeTestDatabase } from '../support/database.ts';

let server: Server;
let url: string;
let token: string;
let folder: string;
beforeAll(async () => {
  await openHub();
  folder = await mkdtemp(join(tmpdir(), 'mandate-cli-'));
  token = await tokenWith('owner');
  server = createServer(apiApp());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
  await closeTestDatabase();
});

type Ran = { code: number; out: string; err: string };
type How = { stdin?: string; environment?: { url?: string; token?: string | null; dataDir?: string } };

async function run(args: string[], { stdin = '', environment = {} }: How = {}): Promise<Ran> {
  let [out, err] = ['', ''];
  const code = await runCli(args, {
    environment: { url, token, dataDir: folder, ...environment },
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    stdin: Readable.from([stdin]),
  });
  return { code, out, err };
}

/** The command must succeed; its answer as JSON. */
async function json(...args: string[]) {
  const { code, out, err } = await run([...args, '--json']);
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out);
}

describe('the command line', () => {
  it('sets an organization up from nothing to an effective entitlement', async () => {
    const { id: organization } = await json('organization', 'create', '--name', 'Noordzee Media', '--settings.ftp');
    const at = ['--organization', organization as string];
    const { id: account } = await json('customer-account', 'create', ...at, '--number', '100234', '--name', 'Brussel');
    const resources = join(folder, 'resources.json');
    await writeFile(
      resources,
      JSON.stringify({ resources: [{ kind: 'billing_addresses', number: 'B-1', label: 'Head office' }] }),
    );
    expect(await json('resource', 'put', ...at, account, '--input', resources)).toEqual({ changed: 1 });
    const values = '{"products":"*","billing_addresses":"*","rights":"*"}';
    await json(
      'subscription',
      'set',
      ...at,
      '--customer-account-id',
      account,
      '--application',
      'emasspost',
      '--values',
      values,
    );
    const { id: user } = await json(
      'user',
      'create',
      ...at,
      '--user-name',
      'anna',
      '--givenName',
      'Anna',
      '--language',
      'nl',
    );
    const gift = JSON.stringify([depositing(account as string)]);
    await json('assignment', 'give', ...at, '--subject-kind', 'user', '--subject-id', user, '--gifts', gift);
    const answer = await json('entitlement', 'effective', ...at, user, '--application', 'emasspost');
    expect(answer.effective).toMatchObject([
      { customerAccountNumber: '100234', values: { rights: ['create_deposit'] } },
    ]);
    expect((await json('organization', 'get', organization)).settings.ftp).toBe(true);
  });

  it('shows a list as an aligned table and a record as lines', async () => {
    const { id } = await json('organization', 'create', '--name', 'Tabel');
    const list = await run(['organization', 'list', '--name', 'tabel']);
    const [head = '', row = ''] = list.out.split('\n');
    expect(head).toMatch(/^id +name +kind +state +createdAt$/);
    expect(row.indexOf('Tabel')).toBe(head.indexOf('name'));
    const record = await run(['organization', 'get', id as string]);
    expect(record.out).toMatch(/^id +\S+\nname +Tabel\n(.*\n)*settings\.ftp +false\n/);
    expect((await run(['organization', 'list', '--name', 'nobody-has-this'])).out).toBe('None.\n');
  });

  it('follows a list to its end, unless a page is asked for', async () => {
    const { id } = await json('organization', 'create', '--name', 'Velen');
    for (let i = 0; i < 55; i += 1) await json('role', 'create', '--organization', id, '--name', `role ${i}`);
    expect((await json('role', 'list', '--organization', id)).items).toHaveLength(55);
    const page = await json('role', 'list', '--organization', id, '--limit', '10');
    expect(page.items).toHaveLength(10);
    expect(page.next).not.toBeNull();
  }, 60_000);

  it('takes a body from standard input, with flags over it, and empties a field by an empty value', async () => {
    const made = await run(['organization', 'create', '--input', '-', '--name', 'Flag', '--json'], {
      stdin: '{"name":"Input","settings":{"ftp":true}}',
    });
    const { id, name, settings } = JSON.parse(made.out);
    expect([name, settings.ftp]).toEqual(['Flag', true]);
    const user = await json('user', 'create', '--organization', id, '--user-name', 'x', '--title', 'Clerk');
    expect((await json('user', 'change', '--organization', id, user.id, '--title', '')).title).toBeNull();
  });

  it('says "Done." where there is no answer', async () => {
    const { id } = await json('organization', 'create', '--name', 'Klaar');
    const role = await json('role', 'create', '--organization', id, '--name', 'r');
    expect(await run(['role', 'end', '--organization', id as string, role.id as string])).toEqual({
      code: 0,
      out: 'Done.\n',
      err: '',
    });
  });

  it('shows what is nested as lines and tables, and who acted by name', async () => {
    const { id } = await json('organization', 'create', '--name', 'Genest');
    const events = await run(['audit-event', 'list', id as string]);
    expect(events.out).toMatch(/\bactor\b.*\n\S+ +owner +organization\.created/);
    const overview = await run(['hub', 'overview', '--span', 'week']);
    expect(overview.out).toMatch(/^attention\.registrations +\d+\n/m);
    expect(overview.out).toMatch(/^activity:\n {2}kind +total\n {2}sign_in +\d+\n/m);
  });

  it('shows a text of several lines as it is, and never sends a control character from data to the terminal', async () => {
    const { show } = await import('../../src/cli/show.ts');
    const [, operation] = everyOperation.find(([key]) => key === 'role.get')!;
    expect(show(operation, { name: 'a\u001b[31mred' })).toBe('name  a\\x1b[31mred\n');
    expect(show(operation, { text: 'a\u001b[1m\nb\rc' })).toBe('text:\n  a\\x1b[1m\n  b\\x0dc\n');
  });
});

describe('an answer that is sent while it is made', () => {
  it('goes out as it comes, and a refusal of it is one like any other', async () => {
    const { id } = await json('organization', 'create', '--name', 'Export House');
    const ran = await run(['organization', 'export', id as string]);
    expect([ran.code, ran.err]).toEqual([0, '']);
    expect(JSON.parse(ran.out)).toMatchObject({ organization: { id, name: 'Export House' }, users: [] });
    const gone = await run(['organization', 'export', '019391c2-7a5e-7c11-9a63-0c5f7a2f9f10']);
    expect([gone.code, gone.out]).toEqual([1, '']);
  });
});

describe('what the hub refuses', () => {
  it('is exit code 1 with its sentence, code and every fault', async () => {
    const refused = await run(['organization', 'create', '--name', ' ', '--settings.username', 'any']);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/^mandate: .*\(invalid_input\)\n( {2}\S+: .+\n){2,}$/);
    expect(refused.out).toBe('');
  });

  it('is exit code 1 for a token without the role, and for one that is none', async () => {
    const auditor = await tokenWith('auditor');
    const refused = await run(['organization', 'create', '--name', 'x', '--token', auditor]);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('(not_permitted)')]);
    expect((await run(['organization', 'list', '--token', 'nonsense'])).err).toContain('(invalid_credentials)');
  });
});

describe('wrong usage', () => {
  it.each([
    ['no command', [], 'Which command'],
    ['an unknown noun', ['person', 'create'], 'There is no "person"'],
    ['an unknown verb', ['user', 'make'], 'user takes create, list, get'],
    ['no verb', ['user'], 'user takes'],
    ['an unknown flag', ['organization', 'create', '--colour', 'red'], 'no flag --colour'],
    ['a flag without a value', ['organization', 'create', '--name'], '--name needs a value'],
    ['a missing path parameter', ['user', 'get', '--organization', 'x'], 'Missing: --user'],
    ['one argument too many', ['organization', 'get', 'a', 'b'], 'one argument too many'],
    ['a boolean that is none', ['organization', 'create', '--settings.ftp=maybe'], 'true or false'],
    ['a number that is none', ['mandate', 'give', '--organization', 'x', '--onward', 'two'], 'must be a number'],
    ['JSON that is none', ['organization', 'create', '--settings.deactivate-only-in', '{'], 'must be JSON'],
    ['a file that is not there', ['organization', 'create', '--input', '/no/such/file'], 'cannot be read'],
    ['an input where none is taken', ['organization', 'list', '--input', '-'], 'takes no --input'],
    ['an address that is none', ['organization', 'list', '--url', 'ftp://hub'], 'no http or https address'],
  ])('is exit code 2: %s', async (_, args, sentence) => {
    const ran = await run(args);
    expect(ran.code).toBe(2);
    expect(ran.err).toContain(sentence);
    expect(ran.err).toMatch(/See: mandate.* --help\n$/);
  });
});

describe('the token', () => {
  it('comes from the flag, else the environment, else the file in DATA_DIR', async () => {
    await writeFile(join(folder, 'operator-token'), `${token}\n`);
    expect((await run(['application', 'list'], { environment: { token: null } })).code).toBe(0);
    expect((await run(['application', 'list'], { environment: { token: 'nonsense' } })).code).toBe(1);
    expect((await run(['application', 'list', '--token', token], { environment: { token: 'nonsense' } })).code).toBe(0);
    await rm(join(folder, 'operator-token'));
    const none = await run(['application', 'list'], { environment: { token: null } });
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('--token or MANDATE_TOKEN')]);
  });

  it('of this machine is never sent to another', async () => {
    await writeFile(join(folder, 'operator-token'), `${token}\n`);
    const elsewhere = await run(['application', 'list', '--url', 'https://hub.example'], {
      environment: { token: null },
    });
    expect([elsewhere.code, elsewhere.err]).toEqual([2, expect.stringContaining('An API token is needed')]);
  });

  it('does not follow a redirect', async () => {
    const seen: string[] = [];
    const trap = createServer((req, res) => {
      seen.push(req.url ?? '');
      res.writeHead(302, { Location: '/elsewhere' }).end();
    });
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve));
    const ran = await run(['application', 'list', '--url', `http://127.0.0.1:${(trap.address() as AddressInfo).port}`]);
    await new Promise((resolve) => trap.close(resolve));
    expect([ran.code, seen]).toEqual([3, ['/api/v1/applications']]);
  });
});

describe('a hub that does not answer', () => {
  it('is exit code 3', async () => {
    const ran = await run(['application', 'list', '--url', 'http://127.0.0.1:1']);
    expect([ran.code, ran.err]).toEqual([3, expect.stringContaining('does not answer')]);
  });
});

describe('help', () => {
  it('names every command', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    const lines = out.split('\n').map((line) => line.trim().replace(/ {2,}/, ': '));
    for (const [, { noun, verb, summary }] of everyOperation) expect(lines).toContain(`${noun} ${verb}: ${summary}`);
    expect(lines.some((line) => line.startsWith('migrate: '))).toBe(true);
  });

  it.each(everyOperation)('has an example that parses, for %s', async (_, operation) => {
    const { noun, verb, example } = operation;
    const { code, out } = await run([noun, verb, '--help']);
    expect(code).toBe(0);
    expect(out).toContain(`mandate ${noun} ${verb}${example === '' ? '' : ` ${example}`}`);
    const words = [...example.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
    const bare = words.filter((word, i) => word !== '--input' && words[i - 1] !== '--input');
    // Whatever the hub makes of it: the command line understood it and asked.
    expect([0, 1]).toContain((await run([noun, verb, ...bare])).code);
  });
});
