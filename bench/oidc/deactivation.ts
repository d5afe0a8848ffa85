// From the click that deactivates somebody until no door takes what he holds, and until the application that listens has its
// logout token (OpenID Connect Back-Channel Logout 1.0). One person after the other, on a hub that rests.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { DemoClient, DemoFile } from '../../src/demo/demo-file.ts';
import type { Home, Hub } from '../hub-process.ts';
import { quantile } from '../measure.ts';
import type { Row } from '../report.ts';
import { crowd, type Person } from './people.ts';
import { endpointOf, find, signIn, type Tokens } from './person.ts';

const PEOPLE = 50;
const MOST_MS = 1000;
const PAUSE_MS = 5;
const GIVEN_UP_MS = 30_000;

/** True while it is open. */
type Door = () => Promise<boolean>;
type Api = (method: string, path: string, body?: object) => Promise<Record<string, unknown>>;

export async function deactivations({ hub, home, demo }: { hub: Hub; home: Home; demo: DemoFile }): Promise<Row[]> {
  const people = await crowd(home, demo, PEOPLE);
  const api = apiOf(hub, demo);
  const listener = await listen();
  const client = (await api('POST', '/clients', {
    client_name: 'Listens',
    kind: 'native',
    application: 'emasspost',
    redirect_uris: ['http://127.0.0.1/callback'],
    backchannel_logout_uri: listener.url,
  })) as unknown as DemoClient;
  const times: { doors: number; told: number }[] = [];
  try {
    for (const person of people) times.push(await leave({ demo, api, client, person, heard: listener.heard }));
  } finally {
    listener.close();
  }
  return [
    row(
      'deactivation-doors',
      'refresh, introspection, userinfo',
      times.map(({ doors }) => doors),
    ),
    row(
      'deactivation-logout',
      'the application has its logout token',
      times.map(({ told }) => told),
    ),
  ];
}

function row(scenario: string, what: string, took: number[]): Row {
  const sorted = took.toSorted((a, b) => a - b);
  const [p50, p99, most] = [0.5, 0.99, 1].map((q) => quantile(sorted, q)) as [number, number, number];
  return {
    scenario,
    on: `${what}; at most ${most.toFixed(0)} ms`,
    figures: { rate: NaN, p50, p99, cpu: NaN },
    value: most,
    budget: `each < ${MOST_MS} ms`,
    ok: most < MOST_MS,
  };
}

type Leaving = { demo: DemoFile; api: Api; client: DemoClient; person: Person; heard: () => Promise<void> };

/** Milliseconds from the start of the request that deactivates him. */
async function leave({ demo, api, client, person, heard }: Leaving): Promise<{ doors: number; told: number }> {
  const doors = doorsOf(demo, client, await signIn(demo, client, person));
  const at = await addressOf(api, person);
  if ((await Promise.all(doors.map((door) => door()))).includes(false)) throw new Error('A door was shut before');
  const told = heard();
  const begun = performance.now();
  const since = () => performance.now() - begun;
  const shut = doors.map((door) => untilShut(door).then(since));
  await api('POST', `${at}/deactivate`);
  return { doors: Math.max(...(await Promise.all(shut))), told: await told.then(since) };
}

async function untilShut(door: Door): Promise<void> {
  for (const end = performance.now() + GIVEN_UP_MS; performance.now() < end; await wait(PAUSE_MS))
    if (!(await door())) return;
  throw new Error('A door stays open');
}

/** Asked again and again; the refresh token is the newest each time. */
function doorsOf(demo: DemoFile, { client_id }: DemoClient, tokens: Tokens): Door[] {
  let refreshToken = tokens.refresh_token;
  const asker = find(demo.clients, 'confidential client of e-MassPost', (one) => one.client_id === 'emasspost-example');
  const basic = Buffer.from(`${asker.client_id}:${asker.client_secret}`).toString('base64');
  const token = tokens.access_token;
  return [
    async () => {
      const answer = await post(endpointOf(demo), {
        grant_type: 'refresh_token',
        client_id,
        refresh_token: refreshToken,
      });
      if (answer.ok) refreshToken = ((await answer.json()) as Tokens).refresh_token;
      return answer.ok;
    },
    async () => {
      const answer = await post(`${endpointOf(demo)}/introspection`, { token }, { authorization: `Basic ${basic}` });
      if (!answer.ok) throw new Error(`introspection: ${answer.status}`);
      return ((await answer.json()) as { active: boolean }).active;
    },
    async () => (await fetch(`${demo.issuer}/me`, { headers: { authorization: `Bearer ${token}` } })).ok,
  ];
}

const post = (url: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', body: new URLSearchParams(fields), headers });

const apiOf =
  ({ origin }: Hub, demo: DemoFile): Api =>
  async (method, path, body) => {
    const answer = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${demo.operator.apiToken}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Record<string, unknown>;
  };

async function addressOf(api: Api, { organization, userName }: Person): Promise<string> {
  const only = async (path: string): Promise<string> => {
    const { items } = (await api('GET', path)) as { items: { id: string }[] };
    if (items.length !== 1) throw new Error(`${path}: ${items.length} found`);
    return items[0]?.id ?? '';
  };
  const users = `/organizations/${await only(`/organizations?name=${encodeURIComponent(organization)}`)}/users`;
  return `${users}/${await only(`${users}?userName=${encodeURIComponent(userName)}`)}`;
}

/** The application's address for logout tokens. `heard` comes true with the next one. */
async function listen() {
  let waiting: (() => void)[] = [];
  const server = createServer((req, res) => {
    req.resume().on('end', () => {
      res.end();
      for (const tell of waiting) tell();
      waiting = [];
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/logout`,
    heard: () => new Promise<void>((resolve) => void waiting.push(resolve)),
    close: () => void server.close(),
  };
}
