// From what was typed to the parts of a request. A value is read as the field's kind says; whether it is a good one
// the hub decides, so that there is one place that knows.
import { flagOf, foldFlag, type Field } from './fields.ts';
import { UsageError } from './usage-error.ts';

type Parsed = {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Absent when no field of the body was named. */
  readonly body: Record<string, unknown> | undefined;
  readonly globals: Globals;
};

export type Globals = { url?: string; token?: string; input?: string; json: boolean; help: boolean };

const WITH_VALUE = ['url', 'token', 'input'] as const;
const WITHOUT_VALUE = ['json', 'help'] as const;

const isFlag = (argument: string): boolean => argument.startsWith('--');

/** Flags with their raw values (undefined: none followed), and what stands between them. */
export function split(args: readonly string[]): { flags: [string, string | undefined][]; words: string[] } {
  const flags: [string, string | undefined][] = [];
  const words: string[] = [];
  for (let i = 0; i < args.length; i += 1) {
    const argument = args[i] as string;
    if (argument === '-h') flags.push(['help', undefined]);
    else if (!isFlag(argument)) words.push(argument);
    else {
      const [name = '', ...rest] = argument.slice(2).split('=');
      if (rest.length > 0) flags.push([name, rest.join('=')]);
      else if ((WITHOUT_VALUE as readonly string[]).includes(name)) flags.push([name, undefined]);
      else {
        const next = args[i + 1];
        const hasValue = next !== undefined && !isFlag(next);
        flags.push([name, hasValue ? next : undefined]);
        if (hasValue) i += 1;
      }
    }
  }
  return { flags, words };
}

function valueOf(field: Field, raw: string | undefined, command: string): unknown {
  const flag = flagOf(field.path);
  if (raw === undefined) {
    if (field.kind === 'boolean') return true;
    throw new UsageError(`${flag} needs a value.`, command);
  }
  if (raw === '' && field.nullable) return null;
  switch (field.kind) {
    case 'text':
      return raw;
    case 'number': {
      const number = Number(raw);
      if (raw.trim() === '' || Number.isNaN(number)) throw new UsageError(`${flag} must be a number.`, command);
      return number;
    }
    case 'boolean':
      if (raw === 'true' || raw === 'false') return raw === 'true';
      throw new UsageError(`${flag} must be true or false.`, command);
    case 'list':
      return raw === '' ? [] : raw.split(',');
    case 'json':
      try {
        return JSON.parse(raw) as unknown;
      } catch {
        throw new UsageError(`${flag} must be JSON.`, command);
      }
  }
}

/** One level of nesting is all that fields have. */
function place(body: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first = '', second] = path;
  if (second === undefined) {
    const before = body[first];
    body[first] =
      Array.isArray(before) && Array.isArray(value) ? [...(before as unknown[]), ...(value as unknown[])] : value;
    return;
  }
  const inner = (body[first] ?? {}) as Record<string, unknown>;
  inner[second] = value;
  body[first] = inner;
}

/** After the command's own two words, words are the path parameters that no flag names, in their order. Throws UsageError. */
export function parseArguments(fields: readonly Field[], args: readonly string[], command: string): Parsed {
  const { flags, words } = split(args);
  const globals: Globals = { json: false, help: false };
  const params: Record<string, string> = {};
  const query: Record<string, string> = {};
  const body: Record<string, unknown> = {};
  for (const [name, raw] of flags) {
    const global = WITH_VALUE.find((one) => one === name);
    if (global !== undefined) {
      if (raw === undefined) throw new UsageError(`--${name} needs a value.`, command);
      globals[global] = raw;
      continue;
    }
    if (name === 'json' || name === 'help') {
      globals[name] = true;
      continue;
    }
    const field = fields.find(({ path }) => foldFlag(path.join('.')) === foldFlag(name));
    if (!field) throw new UsageError(`There is no flag --${name} here.`, command);
    const value = valueOf(field, raw, command);
    const [first = ''] = field.path;
    if (field.place === 'path') params[first] = String(value);
    else if (field.place === 'query') query[first] = String(value);
    else place(body, field.path, value);
  }
  const open = fields.flatMap(({ place: where, path: [name = ''] }) =>
    where === 'path' && params[name] === undefined ? [name] : [],
  );
  words.slice(2).forEach((word, i) => {
    const name = open[i];
    if (name === undefined) throw new UsageError(`"${word}" is one argument too many.`, command);
    params[name] = word;
  });
  return { params, query, body: Object.keys(body).length > 0 ? body : undefined, globals };
}

/** Throws UsageError that names what is missing. */
export function checkParams(fields: readonly Field[], params: Readonly<Record<string, string>>, command: string): void {
  const missing = fields.filter(({ place: where, path: [name = ''] }) => where === 'path' && !params[name]);
  if (missing.length > 0)
    throw new UsageError(`Missing: ${missing.map(({ path }) => flagOf(path)).join(', ')}.`, command);
}
