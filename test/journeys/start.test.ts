// Starting and stopping, as the operator sees it: what is printed, the exit code, and what is still there afterwards.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Browser } from '../../src/walkthrough/browser.ts';
import { createHome, runToEnd, startDemo, startMain, type Home, type RunningHub } from '../support/hub-process.ts';

const PASSWORD = 'a long enough sentence to start with';
const WELCOME = /http:\/\/localhost:\d+\/welcome\/\S+/;

/** The operator's lines; the log is JSON. */
const printed = (output: string): string[] => output.split('\n').filter((line) => line !== '' && !line.startsWith('{'));

const signingKeys = async (hub: RunningHub): Promise<unknown> => (await fetch(`${hub.origin}/oidc/jwks`)).json();

describe('the first start on an empty folder', () => {
  let home: Home;
  let hub: RunningHub;
  beforeAll(async () => {
    home = await createHome();
    hub = await startMain(home);
  }, 120_000);
  afterAll(async () => {
    await hub.kill();
    await home.remove();
  });

  it('prints a link with which the operator sets his password, and the link works once', async () => {
    const link = await hub.said(WELCOME);
    expect(printed(hub.output())[0]).toContain(link);
    const browser = new Browser();
    const form = await browser.open(link);
    expect(form.status).toBe(200);
    const done = await browser.submit(form, { new_password: PASSWORD, confirm_password: PASSWORD });
    expect(done.status).toBe(200);
    const again = await new Browser().open(link);
    expect(again.status).toBe(410);
  });

  it('refuses a second process on the folder in one line, and the first goes on', async () => {
    const second = await runToEnd(home);
    expect(second.code).toBe(1);
    expect(printed(second.output)).toEqual([
      expect.stringMatching(/^The folder \S+ is in use by another process \(\d+\)\. Stop it first/),
    ]);
    expect((await fetch(`${hub.origin}/readyz`)).status).toBe(200);
  });

  it('finds everything at the next start after SIGTERM ended it with 0, and prints the link no more', async () => {
    const before = await signingKeys(hub);
    const ended = await hub.stop();
    expect(ended).toMatchObject({ code: 0, signal: null });
    hub = await startMain(home);
    expect(await signingKeys(hub)).toEqual(before);
    expect(hub.output()).not.toMatch(WELCOME);
  }, 120_000);

  it('breaks no request when it stops under load, also when told twice: a kept connection ends with an answer', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 50 });
    const ask = () =>
      new Promise<string>((resolve) => {
        const asked = request(`${hub.origin}/livez`, { agent }, (answer) => {
          answer.resume();
          answer.on('end', () => resolve(`${answer.statusCode}${answer.complete ? '' : ' cut'}`));
        });
        asked.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
        asked.end();
      });
    const seen = new Set<string>();
    const until = async (last: string) => {
      for (let answer = ''; answer !== last; seen.add(answer)) answer = await ask();
    };
    await Promise.all(Array.from({ length: 50 }, ask));
    const asking = Promise.all(Array.from({ length: 50 }, () => until('ECONNREFUSED')));
    const [ended] = await Promise.all([hub.stop(), hub.stop(), asking]);
    agent.destroy();
    expect([...seen].sort()).toEqual(['200', 'ECONNREFUSED']);
    expect(ended).toMatchObject({ code: 0, signal: null });
    hub = await startMain(home);
  }, 120_000);

  it('stops in one line when the key is not the one that the folder was written with', async () => {
    expect((await hub.stop()).code).toBe(0);
    const wrong = await runToEnd(home, { SECRETS_KEY: randomBytes(32).toString('base64') });
    expect(wrong.code).toBe(1);
    expect(printed(wrong.output)).toEqual([
      expect.stringMatching(/^The secrets key does not open what is stored: .* SECRETS_KEY/),
    ]);
    hub = await startMain(home);
    expect((await fetch(`${hub.origin}/readyz`)).status).toBe(200);
  }, 120_000);
});

describe('a start with wrong settings', () => {
  it('names every fault at once and exits with 1', async () => {
    const home = await createHome();
    const { code, output } = await runToEnd(home, {
      PORT: 'eighty',
      WORKERS: '0',
      LOG_LEVEL: 'loud',
      BRAND_ACCENT: 'red',
    });
    await home.remove();
    expect(code).toBe(1);
    expect(printed(output)).toEqual([
      'The configuration has 4 faults:',
      expect.stringMatching(/^ {2}- port: /),
      expect.stringMatching(/^ {2}- workers: /),
      expect.stringMatching(/^ {2}- log_level: /),
      expect.stringMatching(/^ {2}- brand\.accent: /),
    ]);
  });

  it('names all that production lacks', async () => {
    const home = await createHome();
    const { code, output } = await runToEnd(home, { PUBLIC_URL: 'http://portal.example/hub' });
    await home.remove();
    expect(code).toBe(1);
    expect(
      printed(output)
        .slice(1)
        .map((line) => line.split(':')[0]),
    ).toEqual(['  - public_url', '  - database_url', '  - secrets_key', '  - public_url']);
  });

  it('says that a key is too short to be one', async () => {
    const home = await createHome();
    const { code, output } = await runToEnd(home, { SECRETS_KEY: 'c2hvcnQ=' });
    await home.remove();
    expect(code).toBe(1);
    expect(printed(output)).toEqual([
      'The configuration has 1 fault:',
      expect.stringMatching(/secrets_key: must hold 32 bytes in base64 .*\(SECRETS_KEY\)/),
    ]);
  });

  it('says in one line that the port is taken, or that the folder cannot be one', async () => {
    const home = await createHome();
    const other = createServer().listen(0);
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const taken = await runToEnd(home, { PORT: String(port) });
    other.close();
    expect(taken.code).toBe(1);
    expect(printed(taken.output)).toEqual([
      `The port ${port} cannot be listened on (another process has it). Free it, or set PORT.`,
    ]);
    const file = join(home.dataDir, 'a-file');
    await writeFile(file, '');
    const noFolder = await runToEnd(home, { DATA_DIR: file });
    await home.remove();
    expect(noFolder.code).toBe(1);
    expect(printed(noFolder.output)).toEqual([expect.stringContaining(`${file} cannot be made or opened (EEXIST)`)]);
  }, 60_000);
});

describe('PORT=0', () => {
  it('runs two demonstrations side by side, each with its own secrets, which stay the same at the next start', async () => {
    const homes = [await createHome(), await createHome()] as const;
    const [one, other] = await Promise.all([startDemo(homes[0]), startDemo(homes[1])]);
    expect(one.origin).not.toBe(other.origin);
    expect(one.exampleUrl).not.toBe(other.exampleUrl);
    const passwords = (demo: typeof one.demo) => demo.users.map((user) => user.password);
    expect(passwords(one.demo)).not.toContain(passwords(other.demo)[0]);
    for (const hub of [one, other]) {
      const discovery = (await (await fetch(`${hub.demo.issuer}/.well-known/openid-configuration`)).json()) as {
        issuer: string;
      };
      expect(discovery.issuer).toBe(hub.demo.issuer);
    }
    const foreign = await fetch(`${one.demo.scim[0]?.baseUrl}/Users`, {
      headers: { authorization: `Bearer ${other.demo.scim[0]?.token}` },
    });
    expect(foreign.status).toBe(401);
    expect((await Promise.all([one.stop(), other.stop()])).map(({ code }) => code)).toEqual([0, 0]);

    const again = await startDemo(homes[0]);
    expect(passwords(again.demo)).toEqual(passwords(one.demo));
    expect(again.demo.scim.map(({ token }) => token)).toEqual(one.demo.scim.map(({ token }) => token));
    expect((await again.stop()).code).toBe(0);
    await Promise.all(homes.map((home) => home.remove()));
  }, 240_000);
});
