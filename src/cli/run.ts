// Runs one command and says how it went: the exit code is the answer to scripts, the texts are for people.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import type { Operation } from '../api/operation.ts';
import { everyOperation } from '../api/operations.ts';
import type { CliEnvironment } from '../config.ts';
import {
  addressOf,
  call,
  callForPieces,
  isThisMachine,
  RefusedError,
  UnreachableError,
  type Parts,
  type Target,
} from './call.ts';
import { fieldsOf } from './fields.ts';
import { commandHelp, generalHelp, migrateHelp } from './help.ts';
import { checkParams, parseArguments, split, type Globals } from './parse-arguments.ts';
import { show } from './show.ts';
import { UsageError } from './usage-error.ts';

type Surroundings = {
  readonly environment: CliEnvironment;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly stdin: AsyncIterable<string | Uint8Array> & NodeJS.ReadableStream;
};

const EXIT = { done: 0, refused: 1, usage: 2, unreachable: 3 } as const;

export async function runCli(args: readonly string[], around: Surroundings): Promise<number> {
  try {
    await dispatch(args, around);
    return EXIT.done;
  } catch (error) {
    return report(error, around);
  }
}

function report(error: unknown, { err }: Surroundings): number {
  if (error instanceof RefusedError) {
    err(`mandate: ${error.message} (${error.code})\n${error.issues.map((issue) => `  ${issue}\n`).join('')}`);
    return EXIT.refused;
  }
  if (error instanceof UsageError) {
    err(`mandate: ${error.message}\nSee: ${error.command ?? 'mandate'} --help\n`);
    return EXIT.usage;
  }
  if (error instanceof UnreachableError) {
    err(`mandate: ${error.message}\n`);
    return EXIT.unreachable;
  }
  throw error;
}

async function dispatch(args: readonly string[], around: Surroundings): Promise<void> {
  const { flags, words } = split(args);
  const [noun, verb] = words;
  const wantsHelp = flags.some(([name]) => name === 'help');
  if (noun === undefined || noun === 'help') {
    if (noun === 'help' || wantsHelp) return void around.out(generalHelp());
    throw new UsageError('Which command? mandate <noun> <verb>.');
  }
  if (noun === 'migrate') return wantsHelp ? void around.out(migrateHelp) : migrate(args.slice(1), around);
  const ofNoun = everyOperation.filter(([, operation]) => operation.noun === noun);
  if (ofNoun.length === 0) throw new UsageError(`There is no "${noun}".`);
  if (verb === undefined && wantsHelp) return void around.out(generalHelp(noun));
  const found = ofNoun.find(([, operation]) => operation.verb === verb)?.[1];
  if (!found)
    throw new UsageError(
      `${noun} takes ${ofNoun.map(([, operation]) => operation.verb).join(', ')}.`,
      `mandate ${noun}`,
    );
  if (wantsHelp) return void around.out(commandHelp(found));
  return runOperation(found, args, around);
}

async function runOperation(operation: Operation, args: readonly string[], around: Surroundings): Promise<void> {
  const command = `mandate ${operation.noun} ${operation.verb}`;
  const fields = fieldsOf(operation);
  const { params, query, body, globals } = parseArguments(fields, args, command);
  checkParams(fields, params, command);
  const parts = { params, query, body: await bodyOf(operation, globals, body, around, command) };
  const target = await targetOf(globals, around);
  if (operation.streams) {
    for await (const piece of callForPieces(target, operation, parts)) around.out(piece);
    return;
  }
  const answer = await everyPage(target, operation, parts);
  if (globals.json) return void around.out(`${JSON.stringify(answer ?? null, undefined, 2)}\n`);
  around.out(show(operation, answer));
}

async function bodyOf(
  operation: Operation,
  { input }: Globals,
  fields: Record<string, unknown> | undefined,
  around: Surroundings,
  command: string,
): Promise<unknown> {
  if (!operation.body) {
    if (input !== undefined) throw new UsageError('This command takes no --input.', command);
    return undefined;
  }
  if (input === undefined) return fields ?? {};
  const written = await readInput(input, around, command);
  if (fields === undefined) return written;
  if (typeof written !== 'object' || written === null || Array.isArray(written))
    throw new UsageError('--input must be an object where flags go over it.', command);
  return { ...written, ...fields };
}

async function readInput(input: string, { stdin }: Surroundings, command: string): Promise<unknown> {
  const text = input === '-' ? await readText(stdin) : await readFile(input, 'utf8').catch(() => undefined);
  if (text === undefined) throw new UsageError(`--input: ${input} cannot be read.`, command);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new UsageError(`--input: ${input === '-' ? 'standard input' : input} is not JSON.`, command);
  }
}

async function targetOf(globals: Globals, { environment }: Surroundings): Promise<Target> {
  const url = addressOf(globals.url ?? environment.url);
  const token = globals.token ?? environment.token ?? (await tokenFromFile(url, environment.dataDir));
  return { url, token };
}

/** The file's token opens the hub on this machine; it is never sent to another. */
async function tokenFromFile(url: URL, dataDir: string): Promise<string> {
  const file = join(dataDir, 'operator-token');
  const found = isThisMachine(url) ? await readFile(file, 'utf8').catch(() => undefined) : undefined;
  if (found !== undefined) return found.trim();
  const where = isThisMachine(url) ? `, and there is no ${file}` : '';
  throw new UsageError(`An API token is needed: --token or MANDATE_TOKEN${where}.`);
}

/** A list without --limit or --after is followed to its end. */
async function everyPage(target: Target, operation: Operation, parts: Parts): Promise<unknown> {
  const first = await call(target, operation, parts);
  if (parts.query['limit'] !== undefined || parts.query['after'] !== undefined || !isPage(first)) return first;
  const items = [...first.items];
  for (let { next } = first; next !== null;) {
    const more = await call(target, operation, { ...parts, query: { ...parts.query, after: next } });
    if (!isPage(more)) break;
    items.push(...more.items);
    next = more.next;
  }
  return { items, next: null };
}

type Page = { readonly items: readonly unknown[]; readonly next: string | null };
const isPage = (answer: unknown): answer is Page =>
  typeof answer === 'object' && answer !== null && 'items' in answer && 'next' in answer;

/** Not over HTTP, and so the only command that loads the database. */
async function migrate(args: readonly string[], around: Surroundings): Promise<void> {
  const { flags, words } = split(args);
  const [stray] = [...words, ...flags.flatMap(([name]) => (name === 'undo' ? [] : [`--${name}`]))];
  if (stray !== undefined) throw new UsageError(`There is no ${stray} here.`, 'mandate migrate');
  const undo = flags.find(([name]) => name === 'undo');
  if (undo && !undo[1]) throw new UsageError('--undo needs the name of a migration.', 'mandate migrate');
  const { migrateDatabase } = await import('./migrate.ts');
  around.out(await migrateDatabase(undo?.[1]));
}
