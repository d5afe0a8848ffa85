// How long the portal's pages take for an administrator of a customer with 100,000 users: one request after the other, so
// that what is measured is the server's work and not a queue. The budget is 200 ms for 95 of 100 answers of every page.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHub } from '../hub-process.ts';
import { emptyDatabase } from '../load/database.ts';
import { fillDatabase } from '../load/fill-database.ts';
import { quantile } from '../measure.ts';
import type { Row } from '../report.ts';
import { fillPortal, type Portal } from './fill-portal.ts';

const USERS = 100_000;
const BUDGET_MS = 200;
const WARM_UP = 5;
const REQUESTS = 60;

const PAGES: Readonly<Record<string, (portal: Portal) => string>> = {
  home: () => '/portal',
  'my-rights': () => '/portal/my-rights',
  'my-accounts': () => '/portal/accounts',
  'user-list': () => '/portal/users',
  'user-list-search': () => '/portal/users?q=anna',
  'user-list-by-name': () => '/portal/users?sort=name&order=descending',
  'user-list-administrators': () => '/portal/users?administrators=yes',
  'user-page': ({ person }) => `/portal/users/${person}`,
  'rights-applications': ({ person }) => `/portal/users/${person}/rights`,
  'rights-of-application': ({ person }) => `/portal/users/${person}/rights/emasspost`,
  'rights-editor': ({ person, account }) => `/portal/users/${person}/rights/emasspost/edit?account=${account}`,
  why: ({ person, account }) =>
    `/portal/users/${person}/why?application=emasspost&account=${account}&rights=create_deposit&products=prior&billing_addresses=B-1`,
  'who-can-many': ({ account }) => `/portal/access?application=emasspost&account=${account}&rights=create_deposit`,
  'who-can-by-role': ({ account }) => `/portal/access?application=emasspost&account=${account}&products=letter`,
  'who-can-everybody': () => '/portal/access?application=invoice_reporter',
  matrix: () => '/portal/access/matrix?size=100',
  administrators: () => '/portal/administrators',
  substitutes: () => '/portal/substitutes',
  reviews: () => '/portal/reviews',
  'review-rows': ({ review }) => `/portal/reviews/${review}`,
  history: () => '/portal/history',
};
export const PORTAL_SCENARIOS = Object.keys(PAGES).map((name) => `portal-${name}`);

async function measure(origin: string, session: string, address: string): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < WARM_UP + REQUESTS; i++) {
    const begun = performance.now();
    const answer = await fetch(`${origin}${address}`, {
      redirect: 'manual',
      headers: { Cookie: `session=${session}; language=en` },
    });
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`${address} answered ${answer.status}`);
    if (i >= WARM_UP) times.push(performance.now() - begun);
  }
  return times.sort((a, b) => a - b);
}

export async function runPortal(scenarios: readonly string[]): Promise<Row[]> {
  if (scenarios.length === 0) return [];
  console.log('portal ...');
  const database = await emptyDatabase(`mandate_bench_portal_${randomBytes(4).toString('hex')}`);
  const dataDir = await mkdtemp(join(tmpdir(), 'mandate-bench-'));
  try {
    await fillDatabase(database.url, { users: USERS, organizations: 1 });
    const env = { DATABASE_URL: database.url, SECRETS_KEY: randomBytes(32).toString('base64') };
    const portal = await fillPortal(database.url, env.SECRETS_KEY);
    const hub = await startHub('main', { dataDir, env, remove: () => Promise.resolve() });
    const rows: Row[] = [];
    try {
      for (const [name, address] of Object.entries(PAGES)) {
        if (!scenarios.includes(`portal-${name}`)) continue;
        const times = await measure(hub.origin, portal.session, address(portal));
        const p95 = quantile(times, 0.95);
        const sum = times.reduce((all, one) => all + one, 0);
        rows.push({
          scenario: `portal-${name}`,
          on: `${USERS} users: p95 ${p95.toFixed(0)} ms`,
          figures: {
            rate: (times.length / sum) * 1000,
            p50: quantile(times, 0.5),
            p99: quantile(times, 0.99),
            cpu: NaN,
          },
          value: p95,
          budget: `p95 < ${BUDGET_MS} ms`,
          ok: p95 < BUDGET_MS,
        });
      }
    } finally {
      await hub.stop();
    }
    return rows;
  } finally {
    await database.drop();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 3 });
  }
}
