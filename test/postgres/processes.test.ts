// Several processes on one database, as WORKERS starts them and as machines do: what is done once, and what is said once.
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { Browser } from '../../src/walkthrough/browser.ts';
import { createHome, runToEnd, startMain, until, type Home, type RunningHub } from '../support/hub-process.ts';
import { databaseUrl } from '../support/template.ts';

const WELCOME = /http:\/\/localhost:\d+\/welcome\/\S+/g;
const server = process.env['TEST_DATABASE_URL'] ?? '';

/** The operator's lines; the log is JSON. */
const printed = (output: string): string[] => output.split('\n').filter((line) => line !== '' && !line.startsWith('{'));

const pidsThat = (output: string, message: string): Set<number> =>
  new Set(
    output
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}') && line.includes(`"msg":"${message}"`))
      .map((line) => (JSON.parse(line) as { pid: number }).pid),
  );

const opens = async (link = ''): Promise<boolean> => (await new Browser().open(link)).status === 200;

let home: Home;
beforeEach(async () => {
  home = await createHome(server);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((hub) => hub.kill()));
  await home.remove();
});

const running: RunningHub[] = [];
async function start(env: Record<string, string> = {}): Promise<RunningHub> {
  const hub = await startMain(home, env);
  running.push(hub);
  return hub;
}

async function rows(text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: home.env['DATABASE_URL'] });
  await client.connect();
  const { rows: found } = await client.query<Record<string, unknown>>(text);
  await client.end();
  return found;
}

describe('several processes', () => {
  it('begin with one link and one token of the operator, and whoever dies is replaced', async () => {
    const hub = await start({ WORKERS: '2' });
    const listening = () => pidsThat(hub.output(), 'listening');
    await until('all listen', () => Promise.resolve(listening().size === 2 ? true : undefined));
    const links = hub.output().match(WELCOME) ?? [];
    expect(links).toHaveLength(1);
    expect(await opens(links[0])).toBe(true);
    expect(await rows('select name from api_tokens')).toEqual([{ name: 'first token' }]);
    const [victim = 0] = listening();
    process.kill(victim, 'SIGKILL');
    await until('another listens', () => Promise.resolve(listening().size === 3 ? true : undefined));
    expect(hub.output().match(WELCOME)).toEqual(links);
    expect((await hub.stop()).code).toBe(0);
  }, 120_000);

  it('of several machines that start together for the first time make one operator and one token', async () => {
    const hubs = await Promise.all([start(), start()]);
    for (const hub of hubs) expect(await opens(await hub.said(new RegExp(WELCOME.source)))).toBe(true);
    expect(await rows('select name from api_tokens')).toEqual([{ name: 'first token' }]);
    expect(await rows("select count(*)::int as people from users where kind = 'person'")).toEqual([{ people: 1 }]);
    expect((await Promise.all(hubs.map((hub) => hub.stop()))).map(({ code }) => code)).toEqual([0, 0]);
  }, 120_000);

  it('say once what keeps them from starting, and try no more', async () => {
    expect((await (await start()).stop()).code).toBe(0);
    const wrong = await runToEnd(home, { WORKERS: '2', SECRETS_KEY: randomBytes(32).toString('base64') });
    expect(wrong.code).toBe(1);
    expect(printed(wrong.output)).toEqual([expect.stringMatching(/^The secrets key does not open what is stored/)]);
  }, 60_000);

  it('say which database is not there, in one line and without the password', async () => {
    const url = new URL(databaseUrl(server, 'mandate_nowhere'));
    url.password = 'hidden';
    const { code, output } = await runToEnd(home, { DATABASE_URL: url.href });
    expect(code).toBe(1);
    expect(printed(output)).toEqual([
      'The database cannot be reached: database "mandate_nowhere" does not exist. DATABASE_URL says where it is and as whom.',
    ]);
  }, 60_000);

  it('wait for a migration that another one runs, longer than any other statement may take', async () => {
    const client = new pg.Client({ connectionString: home.env['DATABASE_URL'] });
    await client.connect();
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock(7301944)');
    const starting = start();
    // The patience of every other statement is five seconds.
    await client.query('select pg_sleep(6)');
    await client.query('commit');
    await client.end();
    expect((await (await starting).stop()).code).toBe(0);
  }, 60_000);
});
