// How long a hub takes from the start of its process until it is ready, and what memory it holds when nothing happens.
import { setTimeout as wait } from 'node:timers/promises';
import { createHome, startHub, type Engine } from '../hub-process.ts';
import type { Row } from '../report.ts';

const STARTS = 3;
const REST_MS = 5000;
const BUDGETS: Record<Engine, { emptyMs: number; startMs: number; memory: number }> = {
  postgres: { emptyMs: 3000, startMs: 3000, memory: 200 },
  embedded: { emptyMs: 10_000, startMs: 3000, memory: 450 },
};

const row = (scenario: string, on: string, value: number, unit: string, most: number): Row => ({
  scenario,
  on: `${on}: ${value.toFixed(0)} ${unit}`,
  figures: { rate: NaN, p50: NaN, p99: NaN, cpu: NaN },
  value,
  budget: `< ${most} ${unit}`,
  ok: value < most,
});

export async function runStart(engine: Engine): Promise<Row[]> {
  console.log(`start (${engine}) ...`);
  const home = await createHome(engine);
  const { emptyMs, startMs, memory } = BUDGETS[engine];
  const times: number[] = [];
  let atRest = NaN;
  try {
    for (let i = 0; i <= STARTS; i++) {
      const hub = await startHub('main', home);
      times.push(hub.readyMs);
      if (i === STARTS) {
        await wait(REST_MS);
        atRest = await hub.memory();
      }
      await hub.stop();
    }
  } finally {
    await home.remove();
  }
  const [first = NaN, ...later] = times;
  later.sort((a, b) => a - b);
  return [
    row('start-empty', engine, first, 'ms', emptyMs),
    row('start', engine, later[Math.floor(later.length / 2)] ?? NaN, 'ms', startMs),
    row('memory-at-rest', engine, atRest, 'MB', memory),
  ];
}
