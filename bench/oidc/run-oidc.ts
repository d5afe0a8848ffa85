// Measures the token endpoint and sign-in of a whole hub on PostgreSQL, with the demonstration's organizations.
import { availableParallelism } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import argon2 from 'argon2';
import { loadConfig } from '../../src/config.ts';
import { readDemoFile, type DemoFile } from '../../src/demo/demo-file.ts';
import { createHome, startHub } from '../hub-process.ts';
import { drive, repeat, type Figures } from '../measure.ts';
import type { Row } from '../report.ts';
import { find, nativeClient, refresh, signIn } from './person.ts';

export const OIDC_SCENARIOS = [
  'oidc-client-credentials',
  'oidc-refresh',
  'oidc-sign-in',
  'oidc-token-in-storm',
] as const;
type Name = (typeof OIDC_SCENARIOS)[number];

const ON = 'demonstration';
const MANY = 16;
const STORM_P99_MS = 100;

/** Tokens of a service user, `connections` at once. */
function clientCredentials(demo: DemoFile, connections: number, seconds: number): Promise<Figures> {
  const client = find(demo.clients, 'service client', (one) => one.grant_types.includes('client_credentials'));
  const { origin, pathname } = new URL(`${demo.issuer}/token`);
  const secret = `${encodeURIComponent(client.client_id)}:${encodeURIComponent(client.client_secret ?? '')}`;
  const request = {
    method: 'POST',
    path: pathname,
    headers: {
      authorization: `Basic ${Buffer.from(secret).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  };
  return drive({ url: origin, pid: NaN }, { next: () => request, connections, status: 200 }, seconds);
}

/** argon2id verifications per second with the hub's own parameters, on all cores of a hub that rests. */
async function hashRate(seconds: number): Promise<number> {
  const { hash_memory_kib: memoryCost, hash_passes: timeCost } = loadConfig({}).password;
  const hash = await argon2.hash('a password', { memoryCost, timeCost, parallelism: 1 });
  const verify = async () => void (await argon2.verify(hash, 'a password'));
  return (await repeat(verify, { workers: availableParallelism(), seconds })).rate;
}

const atLeast = (scenario: string, figures: Figures, least: number, budget: string): Row => ({
  scenario,
  on: ON,
  figures,
  budget,
  ok: figures.rate >= least,
});

async function measure(name: Name, demo: DemoFile, seconds: number): Promise<Row> {
  const client = nativeClient(demo);
  const user = find(demo.users, 'user', (one) => one.kind === 'user');
  const person = async () => void (await signIn(demo, client, user));
  switch (name) {
    case 'oidc-client-credentials':
      await clientCredentials(demo, MANY, 2);
      return atLeast(name, await clientCredentials(demo, MANY, seconds), 2500, '>= 2500/s');
    case 'oidc-refresh': {
      const held = await Promise.all(Array.from({ length: MANY }, () => signIn(demo, client, user)));
      const step = async (worker: number) => {
        held[worker] = await refresh(demo, client, held[worker]?.refresh_token ?? '');
      };
      await repeat(step, { workers: MANY, seconds: 2 });
      return atLeast(name, await repeat(step, { workers: MANY, seconds }), 800, '>= 800/s');
    }
    case 'oidc-sign-in': {
      const rate = await hashRate(seconds);
      await repeat(person, { workers: MANY, seconds: 2 });
      const least = 0.7 * rate;
      return atLeast(
        name,
        await repeat(person, { workers: MANY, seconds }),
        least,
        `>= ${least.toFixed(0)}/s (0.7 of argon2id)`,
      );
    }
    case 'oidc-token-in-storm': {
      const alone = await clientCredentials(demo, 1, seconds);
      const storm = repeat(person, { workers: MANY, seconds: seconds + 2 });
      const figures = await clientCredentials(demo, 1, seconds);
      await storm;
      const most = Math.min(STORM_P99_MS, 3 * alone.p99);
      return {
        scenario: name,
        on: ON,
        figures,
        budget: `p99 < ${most.toFixed(0)} ms (3x alone)`,
        ok: figures.p99 < most,
      };
    }
  }
}

/** It is written once the demonstration's data is there, some time after the hub is ready. */
async function demoOf(dataDir: string): Promise<DemoFile> {
  for (let left = 600; ; left--) {
    try {
      return await readDemoFile(dataDir);
    } catch (error) {
      if (left === 0) throw error;
      await wait(100);
    }
  }
}

export async function runOidc(names: readonly Name[], seconds: number): Promise<Row[]> {
  if (names.length === 0) return [];
  const home = await createHome('postgres');
  const rows: Row[] = [];
  const hub = await startHub('demo', home);
  try {
    const demo = await demoOf(home.dataDir);
    for (const name of names) {
      console.log(`${name} ...`);
      rows.push(await measure(name, demo, seconds));
    }
  } finally {
    await hub.stop();
    await home.remove();
  }
  return rows;
}
