// Work that lasts, on one population, against the hub's SCIM edge alone: many directories at a steady rate, a walk over
// a hundred thousand users while others write, and the first cycle of a large customer. Any answer but the right one
// makes the measurement void.
import { setTimeout as wait } from 'node:timers/promises';
import { PATCH_SCHEMA } from '../../src/scim/patch.ts';
import { GROUP_SCHEMA } from '../../src/provisioning/schemas.ts';
import { databaseWith } from '../load/database.ts';
import { patchBody, person, sizeOf, token, userId, userNameOf, type Population } from '../load/population.ts';
import { quantile } from '../measure.ts';
import type { Row } from '../report.ts';
import { startServer, type RunningServer } from '../server-process.ts';

const HUB = new URL('server.ts', import.meta.url);
const DIRECTORIES = 20;
const RATE = 25;
const WALK_USERS = 100_000;
const CYCLE = { users: 10_000, groups: 50, members: 2_000, batch: 100, atOnce: 4 };

const run = Date.now().toString(36);
let made = 0;
const any = (below: number): number => Math.floor(Math.random() * below);

type Call = { organization: number; method: string; path: string; body?: string; status: number };
type Times = { times: number[]; elapsedMs: number };

/** The answer's body; what it took goes into `times`. */
async function call(hub: RunningServer, { organization, method, path, body, status }: Call, times: number[]) {
  const begun = performance.now();
  const headers = { authorization: `Bearer ${token(organization)}`, 'content-type': 'application/scim+json' };
  const answer = await fetch(`${hub.url}/scim/v2${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
  const text = await answer.text();
  times.push(performance.now() - begun);
  if (answer.status !== status) throw new Error(`${method} ${path} answered ${answer.status}: ${text.slice(0, 300)}`);
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

const post = (organization: number, path: string, body: object): Call => ({
  organization,
  method: 'POST',
  path,
  body: JSON.stringify(body),
  status: 201,
});

/** What a directory does all day: it looks people up, reads them, changes one attribute, now and then makes one. */
function usual(population: Population, organization: number): Call {
  const n = any(sizeOf(population, organization));
  const drawn = any(100);
  if (drawn < 50) {
    const path = `/Users?filter=${encodeURIComponent(`userName eq "${userNameOf(organization, n)}"`)}`;
    return { organization, method: 'GET', path, status: 200 };
  }
  const path = `/Users/${userId(organization, n)}`;
  if (drawn < 75) return { organization, method: 'GET', path, status: 200 };
  if (drawn >= 90) return post(organization, '/Users', person(organization, n - (n % 10), `${run}-s${made++}`));
  const body = patchBody({ op: 'replace', path: 'title', value: `Manager ${made++}` });
  return { organization, method: 'PATCH', path, body, status: 200 };
}

/** Each directory sends at its own beat, whether or not the answer before has come. */
async function steady(hub: RunningServer, population: Population, seconds: number): Promise<Times> {
  const times: number[] = [];
  const begun = performance.now();
  const directory = async (organization: number): Promise<void> => {
    const under: Promise<unknown>[] = [];
    const phase = Math.random() * (1000 / RATE);
    for (let beat = 0; beat < seconds * RATE; beat++) {
      const due = begun + phase + beat * (1000 / RATE);
      await wait(Math.max(0, due - performance.now()));
      under.push(call(hub, usual(population, organization), times));
    }
    await Promise.all(under);
  };
  await Promise.all(Array.from({ length: Math.min(DIRECTORIES, population.organizations) }, (_, i) => directory(i)));
  return { times, elapsedMs: performance.now() - begun };
}

/** Pages of a hundred by cursor over the largest organization; two writers change and make users meanwhile. */
async function walk(hub: RunningServer, population: Population): Promise<Times & { seen: number }> {
  const times: number[] = [];
  const seen = new Set<string>();
  const most = Math.min(WALK_USERS, sizeOf(population, 0));
  let over = false;
  const writer = async (): Promise<void> => {
    while (!over) {
      const next = usual(population, 0);
      if (next.method !== 'GET') await call(hub, next, []);
    }
  };
  const writers = [writer(), writer()];
  const begun = performance.now();
  let cursor: unknown = '';
  while (typeof cursor === 'string' && seen.size < most) {
    const path = `/Users?count=100&cursor=${encodeURIComponent(cursor)}`;
    const page = await call(hub, { organization: 0, method: 'GET', path, status: 200 }, times);
    for (const { id } of page['Resources'] as { id: string }[]) {
      if (seen.has(id)) throw new Error(`The walk met ${id} twice`);
      seen.add(id);
    }
    cursor = page['nextCursor'];
  }
  const elapsedMs = performance.now() - begun;
  over = true;
  await Promise.all(writers);
  return { times, elapsedMs, seen: seen.size };
}

/** As Entra ID does it: a look-up before each write, members in patches of a hundred, a few requests at once. */
async function firstCycle(hub: RunningServer): Promise<Times> {
  const times: number[] = [];
  const ids: string[] = [];
  const begun = performance.now();
  const inTurn = async (count: number, work: (n: number) => Promise<void>): Promise<void> => {
    let n = 0;
    const worker = async (): Promise<void> => {
      while (n < count) await work(n++);
    };
    await Promise.all(Array.from({ length: CYCLE.atOnce }, worker));
  };
  await inTurn(CYCLE.users, async (n) => {
    const name = `${run}-c${n}`;
    const path = `/Users?filter=${encodeURIComponent(`userName eq "${userNameOf(1, name)}"`)}`;
    await call(hub, { organization: 1, method: 'GET', path, status: 200 }, times);
    const made = await call(hub, post(1, '/Users', person(1, 0, name)), times);
    ids.push(made['id'] as string);
  });
  await inTurn(CYCLE.groups, async (n) => {
    const group = { schemas: [GROUP_SCHEMA], displayName: `Cycle ${run} ${n}`, externalId: `${run}-g${n}` };
    const { id } = await call(hub, post(1, '/Groups', group), times);
    for (let done = 0; done < CYCLE.members; done += CYCLE.batch) {
      const value = Array.from({ length: CYCLE.batch }, (_, i) => ({
        value: ids[(n * CYCLE.members + done + i) % ids.length],
      }));
      const body = JSON.stringify({ schemas: [PATCH_SCHEMA], Operations: [{ op: 'Add', path: 'members', value }] });
      await call(hub, { organization: 1, method: 'PATCH', path: `/Groups/${String(id)}`, body, status: 204 }, times);
    }
  });
  return { times, elapsedMs: performance.now() - begun };
}

function row(scenario: string, on: string, { times, elapsedMs }: Times, mostP99?: number): Row {
  times.sort((a, b) => a - b);
  const p99 = quantile(times, 0.99);
  const most = times.at(-1) ?? NaN;
  return {
    scenario,
    on: `${on}, ${times.length} requests in ${(elapsedMs / 1000).toFixed(0)} s, max ${most.toFixed(0)} ms`,
    figures: { rate: (times.length / elapsedMs) * 1000, p50: quantile(times, 0.5), p99, cpu: NaN },
    value: elapsedMs / 1000,
    budget: mostP99 === undefined ? 'no error' : `no error, p99 < ${mostP99} ms`,
    ok: mostP99 === undefined || p99 < mostP99,
  };
}

export const SCALE_SCENARIOS = ['scim-steady', 'scim-walk', 'scim-first-cycle'] as const;

/** `seconds`: how long the steady load lasts. */
export async function runScale(names: readonly string[], population: Population, seconds: number): Promise<Row[]> {
  if (names.length === 0 || population.organizations < 2) return [];
  const hub = await startServer(HUB, { DATABASE_URL: await databaseWith(population) });
  const rows: Row[] = [];
  const on = `${population.users} users`;
  try {
    for (const name of names) {
      console.log(`${name}, ${on} ...`);
      if (name === 'scim-steady') rows.push(row(name, on, await steady(hub, population, seconds), 50));
      if (name === 'scim-walk') {
        const { seen, ...times } = await walk(hub, population);
        rows.push(row(name, `${on}, ${seen} seen`, times));
      }
      if (name === 'scim-first-cycle') rows.push(row(name, on, await firstCycle(hub)));
    }
  } finally {
    await hub.stop();
  }
  return rows;
}
