// `npm run bench -- [scenario ...]`: measures the named scenarios, or all, on the PostgreSQL server that
// BENCH_DATABASE_URL names; prints a table and writes JSON. Fails when a budget is missed.
// BENCH_USERS=1000,1000000 (populations), BENCH_ROUNDS=3, BENCH_SECONDS=4 (per round and server),
// BENCH_STEADY_SECONDS=300 (of scim-steady).
import { serverUrl } from './load/database.ts';
import { MANDATE_SCENARIOS, runWithdrawal } from './mandates/run-withdrawal.ts';
import { OIDC_SCENARIOS, runOidc } from './oidc/run-oidc.ts';
import { PORTAL_SCENARIOS, runPortal } from './portal/run-portal.ts';
import { printTable, writeResults, type Row } from './report.ts';
import { runScim } from './scim/run-scim.ts';
import { SCALE_SCENARIOS, runScale } from './scim/scale.ts';
import { SCIM_SCENARIOS } from './scim/scenarios.ts';
import { runStart } from './start/run-start.ts';

const ENGINES = ['postgres', 'embedded'] as const;

const setting = (name: string, fallback: string): string => process.env[name] || fallback;

const populations = setting('BENCH_USERS', '1000,1000000')
  .split(',')
  .map(Number)
  .map((users) => ({ users, organizations: Math.max(1, Math.floor(users / 1000)) }));
const steadySeconds = Number(setting('BENCH_STEADY_SECONDS', '300'));
const rounds = { rounds: Number(setting('BENCH_ROUNDS', '3')), seconds: Number(setting('BENCH_SECONDS', '4')) };

function chosen(names: readonly string[]): (name: string) => boolean {
  const known = [
    ...SCIM_SCENARIOS.map(({ name }) => name),
    ...SCALE_SCENARIOS,
    ...OIDC_SCENARIOS,
    ...PORTAL_SCENARIOS,
    ...MANDATE_SCENARIOS,
    ...ENGINES.map((engine) => `start-${engine}`),
  ];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Error(`No scenario is called ${unknown.join(', ')}. There are: ${known.join(', ')}.`);
  return (name) => names.length === 0 || names.includes(name);
}

async function main(): Promise<Row[]> {
  serverUrl();
  const isChosen = chosen(process.argv.slice(2));
  const rows: Row[] = [];
  for (const population of populations) {
    rows.push(
      ...(await runScim(
        SCIM_SCENARIOS.filter(({ name }) => isChosen(name)),
        population,
        rounds,
      )),
      ...(await runScale(SCALE_SCENARIOS.filter(isChosen), population, steadySeconds)),
    );
  }
  rows.push(...(await runOidc(OIDC_SCENARIOS.filter(isChosen), rounds)));
  rows.push(...(await runPortal(PORTAL_SCENARIOS.filter(isChosen))));
  rows.push(...(await runWithdrawal(MANDATE_SCENARIOS.filter(isChosen))));
  for (const engine of ENGINES) if (isChosen(`start-${engine}`)) rows.push(...(await runStart(engine)));
  return rows;
}

try {
  const rows = await main();
  printTable(rows);
  console.log(await writeResults(rows));
  process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
