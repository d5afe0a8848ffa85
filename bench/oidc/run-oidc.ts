// Measures the token endpoint and sign-in of a whole hub on PostgreSQL, with the demonstration's organizations.
import { availableParallelism } from 'node:os';
import argon2 from 'argon2';
import { loadConfig } from '../../src/config.ts';
import { readDemoFile, type DemoFile } from '../../src/demo/demo-file.ts';
import { Browser } from '../../src/walkthrough/browser.ts';
import { createHome, startHub, type Home, type Hub } from '../hub-process.ts';
import { drive, median, middle, repeat, takeTurns, type Figures, type Load, type Rounds } from '../measure.ts';
import type { Row } from '../report.ts';
import { startServer } from '../server-process.ts';
import { deactivations } from './deactivation.ts';
import { crowd } from './people.ts';
import { endpointOf, find, nativeClient, refresh, signIn } from './person.ts';
import { storm } from './storm.ts';
import { sweepBeside } from './sweep.ts';

export const OIDC_SCENARIOS = [
  'oidc-client-credentials',
  'oidc-refresh',
  'oidc-sign-in',
  'oidc-storm',
  'oidc-sweep',
  'oidc-deactivation',
] as const;
type Name = (typeof OIDC_SCENARIOS)[number];

const ON = 'demonstration';
const MANY = 16;
const CEILING = new URL('ceiling.ts', import.meta.url);

type Measured = { hub: Hub; home: Home; demo: DemoFile; rounds: Rounds };

/** A service asks for tokens, `connections` at once. */
function serviceLoad(demo: DemoFile, connections: number): { url: string; load: Load } {
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
  return { url: origin, load: { next: () => request, connections, status: 200 } };
}

async function clientCredentials({ hub, home, demo, rounds }: Measured): Promise<Row> {
  const { url, load } = serviceLoad(demo, MANY);
  const ceiling = await startServer(CEILING, home.env);
  try {
    const turns = { hub: { url, pid: hub.pid, load }, ceiling: { ...ceiling, load } };
    const measured = await takeTurns(turns, rounds);
    const ratio = middle(measured.hub.map(({ rate }, round) => rate / (measured.ceiling[round]?.rate ?? NaN)));
    const row = atLeast('oidc-client-credentials', median(measured.hub), 2500, '>= 2500/s');
    return { ...row, ceiling: median(measured.ceiling), ratio };
  } finally {
    await ceiling.stop();
  }
}

/** Each of 16 people refreshes one token after the other, at the hub and at the ceiling in turns. */
async function refreshes({ hub, home, demo, rounds }: Measured): Promise<Row> {
  const client = nativeClient(demo);
  const people = await crowd(home, demo, MANY);
  const ceiling = await startServer(CEILING, home.env);
  const at = async (endpoint: string, pid: number) => {
    const held = await Promise.all(people.map((person) => signIn(demo, client, person)));
    const step = async (worker: number) => {
      held[worker] = await refresh(endpoint, client, held[worker]?.refresh_token ?? '');
    };
    await repeat(step, { workers: MANY, seconds: 2 });
    return () => repeat(step, { workers: MANY, seconds: rounds.seconds, pid });
  };
  try {
    const [ours, bare] = [await at(endpointOf(demo), hub.pid), await at(ceiling.url, ceiling.pid)];
    const figures: Figures[] = [];
    const ceilings: Figures[] = [];
    for (let round = 0; round < rounds.rounds; round++) {
      figures.push(await ours());
      ceilings.push(await bare());
    }
    const ratio = middle(figures.map(({ rate }, round) => rate / (ceilings[round]?.rate ?? NaN)));
    return { ...atLeast('oidc-refresh', median(figures), 800, '>= 800/s'), ceiling: median(ceilings), ratio };
  } finally {
    await ceiling.stop();
  }
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

async function measure(name: Name, measured: Measured): Promise<Row[]> {
  const { hub, home, demo, rounds } = measured;
  const { seconds } = rounds;
  const { pid } = hub;
  const client = nativeClient(demo);
  switch (name) {
    case 'oidc-client-credentials':
      return [await clientCredentials(measured)];
    case 'oidc-refresh':
      return [await refreshes(measured)];
    case 'oidc-sign-in': {
      const people = (await crowd(home, demo, MANY)).map((person) => ({ person, browser: new Browser() }));
      const person = async (worker: number) => {
        const one = people[worker];
        if (one) await signIn(demo, client, one.person, one.browser);
      };
      await repeat(person, { workers: MANY, seconds: 2 });
      // In turns, so that a machine that is busy for a while does not count for one of them alone.
      const hashes: number[] = [];
      const flows: Figures[] = [];
      for (let round = 0; round < rounds.rounds; round++) {
        hashes.push(await hashRate(seconds));
        flows.push(await repeat(person, { workers: MANY, seconds, pid }));
      }
      const ratio = middle(flows.map(({ rate }, round) => rate / (hashes[round] ?? NaN)));
      const ceiling = { rate: middle(hashes), p50: NaN, p99: NaN, cpu: NaN };
      return [
        {
          scenario: name,
          on: ON,
          figures: median(flows),
          ceiling,
          ratio,
          budget: 'ratio >= 0.7 of argon2id',
          ok: ratio >= 0.7,
        },
      ];
    }
    case 'oidc-storm': {
      const { url, load } = serviceLoad(demo, 1);
      return storm(measured, Math.max(seconds, 4), (time) => drive({ url, pid }, load, time));
    }
    case 'oidc-sweep':
      return sweepBeside(measured);
    case 'oidc-deactivation':
      return deactivations(measured);
  }
}

export async function runOidc(names: readonly Name[], rounds: Rounds): Promise<Row[]> {
  if (names.length === 0) return [];
  const home = await createHome('postgres');
  const rows: Row[] = [];
  const hub = await startHub('demo', home);
  try {
    const demo = await readDemoFile(home.dataDir);
    for (const name of names) {
      console.log(`${name} ...`);
      rows.push(...(await measure(name, { hub, home, demo, rounds })));
    }
  } finally {
    await hub.stop();
    await home.remove();
  }
  return rows;
}
