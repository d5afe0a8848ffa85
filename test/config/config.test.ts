import { describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, loadConfig, settings } from '../../src/config.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');

function faultsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

describe('the settings', () => {
  it('have a default each, so that nothing needs to be set on one machine', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({ port: 3000, production: false, database_url: null });
    expect(config.public_url.origin).toBe('http://localhost:3000');
  });

  it('follow the port where no address is given', () => {
    expect(loadConfig({ PORT: '4100' }).public_url.origin).toBe('http://localhost:4100');
  });

  it('are read from the environment over the operator’s file over the defaults', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'mandate-config-')), 'hub.yaml');
    await writeFile(file, 'port: 4000\ntokens:\n  access_token_seconds: 120\n');
    const config = loadConfig({ CONFIG_FILE: file, TOKENS_ACCESS_TOKEN_SECONDS: '240' });
    expect([config.port, config.tokens.access_token_seconds, config.tokens.session_seconds]).toEqual([
      4000, 240, 86_400,
    ]);
  });

  it('report every fault at once, each by its key, and refuse keys that do not exist', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'mandate-config-')), 'hub.yaml');
    await writeFile(file, 'prot: 4000\nbrand:\n  colour: red\n');
    const faults = faultsOf({ CONFIG_FILE: file, PORT: 'eighty', TOKENS_ACCESS_TOKEN_SECONDS: '6000' });
    expect(faults.map((fault) => fault.split(':')[0]).sort()).toEqual([
      'brand.colour',
      'port',
      'prot',
      'tokens.access_token_seconds',
    ]);
  });

  it.each([
    ['PORT', 'abc', 'port: must be a whole number from 0 to 65535 (PORT)'],
    ['TOKENS_ACCESS_TOKEN_SECONDS', '3600', 'tokens.access_token_seconds: must be a whole number from 60 to 600'],
    ['EMBEDDED', 'maybe', 'embedded: must be yes or no'],
    ['LOG_LEVEL', 'loud', 'log_level: must be one of fatal, error, warn'],
    ['PUBLIC_URL', 'hub.example', 'public_url: must be an http or https address'],
    ['DATABASE_URL', 'mysql://hub:secret@db/hub', 'database_url: must be postgres://user:password@host:port/database'],
    ['MAIL_SMTP_URL', 'smtp:', 'mail.smtp_url: must be smtp://'],
    ['MAIL_FROM', 'nobody', 'mail.from: must be an e-mail address'],
    ['TIME_ZONE', 'Mars/Base', 'time_zone: must be an IANA time zone'],
    ['BRAND_RADIUS', '50px', 'brand.radius: must be a radius from 0px to 24px'],
    ['BRAND_LOGO', '/logo.svg', 'brand.logo: must be a PNG, JPEG or WebP file'],
    ['BRAND_LOGO', '/nowhere/logo.png', 'brand.logo: the file /nowhere/logo.png cannot be read'],
    ['CONTACT_HELP_URL', 'javascript:alert(1)', 'contact.help_url: must be an http or https address'],
    ['SECRETS_KEY', 'c2hvcnQ=', 'secrets_key: must hold 32 bytes in base64'],
  ])('say in words what is wrong with %s=%s, and never what a secret was', (name, value, sentence) => {
    const faults = faultsOf({ [name]: value });
    expect(faults).toEqual([expect.stringContaining(sentence)]);
    expect(faults.join()).not.toMatch(/secret@|c2hvcnQ/);
  });

  it('name the file of settings that cannot be read, and what is wrong with it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mandate-config-'));
    const files = {
      broken: 'brand: [\n',
      list: '- port\n',
      empty: '',
      nothing: 'port:\nworkers: yes\n',
      flat: 'mail: 7\n',
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const faults = (name: string) => faultsOf({ CONFIG_FILE: join(folder, name) });
    expect(faults('absent')).toEqual([expect.stringMatching(/^CONFIG_FILE \S+absent: ENOENT/)]);
    expect(faults('broken')).toEqual([expect.stringMatching(/^CONFIG_FILE \S+broken: .* at line 2/)]);
    expect(faults('list')).toEqual([expect.stringContaining('must hold settings by name')]);
    expect(faults('empty')).toEqual([]);
    expect(faults('nothing')).toEqual([
      'port: must be a whole number from 0 to 65535',
      'workers: must be a whole number from 1 to 64',
    ]);
    expect(faults('flat')).toEqual(['mail: must hold settings of its own']);
  });

  it('ask for https, a database and a key once the address is off this machine', () => {
    expect(faultsOf({ PUBLIC_URL: 'http://hub.example' }).map((fault) => fault.split(':')[0])).toEqual([
      'public_url',
      'database_url',
      'secrets_key',
    ]);
    const complete = { PUBLIC_URL: 'https://hub.example', DATABASE_URL: 'postgres://x', SECRETS_KEY: KEY };
    expect(loadConfig(complete).production).toBe(true);
    expect(loadConfig({ ...complete, DATABASE_URL: '', EMBEDDED: 'yes' }).embedded).toBe(true);
  });

  it('allow several processes only with a database of their own', () => {
    expect(faultsOf({ WORKERS: '2' })).toEqual(['workers: more than 1 needs database_url']);
  });
});

describe('the README', () => {
  it('lists every setting as the schema has it', async () => {
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    const rows = settings().map(
      ({ env, default: value, description }) =>
        `| \`${env}\` | ${value === null ? '' : `\`${String(value)}\``} | ${description} |`,
    );
    expect(
      readme
        .split('\n')
        .filter((line) => line.startsWith('| `') && line.split('|').length === 5 && /^\| `[A-Z_]+` /.test(line)),
    ).toEqual(rows);
  });
});
