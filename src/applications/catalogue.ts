// The catalogue of e-applications: reads every file of a folder at start, reports every fault of every file at once,
// and answers the look-ups that screens and rules need. It is data that does not change while the process runs.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HubError } from '../errors.ts';
import type { Application, Catalogue, CatalogueValue, FixedDimension, Labels, Language } from './application.ts';
import { foreignFaults } from './conflict-rules.ts';
import { readLines } from './read-lines.ts';
import { isMap, list } from './read-raw.ts';
import { validateApplication } from './validate-application.ts';

/** `file` is the name inside the folder, `line` counts from 1, `rule` is a stable machine word, `message` a sentence. */
export type CatalogueFault = {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
};

/** Thrown when the catalogue cannot be used; the message has one line for each fault, as `file:line: sentence`. */
export class CatalogueError extends Error {
  readonly faults: readonly CatalogueFault[];

  constructor(faults: readonly CatalogueFault[]) {
    const lines = faults.map(({ file, line, message }) => `${file}:${line}: ${message}`);
    super(
      `The application catalogue has ${faults.length} fault${faults.length === 1 ? '' : 's'}:\n${lines.join('\n')}`,
    );
    this.name = 'CatalogueError';
    this.faults = faults;
  }
}

type ReadFile = { file: string; raw?: unknown; application?: Application; faults: CatalogueFault[]; lineOf: LineOf };
type LineOf = (path: readonly (string | number)[]) => number;

/**
 * Reads all `.yaml` and `.yml` files of a folder, one application each.
 * @returns the applications by key, deeply frozen, in the order of the tiles (`position`, then key)
 * @throws CatalogueError with every fault of every file
 */
export async function loadCatalogue(directory: string): Promise<Catalogue> {
  return catalogueOf(await readSources(directory));
}

/** One application's text; `file` names it in faults. `fault`: it could not even be read. */
export type Source = { readonly file: string; readonly text: string; readonly fault?: CatalogueFault };

/** The texts of all application files of a folder. @throws CatalogueError where the folder has none */
export async function readSources(directory: string): Promise<Source[]> {
  return Promise.all((await catalogueFiles(directory)).map((file) => readSource(directory, file)));
}

/** The same as loadCatalogue from texts, wherever they come from. @throws CatalogueError with every fault of every text */
export function catalogueOf(sources: readonly Source[]): Catalogue {
  const read = sources.map(readApplication);
  const faults = [...read.flatMap((one) => one.faults), ...repeatedNames(read), ...lostPairs(read)];
  if (faults.length > 0) throw new CatalogueError(faults.toSorted(byPlace));
  const applications = read.flatMap(({ application }) => (application === undefined ? [] : [application]));
  return sealed(applications.toSorted(byPosition).map((application) => [application.key, deepFrozen(application)]));
}

/** One text by itself: the application, or its faults. Never throws. */
export function checkSource(source: Source): { application?: Application; faults: readonly CatalogueFault[] } {
  const { application, faults } = readApplication(source);
  return { faults: faults.toSorted(byPlace), ...(application && { application }) };
}

/** @throws HubError `unknown_application` */
export function findApplication(catalogue: Catalogue, key: string): Application {
  const application = catalogue.get(key);
  if (application !== undefined) return application;
  throw new HubError('unknown_application', `There is no application "${key}".`, { application: key });
}

/** @throws HubError `unknown_value` */
export function findValue(application: Application, dimension: FixedDimension, key: string): CatalogueValue {
  const value = application[dimension].find((one) => one.key === key);
  if (value !== undefined) return value;
  const message = `"${key}" is not one of the ${dimension} of ${application.key}.`;
  throw new HubError('unknown_value', message, { application: application.key, dimension, value: key });
}

/** The text in one language. */
export function label(labels: Labels, language: Language): string {
  return labels[language];
}

async function catalogueFiles(directory: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CatalogueError([{ file: directory, line: 1, rule: 'unreadable', message: `cannot be read: ${reason}` }]);
  }
  const files = names.filter((name) => /^[^.].*\.ya?ml$/.test(name)).toSorted();
  if (files.length > 0) return files;
  throw new CatalogueError([
    { file: directory, line: 1, rule: 'empty', message: 'the folder has no application file' },
  ]);
}

async function readSource(directory: string, file: string): Promise<Source> {
  try {
    return { file, text: new TextDecoder('utf-8', { fatal: true }).decode(await readFile(join(directory, file))) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { file, text: '', fault: { file, line: 1, rule: 'unreadable', message: `cannot be read: ${reason}` } };
  }
}

function readApplication({ file, text, fault: unreadable }: Source): ReadFile {
  if (unreadable) return { file, faults: [unreadable], lineOf: () => 1 };
  const fault = (line: number, rule: string, message: string): CatalogueFault => ({ file, line, rule, message });
  const { raw, broken, lineOf } = readLines(text);
  const faults = broken.map(({ line, message }) => fault(line, 'yaml', message));
  if (raw === undefined) return { file, faults, lineOf };
  const { application, faults: placed } = validateApplication(raw);
  faults.push(...placed.map(({ path, rule, message }) => fault(lineOf(path), rule, message)));
  return { file, raw, faults, lineOf, ...(application && { application }) };
}

/** Keys and codes share one name space: whoever reads a name in a log or an import must find one application. */
function repeatedNames(read: readonly ReadFile[]): CatalogueFault[] {
  const owners = new Map<string, string>();
  const faults: CatalogueFault[] = [];
  const claim = ({ file, lineOf }: ReadFile, name: unknown, path: (string | number)[]): void => {
    if (typeof name !== 'string') return;
    const owner = owners.get(name) ?? file;
    owners.set(name, owner);
    if (owner === file) return;
    const message = `${path[0]} "${name}" is already a name of the application in ${owner}`;
    faults.push({ file, line: lineOf(path), rule: 'duplicate_name', message });
  };
  const files = read.map((one) => ({ one, raw: isMap(one.raw) ? one.raw : {} }));
  for (const { one, raw } of files) claim(one, raw['key'], ['key']);
  for (const { one, raw } of files) list(raw['codes']).forEach((code, index) => claim(one, code, ['codes', index]));
  return faults;
}

/** Pairs of conflicting rights that name a value of another application which is not there. A file with faults counts as it was meant. */
function lostPairs(read: readonly ReadFile[]): CatalogueFault[] {
  const byKey = new Map(read.flatMap(({ application }) => (application ? [[application.key, application]] : [])));
  if (byKey.size < read.length) return [];
  return read.flatMap(({ application, file, lineOf }) =>
    (application ? foreignFaults(application, (key) => byKey.get(key)) : []).map(({ path, rule, message }) => ({
      file,
      line: lineOf(path),
      rule,
      message,
    })),
  );
}

function byPlace(a: CatalogueFault, b: CatalogueFault): number {
  return a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1;
}

function byPosition(a: Application, b: Application): number {
  const [left, right] = [a.position ?? Infinity, b.position ?? Infinity];
  return left === right ? (a.key < b.key ? -1 : 1) : left < right ? -1 : 1;
}

function deepFrozen<T>(thing: T): T {
  if (typeof thing !== 'object' || thing === null) return thing;
  for (const part of Object.values(thing)) deepFrozen(part);
  return Object.freeze(thing);
}

/** A Map that nobody can change: Object.freeze alone leaves its entries open. */
function sealed(entries: readonly (readonly [string, Application])[]): Catalogue {
  const map = new Map(entries);
  const refuse = (): never => {
    throw new TypeError('The catalogue cannot be changed.');
  };
  for (const name of ['set', 'delete', 'clear']) Object.defineProperty(map, name, { value: refuse });
  return Object.freeze(map);
}
