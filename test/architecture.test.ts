// The layout is a rule: main -> app -> edges -> domain -> database, never skipped upward, no cycles.
import { describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = new URL('../src/', import.meta.url).pathname;
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

type Import = { from: string; to: string; typeOnly: boolean };

function importsOf(file: string): Import[] {
  const source = readFileSync(join(root, file), 'utf8');
  const found = source.matchAll(/(?:^|\n)\s*(import|export)\s+(type\s+)?[^;'"]*?from\s+'([^']+)'|import\('([^']+)'\)/g);
  return [...found].map(([, , type, name, dynamic]) => {
    const specifier = name ?? dynamic ?? '';
    const to = specifier.startsWith('.') ? relative(root, join(root, dirname(file), specifier)) : specifier;
    return { from: file, to, typeOnly: type !== undefined };
  });
}

const imports = files.flatMap(importsOf);
const EDGES = ['oidc', 'scim', 'portal', 'operator', 'api'];
const PLUMBING = ['web'];
const SHARED = ['config.ts', 'context.ts', 'errors.ts', 'setting-kinds.ts', 'texts.ts'];
/** Process entries and what only they use. */
const ENTRIES = [
  ...['main.ts', 'app.ts', 'cli.ts', 'demo.ts', 'hub.ts', 'on-stop.ts', 'start-fault.ts', 'walkthrough.ts'],
  ...['walkthrough', 'demo', 'cli'],
];

type Floor = 'entry' | 'edge' | 'web' | 'domain' | 'database' | 'shared' | 'package';
const top = (path: string) => path.split('/')[0] ?? '';
function floorOf(path: string): Floor {
  if (!files.includes(path)) return 'package';
  if (SHARED.includes(path)) return 'shared';
  if (ENTRIES.includes(top(path))) return 'entry';
  if (EDGES.includes(top(path))) return 'edge';
  if (PLUMBING.includes(top(path))) return 'web';
  return top(path) === 'database' ? 'database' : 'domain';
}

const ALLOWED: Record<Exclude<Floor, 'package'>, Floor[]> = {
  entry: ['entry', 'edge', 'web', 'domain', 'database', 'shared'],
  edge: ['edge', 'web', 'domain', 'shared', 'database'],
  web: ['web', 'shared', 'domain'],
  domain: ['domain', 'database', 'shared'],
  database: ['database', 'shared'],
  shared: ['shared', 'domain'],
};
const show = (found: Import[]) => found.map(({ from, to }) => `${from} -> ${to}`);

describe('the layout', () => {
  it('lets every file import only from its own floor or below', () => {
    const wrong = imports.filter(({ from, to }) => {
      const [own, other] = [floorOf(from), floorOf(to)];
      return own !== 'package' && other !== 'package' && !ALLOWED[own].includes(other);
    });
    expect(show(wrong)).toEqual([]);
  });

  it('keeps the edges apart from each other', () => {
    const wrong = imports.filter(
      ({ from, to }) => floorOf(from) === 'edge' && floorOf(to) === 'edge' && top(from) !== top(to),
    );
    expect(show(wrong)).toEqual([]);
  });

  it('lets the edges reach the database only through the domain, but for the OIDC adapter and its own table', () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        floorOf(from) === 'edge' &&
        floorOf(to) === 'database' &&
        !['oidc/adapter.ts', 'oidc/artefact-statements.ts'].includes(from),
    );
    expect(show(wrong)).toEqual([]);
  });

  it('keeps protocol libraries out of the domain and the database', () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        ['domain', 'database', 'shared'].includes(floorOf(from)) &&
        ['express', 'scimmy', 'oidc-provider'].includes(top(to)),
    );
    expect(show(wrong)).toEqual([]);
  });

  it('reads the environment in one file only', () => {
    const wrong = files.filter(
      (file) => file !== 'config.ts' && /process\.env/.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(wrong).toEqual([]);
  });

  it('has no barrels and no drawers', () => {
    expect(files.filter((file) => /(^|\/)(index|types|utils?|helpers?|common)(\.ts|\/)/.test(file))).toEqual([]);
  });

  it('has no import cycle at run time', () => {
    const edges = new Map(
      files.map((file) => [
        file,
        imports.filter(({ from, typeOnly }) => from === file && !typeOnly).map(({ to }) => to),
      ]),
    );
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, path: string[]): void => {
      const at = path.indexOf(file);
      if (at >= 0) return void cycles.push([...path.slice(at), file].join(' -> '));
      if (done.has(file)) return;
      for (const next of edges.get(file) ?? []) if (files.includes(next)) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(cycles).toEqual([]);
  });

  it('opens every source file with what it is for', () => {
    expect(files.filter((file) => !/^(#!.*\n)?\/\/ \S/.test(readFileSync(join(root, file), 'utf8')))).toEqual([]);
  });
});
