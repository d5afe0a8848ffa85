// Answers for people: a list as an aligned table, a record as lines. Control characters that stand in data are shown,
// never sent to the terminal.
import type { Operation } from '../api/operation.ts';
import { aligned } from './help.ts';

type Row = Readonly<Record<string, unknown>>;

const WIDEST = 60;
const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);
const isScalar = (value: unknown): boolean => value === null || ['string', 'number', 'boolean'].includes(typeof value);

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (Array.isArray(value) && value.every(isScalar)) return value.map(textOf).join(', ');
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.replaceAll(/\p{Cc}/gu, (sign) => `\\x${(sign.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`);
}

const cut = (text: string): string => (text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text);

function table(rows: readonly Row[], columns: readonly string[]): string {
  const cells = [columns, ...rows.map((row) => columns.map((name) => cut(textOf(row[name]))))];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i]?.length ?? 0)));
  return cells
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const scalarColumns = (row: Row): string[] => Object.keys(row).filter((name) => isScalar(row[name]));

/** `undefined`: the hub answered without content. */
export function show({ columns }: Operation, answer: unknown): string {
  if (answer === undefined) return 'Done.\n';
  if (!isRow(answer)) return `${textOf(answer)}\n`;
  const { items } = answer;
  if (!Array.isArray(items))
    return `${aligned(
      Object.entries(answer).map(([name, value]) => [name, textOf(value)]),
      '',
    )}\n`;
  const rows = items.filter(isRow);
  const [first] = rows;
  if (first === undefined) return 'None.\n';
  return `${table(rows, columns ?? scalarColumns(first))}\n`;
}
