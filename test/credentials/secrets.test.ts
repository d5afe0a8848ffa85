import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSecrets, openSecrets, type SecretsSettings } from '../../src/credentials/secrets.ts';

let folder: string;
const settings = (over: Partial<SecretsSettings> = {}): SecretsSettings => ({
  secrets_key: null,
  secrets_key_file: null,
  database_url: null,
  production: false,
  data_dir: folder,
  ...over,
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mandate-secrets-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const key = Buffer.alloc(32, 1);
const other = Buffer.alloc(32, 2);

describe('sealing', () => {
  it('opens what it sealed, and never seals twice alike', () => {
    const { seal, open } = createSecrets(key);
    const [one, two] = [seal(Buffer.from('text'), 'label'), seal(Buffer.from('text'), 'label')];
    expect(open(one, 'label').toString()).toBe('text');
    expect(one.equals(two)).toBe(false);
  });

  it('refuses another key, another label and altered bytes', () => {
    const sealed = createSecrets(key).seal(Buffer.from('text'), 'label');
    expect(() => createSecrets(other).open(sealed, 'label')).toThrow();
    expect(() => createSecrets(key).open(sealed, 'other label')).toThrow();
    sealed[14] = (sealed[14] ?? 0) ^ 1;
    expect(() => createSecrets(key).open(sealed, 'label')).toThrow();
  });

  it('derives a key of its own for each purpose, the same at each start', () => {
    const purposes = ['pepper', 'cookies', 'cursors', 'forms', 'throttle'] as const;
    const derived = purposes.map((purpose) => createSecrets(key).derive(purpose).export().toString('hex'));
    expect(new Set(derived).size).toBe(purposes.length);
    expect(createSecrets(key).derive('pepper').export().toString('hex')).toBe(derived[0]);
    expect(createSecrets(key).keyId).not.toBe(createSecrets(other).keyId);
  });
});

describe('the key', () => {
  it('is made once in the data folder, readable by its owner only', async () => {
    const first = await openSecrets(settings());
    const second = await openSecrets(settings());
    expect(second.keyId).toBe(first.keyId);
    expect((await stat(join(folder, 'secrets.key'))).mode & 0o777).toBe(0o600);
  });

  it('comes from a mounted file', async () => {
    const file = join(folder, 'mounted');
    await writeFile(file, `${key.toString('base64')}\n`);
    expect((await openSecrets(settings({ secrets_key_file: file }))).keyId).toBe(createSecrets(key).keyId);
  });

  it('must be given with a database server, where a file would be of one machine', async () => {
    await expect(openSecrets(settings({ database_url: 'postgres://db/mandate', production: true }))).rejects.toThrow(
      /SECRETS_KEY/,
    );
    await expect(readFile(join(folder, 'secrets.key'))).rejects.toThrow();
  });

  it('has 32 bytes; anything else stops the start with a clear line', async () => {
    await expect(openSecrets(settings({ secrets_key: 'c2hvcnQ=' }))).rejects.toThrow(/32 bytes in base64/);
    await expect(openSecrets(settings({ secrets_key_file: join(folder, 'missing') }))).rejects.toThrow(
      /cannot be read/,
    );
  });
});
