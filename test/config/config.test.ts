import { describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, loadConfig, settings } from '../../src/config.ts';

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

  it('ask for https, a database and a key once the address is off this machine', () => {
    expect(faultsOf({ PUBLIC_URL: 'http://hub.example' }).map((fault) => fault.split(':')[0])).toEqual([
      'public_url',
      'database_url',
      'secrets_key',
    ]);
    const complete = { PUBLIC_URL: 'https://hub.example', DATABASE_URL: 'postgres://x', SECRETS_KEY: 'x' };
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
