// A hub as its operator runs it: `src/main.ts` or `src/demo.ts` as a process of its own, on a free port and a folder of
// its own, watched from outside. Everything it says is kept, so that a failure can show it.
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { demoFilePath, readDemoFile, type DemoFile } from '../../src/demo/demo-file.ts';
import { databaseUrl, onServer } from './template.ts';

const root = new URL('../../', import.meta.url).pathname;
/** The Node that every npm script runs on, whatever runs the tests. */
const node = join(root, 'node_modules/node/bin/node');
const compileCache = `--import=${join(root, 'bin/compile-cache.js')}`;
const START_MS = 120_000;
/** The rules for passwords are tested elsewhere; here a hundred of them are hashed at each start. */
const QUICK = { PASSWORD_HASH_MEMORY_KIB: '7168', PASSWORD_HASH_PASSES: '1', LOG_LEVEL: 'info' };

/** A hub's state: what stays when its process ends. */
export type Home = { dataDir: string; env: Record<string, string>; remove: () => Promise<void> };
type Entry = 'main' | 'demo';
type Ended = { code: number | null; signal: NodeJS.Signals | null; output: string };
export type RunningHub = {
  home: Home;
  origin: string;
  output: () => string;
  /** Waits until it has printed what matches: the whole match. */
  said: (pattern: RegExp) => Promise<string>;
  /** By SIGTERM, as a supervisor stops it. */
  stop: () => Promise<Ended>;
  /** By SIGKILL, as a power cut or the kernel does. */
  kill: () => Promise<Ended>;
};
export type RunningDemo = RunningHub & { demo: DemoFile; exampleUrl: string };

/** An empty folder for the embedded engine; with a server's address, an empty database on it and a key. */
export async function createHome(server?: string): Promise<Home> {
  const dataDir = await mkdtemp(join(tmpdir(), 'mandate-journey-'));
  const removeFolder = () => rm(dataDir, { recursive: true, force: true, maxRetries: 3 });
  if (server === undefined) return { dataDir, env: {}, remove: removeFolder };
  const name = `mandate_journey_${randomBytes(6).toString('hex')}`;
  await onServer(server, `create database ${name}`);
  return {
    dataDir,
    env: { DATABASE_URL: databaseUrl(server, name), SECRETS_KEY: randomBytes(32).toString('base64') },
    remove: async () => {
      await onServer(server, `drop database if exists ${name} with (force)`);
      await removeFolder();
    },
  };
}

type Process = { child: ChildProcess; output: () => string; ended: Promise<Ended> };

function launch(entry: Entry, home: Home, env: Record<string, string>): Process {
  const { DATABASE_URL: _url, PUBLIC_URL: _public, NODE_OPTIONS: _options, ...inherited } = process.env;
  const child = spawn(node, [compileCache, join(root, `src/${entry}.ts`)], {
    env: { ...inherited, ...QUICK, PORT: '0', DATA_DIR: home.dataDir, ...home.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const output = () => said.join('');
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    output: output(),
  }));
  return { child, output, ended };
}

/** Asks again until there is an answer. Fails when the process ends, or after two minutes, with what it said. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  watched?: Pick<Process, 'child' | 'output'>,
): Promise<T> {
  const late = Date.now() + START_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    const gone = watched !== undefined && (watched.child.exitCode !== null || watched.child.signalCode !== null);
    if (gone || Date.now() > late)
      throw new Error(`${gone ? 'The process ended' : 'Too long'} before ${what}.\n${watched?.output() ?? ''}`);
    await wait(50);
  }
}

/** What a line of the hub's log says, where there is one with this message. */
function logLine(output: string, message: string): Record<string, unknown> | undefined {
  const line = output
    .split('\n')
    .find((one) => one.startsWith('{') && one.endsWith('}') && one.includes(`"msg":"${message}"`));
  return line === undefined ? undefined : (JSON.parse(line) as Record<string, unknown>);
}

export const isReady = (origin: string): Promise<boolean> =>
  fetch(`${origin}/readyz`).then(
    (answer) => answer.status === 200,
    () => false,
  );

async function start(entry: Entry, home: Home, env: Record<string, string>): Promise<RunningHub> {
  const process = launch(entry, home, env);
  const { child, output, ended } = process;
  const end = (signal: NodeJS.Signals) => () => {
    child.kill(signal);
    return ended;
  };
  try {
    const listening = await until('it listens', () => Promise.resolve(logLine(output(), 'listening')), process);
    const origin = `http://localhost:${String(listening['port'])}`;
    await until('it is ready', async () => ((await isReady(origin)) ? true : undefined), process);
    const said = (pattern: RegExp) =>
      until(`it said ${pattern}`, () => Promise.resolve(pattern.exec(output())?.[0]), process);
    return { home, origin, output, said, stop: end('SIGTERM'), kill: end('SIGKILL') };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

/** Starts `npm start` and waits until it is ready. */
export const startMain = (home: Home, env: Record<string, string> = {}): Promise<RunningHub> =>
  start('main', home, env);

/** Starts `npm run demo`. Once it calls itself ready, its file says how to drive it. */
export async function startDemo(home: Home, env: Record<string, string> = {}): Promise<RunningDemo> {
  await rm(demoFilePath(home.dataDir), { force: true });
  const hub = await start('demo', home, env);
  const demo = await readDemoFile(home.dataDir);
  return { ...hub, demo, exampleUrl: await hub.said(/(?<=Example application\s+)http:\S+/) };
}

/** For a start that is expected to be refused: runs until the process ends by itself. */
export const runToEnd = (home: Home, env: Record<string, string> = {}): Promise<Ended> =>
  launch('main', home, env).ended;
