// Measures SCIM scenarios on one population: the hub and the ceiling in turns on the same database.
import { databaseWith } from '../load/database.ts';
import type { Population } from '../load/population.ts';
import { median, middle, takeTurns, type Rounds } from '../measure.ts';
import type { Row } from '../report.ts';
import { startServer } from '../server-process.ts';
import type { Budget, ScimScenario } from './scenarios.ts';

const HUB = new URL('server.ts', import.meta.url);
const CEILING = new URL('../ceiling/server.ts', import.meta.url);

const named = ({ ratio, p99 }: Budget): string =>
  [...(ratio === undefined ? [] : [`ratio >= ${ratio}`]), ...(p99 === undefined ? [] : [`p99 < ${p99} ms`])].join(', ');

const within = ({ ratio, p99 }: Budget, row: Pick<Row, 'figures' | 'ratio'>): boolean =>
  (ratio === undefined || (row.ratio ?? NaN) >= ratio) && (p99 === undefined || row.figures.p99 < p99);

export async function runScim(
  scenarios: readonly ScimScenario[],
  population: Population,
  rounds: Rounds,
): Promise<Row[]> {
  const possible = scenarios.filter((scenario) => scenario.possible?.(population) ?? true);
  if (possible.length === 0) return [];
  const env = { DATABASE_URL: await databaseWith(population) };
  const hub = await startServer(HUB, env);
  const ceiling = await startServer(CEILING, env);
  const rows: Row[] = [];
  try {
    for (const { name, title, connections, status, budget, next } of possible) {
      console.log(`${name} (${title}), ${population.users} users ...`);
      const load = { connections, status, next: next(population) };
      const measured = await takeTurns({ hub: { ...hub, load }, ceiling: { ...ceiling, load } }, rounds);
      // Of neighbours in time, so that a machine that is busy for a while does not count for one of them alone.
      const ratio = middle(measured.hub.map(({ rate }, round) => rate / (measured.ceiling[round]?.rate ?? NaN)));
      const row = { figures: median(measured.hub), ceiling: median(measured.ceiling), ratio };
      rows.push({
        scenario: name,
        on: `${population.users} users`,
        ...row,
        budget: named(budget),
        ok: within(budget, row),
      });
    }
  } finally {
    await Promise.all([hub.stop(), ceiling.stop()]);
  }
  return rows;
}
