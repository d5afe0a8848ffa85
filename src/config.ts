// All settings: one schema, the only reader of process.env. Defaults stand in config/default.yaml, an
// operator's CONFIG_FILE goes over them, the environment over both. Every fault is reported at once.
import { accessSync, constants, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { LANGUAGES } from './applications/application.ts';
import {
  color,
  databaseUrl,
  flag,
  mailAddress,
  mailServer,
  oneOf,
  optional,
  picture,
  radius,
  secretsKey,
  text,
  timeZone,
  webPage,
  whole,
} from './setting-kinds.ts';

const schema = z.strictObject({
  port: whole(0, 65535).describe('Port to listen on; 0 takes a free one'),
  public_url: webPage.describe(
    'The address people and applications use; off loopback it means production. Without it http://localhost and the port',
  ),
  data_dir: text.describe('Folder of the embedded engine, its key file and the demo file'),
  database_url: databaseUrl.describe('PostgreSQL 15 or later; without it the embedded engine runs in data_dir'),
  database_pool: whole(2, 200).describe('Connections to the database per process'),
  embedded: flag.describe('Allows the embedded engine in production (no protection against power loss)'),
  secrets_key: secretsKey.describe('32 bytes in base64 that encrypt secrets at rest'),
  secrets_key_file: optional.describe('A mounted file that holds secrets_key'),
  former_secrets_key: secretsKey.describe(
    'While secrets_key is being replaced: the one before, until "keys rewrap" is done',
  ),
  former_secrets_key_file: optional.describe('A mounted file that holds former_secrets_key'),
  signing_key_days: whole(2, 3650).describe('Days after which the next signing key takes over'),
  trust_proxy: whole(0, 10).describe('Number of proxies whose X-Forwarded-* headers count'),
  workers: whole(1, 64).describe('Processes on this machine; more than 1 needs database_url'),
  log_level: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).describe(
    'Least level that is logged',
  ),
  metrics_token: optional.describe('Bearer token for /metrics; without it /metrics answers loopback only'),
  default_language: oneOf(LANGUAGES).describe('Language of a visitor of whom nothing is known'),
  time_zone: timeZone.describe('Zone in which pages show times'),
  brand: z.strictObject({
    name: text.max(60, { error: 'must have 60 characters at most' }).describe('Name of the portal on every page'),
    logo: picture.describe('PNG, JPEG or WebP file shown beside the name'),
    accent: color.describe('Accent colour'),
    radius: radius.describe('Corner radius'),
  }),
  contact: z.strictObject({
    help_url: webPage.describe('Where "Help" leads'),
    customer_service: optional.describe('Telephone number or address of customer service, as shown'),
    privacy_url: webPage.describe('Where "Privacy" leads'),
  }),
  mail: z.strictObject({
    smtp_url: mailServer.describe(
      'Mail server as smtp[s]://user:password@host:port; without it mails stay in the database and nobody gets them',
    ),
    require_tls: flag.describe(
      'Refuses a mail server that does not encrypt; off only for one on the same machine or network',
    ),
    from: mailAddress.describe('Sender of all mails; without it no-reply@ and the host of public_url'),
    keep_days: whole(1, 365).describe('Days after which what is left of a mail in the database is erased'),
  }),
  tokens: z.strictObject({
    access_token_seconds: whole(60, 600).describe('Lifetime of an access token'),
    refresh_idle_seconds: whole(300, 86_400).describe('A refresh token ends when unused for this long'),
    session_seconds: whole(900, 86_400).describe('A session and its refresh tokens end after this long'),
    offline_refresh_seconds: whole(3600, 7_776_000).describe('Absolute life of a refresh token with offline_access'),
  }),
  password: z.strictObject({
    minimum_length: whole(7, 64).describe('Least number of characters of a new password'),
    temporary_hours: whole(1, 720).describe('Life of a temporary password'),
    hash_memory_kib: whole(7168, 1_048_576).describe('argon2id memory per hash'),
    hash_passes: whole(1, 20).describe('argon2id passes'),
    hash_queue: whole(1, 10_000).describe('Passwords waiting to be checked before 503 is answered'),
  }),
});

type Raw = z.infer<typeof schema>;
export type Config = Omit<Raw, 'public_url'> & {
  public_url: URL;
  /** Otherwise it follows from the port that is listened on. */
  public_url_given: boolean;
  /** PUBLIC_URL is off loopback: https, a real database and a given key are required. */
  production: boolean;
};

export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(
      `The configuration has ${faults.length} fault${faults.length === 1 ? '' : 's'}:\n${faults.map((f) => `  - ${f}`).join('\n')}`,
    );
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

type Setting = { key: string; env: string; default: unknown; description: string };

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);
const envName = (path: string[]) => path.join('_').toUpperCase();
const readYaml = (file: string): unknown => parse(readFileSync(file, 'utf8'));
const readDefaults = () => readYaml(new URL('../config/default.yaml', import.meta.url).pathname) as Tree;

/** The operator's own file. Throws ConfigError: what stands in it was meant. */
function readConfigFile(file: string): Tree {
  try {
    const value = readYaml(resolve(file));
    if (isTree(value)) return value;
    if (value === null) return {};
  } catch (error) {
    const [line = ''] = (error as Error).message.split('\n');
    throw new ConfigError([`CONFIG_FILE ${file}: ${line}`]);
  }
  throw new ConfigError([`CONFIG_FILE ${file}: must hold settings by name, as config/default.yaml does`]);
}

/** Leaves of the schema in order: [path, schema]. */
function* leaves(shape: z.ZodRawShape, path: string[] = []): Generator<[string[], z.ZodType]> {
  for (const [key, type] of Object.entries(shape)) {
    if (type instanceof z.ZodObject) yield* leaves(type.shape, [...path, key]);
    else yield [[...path, key], type as z.ZodType];
  }
}

const at = (tree: Tree, path: string[]): unknown =>
  path.reduce<unknown>((node, key) => (isTree(node) ? node[key] : undefined), tree);

/** Every setting with its environment name, default and meaning, in the order of the schema; the README's table is made of it. */
export function settings(): Setting[] {
  const defaults = readDefaults();
  return [...leaves(schema.shape)].map(([path, type]) => ({
    key: path.join('.'),
    env: envName(path),
    default: at(defaults, path),
    description: type.description ?? '',
  }));
}

function merge(under: Tree, over: Tree): Tree {
  const merged: Tree = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isTree(below) && isTree(value) ? merge(below, value) : value;
  }
  return merged;
}

function overlayEnvironment(tree: Tree, env: NodeJS.ProcessEnv): Tree {
  const result = structuredClone(tree);
  for (const [path] of leaves(schema.shape)) {
    const value = env[envName(path)];
    if (value === undefined || value === '') continue;
    let node = result;
    for (const key of path.slice(0, -1)) {
      const below = node[key];
      node = isTree(below) ? below : (node[key] = {});
    }
    node[path.at(-1) as string] = value;
  }
  return result;
}

const isLoopback = (url: URL) => ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);

/** The address of a hub on this machine that listens on the port. */
export const localUrl = (port: number): string => `http://localhost:${port}`;

/** What production (a PUBLIC_URL off loopback) asks for; see README "Going to production". */
function productionFaults(raw: Raw, url: URL): string[] {
  if (isLoopback(url)) return [];
  const faults: string[] = [];
  if (url.protocol !== 'https:') faults.push('public_url: must be https when it is not on this machine');
  if (!raw.database_url && !raw.embedded)
    faults.push('database_url: is required in production (or EMBEDDED=yes, which does not survive power loss)');
  if (!raw.secrets_key && !raw.secrets_key_file)
    faults.push('secrets_key: is required in production (or secrets_key_file)');
  return faults;
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** The key as it stands in a file and, where that is where it came from, the variable. Never the value: it may be a secret. */
function describeIssue(issue: z.core.$ZodIssue, env: NodeJS.ProcessEnv): string[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${[...path, key].join('.')}: is not a setting`);
  const message =
    issue.code === 'invalid_type' && issue.expected === 'object' ? 'must hold settings of its own' : issue.message;
  const name = envName(path);
  return [`${path.join('.')}: ${message}${env[name] ? ` (${name})` : ''}`];
}

/** Reads the settings. Throws ConfigError with every fault, each named by its key. */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const over = env['CONFIG_FILE'] ? readConfigFile(env['CONFIG_FILE']) : {};
  const parsed = schema.safeParse(overlayEnvironment(merge(readDefaults(), over), env));
  if (!parsed.success) throw new ConfigError(parsed.error.issues.flatMap((issue) => describeIssue(issue, env)));
  const raw = parsed.data;
  const url = new URL(raw.public_url ?? localUrl(raw.port));
  const faults = productionFaults(raw, url);
  if (url.pathname !== '/' || url.search || url.hash) faults.push('public_url: must have no path, query or fragment');
  if (raw.brand.logo !== null && !isReadable(raw.brand.logo))
    faults.push(`brand.logo: the file ${raw.brand.logo} cannot be read`);
  if (raw.workers > 1 && !raw.database_url) faults.push('workers: more than 1 needs database_url');
  if (faults.length > 0) throw new ConfigError(faults);
  return {
    ...raw,
    public_url: url,
    public_url_given: raw.public_url !== null,
    production: !isLoopback(url),
    data_dir: resolve(raw.data_dir),
  };
}

/** What the command line takes from the environment; its flags go over it. */
export type CliEnvironment = { url: string; token: string | null; dataDir: string };

export const cliEnvironment = (env: NodeJS.ProcessEnv = process.env): CliEnvironment => ({
  url: env['MANDATE_URL'] ?? localUrl(Number(env['PORT']) || 3000),
  token: env['MANDATE_TOKEN'] ?? null,
  dataDir: resolve(env['DATA_DIR'] ?? './data'),
});
