// Answers for people: a list as an aligned table, a record as lines, what is nested in it under names with a point. Control
// characters that stand in data are shown, never sent to the terminal. Whoever needs every field asks for --json.
import type { Operation } from '../api/operation.ts';
import { aligned } from './help.ts';

type Row = Readonly<Record<string, unknown>>;

const WIDEST = 60;
const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);
const isScalar = (value: unknown): boolean => value === null || ['string', 'number', 'boolean'].includes(typeof value);

const shown = (text: string, signs: RegExp): string =>
  text.replaceAll(signs, (sign) => `\\x${(sign.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`);

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (Array.isArray(value) && value.every(isScalar)) return value.map(textOf).join(', ') || '-';
  // Whoever acted has a name beside what he is.
  if (isRow(value) && typeof value['label'] === 'string') return textOf(value['label']);
  return shown(typeof value === 'string' ? value : JSON.stringify(value), /\p{Cc}/gu);
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

const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, '  ');

const isList = (value: unknown): value is Row[] => Array.isArray(value) && value.length > 0 && value.every(isRow);

/** The fields of a record on lines of their own; tables and texts of several lines come after them. */
function record(answer: Row): string {
  const lines: [string, string][] = [];
  const blocks: string[] = [];
  const add = (name: string, value: unknown): void => {
    if (isRow(value) && !('label' in value) && Object.keys(value).length > 0)
      for (const [inner, one] of Object.entries(value)) add(`${name}.${inner}`, one);
    else if (isList(value)) blocks.push(`${name}:\n${indented(table(value, scalarColumns(value[0] as Row)))}`);
    else if (typeof value === 'string' && value.includes('\n'))
      blocks.push(`${name}:\n${indented(shown(value.trimEnd(), /[^\P{Cc}\n]/gu))}`);
    else lines.push([name, textOf(value)]);
  };
  for (const [name, value] of Object.entries(answer)) add(name, value);
  return [...(lines.length === 0 ? [] : [aligned(lines, '')]), ...blocks].join('\n');
}

/** `undefined`: the hub answered without content. */
export function show({ columns }: Operation, answer: unknown): string {
  if (answer === undefined) return 'Done.\n';
  if (!isRow(answer)) return `${textOf(answer)}\n`;
  const { items } = answer;
  if (!Array.isArray(items)) return `${record(answer)}\n`;
  const rows = items.filter(isRow);
  const [first] = rows;
  if (first === undefined) return 'None.\n';
  return `${table(rows, columns ?? scalarColumns(first))}\n`;
}
