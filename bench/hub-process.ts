// A whole hub as its operator starts it, on a free port, a folder and (with a server) a database of its own; measured
// from outside until it is ready.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { emptyDatabase } from './load/database.ts';

const ROOT = new URL('../', import.meta.url).pathname;
const START_MS = 60_000;

export type Engine = 'embedded' | 'postgres';
/** What stays between two starts. */
export type Home = { dataDir: string; env: Record<string, string>; remove: () => Promise<void> };
export type Hub = {
  origin: string;
  pid: number;
  /** From the start of the process until /readyz said so. */
  readyMs: number;
  /** Resident memory of the process, in MB. */
  memory: () => Promise<number>;
  stop: () => Promise<void>;
};

export async function createHome(engine: Engine): Promise<Home> {
  const dataDir = await mkdtemp(join(tmpdir(), 'mandate-bench-'));
  const removeFolder = () => rm(dataDir, { recursive: true, force: true, maxRetries: 3 });
  if (engine === 'embedded') return { dataDir, env: {}, remove: removeFolder };
  const database = await emptyDatabase(`mandate_bench_hub_${randomBytes(4).toString('hex')}`);
  return {
    dataDir,
    env: { DATABASE_URL: database.url, SECRETS_KEY: randomBytes(32).toString('base64') },
    remove: async () => {
      await database.drop();
      await removeFolder();
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const ready = (origin: string): Promise<boolean> =>
  fetch(`${origin}/readyz`).then(
    async (answer) => {
      await answer.text();
      return answer.ok;
    },
    () => false,
  );

/** Node's flags in `npm start`: what is measured is what is shipped. */
async function shippedFlags(): Promise<string[]> {
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { scripts: { start: string } };
  return scripts.start.split(' ').filter((word) => word.startsWith('--'));
}

export async function startHub(entry: 'main' | 'demo', home: Home): Promise<Hub> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const { DATABASE_URL: _url, PUBLIC_URL: _public, ...inherited } = process.env;
  const given = (process.env['BENCH_NODE_OPTIONS'] ?? '').split(' ').filter((flag) => flag !== '');
  const flags = [...(await shippedFlags()), ...given];
  const begun = performance.now();
  const child = spawn(process.execPath, [...flags, join(ROOT, `src/${entry}.ts`)], {
    env: { ...inherited, LOG_LEVEL: 'info', PORT: String(port), DATA_DIR: home.dataDir, ...home.env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  while (!(await ready(origin))) {
    if (child.exitCode !== null || performance.now() - begun > START_MS)
      throw new Error(`src/${entry}.ts did not get ready`);
    await wait(10);
  }
  return {
    origin,
    pid: child.pid ?? NaN,
    readyMs: performance.now() - begun,
    memory: async () => {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
