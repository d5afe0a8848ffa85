// The table on the screen and the JSON file of a run.
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import type { Figures } from './measure.ts';

export type Row = {
  scenario: string;
  /** On what: how many users, which engine. */
  on: string;
  figures: Figures;
  ceiling?: Figures;
  /** Of the hub's rate to the ceiling's: median over the rounds. */
  ratio?: number;
  /** Of what is no rate: milliseconds or megabytes. */
  value?: number;
  budget: string;
  ok: boolean;
};

const COLUMNS = [
  'scenario',
  'on',
  'hub/s',
  'p50 ms',
  'p99 ms',
  'cpu us',
  'ceiling/s',
  'cpu us',
  'ratio',
  'budget',
  '',
] as const;
const number = (value: number, digits = 0): string => (Number.isNaN(value) ? '' : value.toFixed(digits));

function cells(row: Row): string[] {
  const { rate, p50, p99, cpu } = row.figures;
  return [
    ...[row.scenario, row.on, number(rate), number(p50, 1), number(p99, 1), number(cpu)],
    ...[number(row.ceiling?.rate ?? NaN), number(row.ceiling?.cpu ?? NaN), number(row.ratio ?? NaN, 2)],
    ...[row.budget, row.ok ? 'ok' : 'MISSED'],
  ];
}

export function printTable(rows: readonly Row[]): void {
  const all = [[...COLUMNS], ...rows.map(cells)];
  const widths = COLUMNS.map((_, i) => Math.max(...all.map((line) => line[i]?.length ?? 0)));
  for (const line of all) {
    console.log(
      line.map((cell, i) => (i < 2 || i > 8 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
    );
  }
}

/** Writes bench/results/<instant>.json; returns its path. */
export async function writeResults(rows: readonly Row[]): Promise<string> {
  const folder = new URL('results/', import.meta.url);
  await mkdir(folder, { recursive: true });
  const at = new Date().toISOString();
  const file = new URL(`${at.slice(0, 19).replaceAll(':', '')}.json`, folder);
  const machine = { cores: availableParallelism(), model: cpus()[0]?.model, load: loadavg(), node: process.version };
  await writeFile(file, `${JSON.stringify({ at, machine, rows }, null, 2)}\n`);
  return file.pathname;
}
