// Millions of expired sessions, codes and tokens are swept while people's applications refresh: does anybody wait?
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { closeDatabase, openDatabase } from '../../src/database/connect.ts';
import { deleteInPortions } from '../../src/database/delete-in-portions.ts';
import { query } from '../../src/database/query.ts';
import type { DemoFile } from '../../src/demo/demo-file.ts';
import type { Home } from '../hub-process.ts';
import { repeat, type Figures } from '../measure.ts';
import type { Row } from '../report.ts';
import { crowd } from './people.ts';
import { endpointOf, nativeClient, refresh, signIn } from './person.ts';

const EXPIRED = Number(process.env['BENCH_EXPIRED'] || 10_000_000);
const AT_ONCE = 4;
const ALONE_S = 10;
const LONGEST_MS = 100;
const PORTION = 5000;
/** Whose the rows are. */
const NOBODY = 'nobody';

/** Refresh tokens, a few to a grant, in the order in which they end: soon, so that the hub's own job passes over them meanwhile. */
async function fill(): Promise<void> {
  const run = randomBytes(8).toString('hex');
  for (let from = 0; from < EXPIRED; from += PORTION) {
    await query(
      `insert into oidc_artefacts (model, id_hash, payload, organization_id, user_id, client_id, grant_id, issued_at, expires_at)
       select 'RefreshToken', sha256(($1 || n)::bytea), jsonb_build_object('kind', 'RefreshToken', 'scope', 'openid profile email', 'n', n, 'pad', repeat('x', 300)),
         u.organization_id, u.id, '${NOBODY}', md5($1 || (n / 8)), now(), now() + interval '1 hour' * (1 + n / $4::float)
       from generate_series($2::int, $3::int - 1) n, (select organization_id, id from users limit 1) u`,
      [run, from, Math.min(EXPIRED, from + PORTION), EXPIRED],
    );
  }
  await query('analyze oidc_artefacts');
}

/** As the job will in three hours, in a process beside the hub, run after run until nothing is left. */
async function sweep(): Promise<{ rows: number; seconds: number }> {
  const begun = performance.now();
  const old = { table: 'oidc_artefacts', column: 'expires_at', before: new Date(Date.now() + 3 * 3_600_000) };
  const only = { name: 'bench', sql: `client_id = '${NOBODY}'` };
  let rows = 0;
  for (let gone = 1; gone > 0; rows += gone) gone = await deleteInPortions({ ...old, only });
  return { rows, seconds: (performance.now() - begun) / 1000 };
}

export async function sweepBeside({ home, demo }: { home: Home; demo: DemoFile }): Promise<Row[]> {
  const client = nativeClient(demo);
  const people = await crowd(home, demo, AT_ONCE);
  const held = await Promise.all(people.map((person) => signIn(demo, client, person)));
  const step = async (worker: number) => {
    held[worker] = await refresh(endpointOf(demo), client, held[worker]?.refresh_token ?? '');
  };
  const log = pino({ level: 'warn' });
  await openDatabase({ databaseUrl: home.env['DATABASE_URL'] ?? '', dataDir: '', poolSize: 2 }, log);
  try {
    await fill();
    const alone = await repeat(step, { workers: AT_ONCE, seconds: ALONE_S });
    const progress = { over: false };
    const swept = sweep().finally(() => (progress.over = true));
    const rounds: Figures[] = [];
    while (!progress.over) rounds.push(await repeat(step, { workers: AT_ONCE, seconds: ALONE_S }));
    const { rows, seconds } = await swept;
    const worst = rounds.reduce((a, b) => (b.p99 > a.p99 ? b : a));
    const on = `${rows} rows swept in ${seconds.toFixed(0)} s`;
    const budget = Math.max(LONGEST_MS, 3 * alone.p99);
    return [
      { scenario: 'oidc-refresh-alone', on: 'before it', figures: alone, budget: '', ok: true },
      {
        scenario: 'oidc-sweep',
        on,
        figures: worst,
        budget: `worst p99 < ${budget.toFixed(0)} ms`,
        ok: worst.p99 < budget,
      },
    ];
  } finally {
    await closeDatabase();
  }
}
