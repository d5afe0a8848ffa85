// The key that protects secrets at rest: AES-256-GCM under it (NIST SP 800-38D), and keys for single purposes derived
// from it (HKDF, RFC 5869). The key's id is derived too: stored beside what was sealed, it tells a wrong key at start.
// While a key is being replaced the former one is given beside it: what it sealed can be opened, nothing is sealed with it.
// Knows nothing of what is sealed.
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, randomBytes, type KeyObject } from 'node:crypto';
import { chmod, mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export type SecretsSettings = Pick<
  Config,
  'secrets_key' | 'secrets_key_file' | 'database_url' | 'data_dir' | 'production'
> &
  Partial<Pick<Config, 'former_secrets_key' | 'former_secrets_key_file'>>;

/** What a derived key may be used for; each is independent of the others. */
type Purpose = 'pepper' | 'cookies' | 'cursors' | 'forms' | 'throttle' | 'totp' | 'demo';

type Secrets = {
  /** Names the key without telling it; stored with everything sealed. */
  readonly keyId: string;
  /** The former key, while what it sealed is being moved. */
  readonly former: Secrets | undefined;
  /** nonce, ciphertext and tag. `label` says what it is and must be given again to open it. */
  readonly seal: (plain: Uint8Array, label: string) => Buffer;
  /** Throws when the key (this or the former one), the label or the bytes are not those of `seal`. */
  readonly open: (sealed: Uint8Array, label: string) => Buffer;
  /** 32 bytes, the same at each start; as a key object, which nothing prints and every HMAC takes as it is. */
  readonly derive: (purpose: Purpose) => KeyObject;
};

/** The start must stop: the message tells the operator what to do. */
export class SecretsKeyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SecretsKeyError';
  }
}

let current: Secrets | undefined;

/** The process's secrets. A programming error before openSecrets. */
export function secrets(): Secrets {
  if (!current) throw new Error('The secrets are not open');
  return current;
}

/** Reads the key, or makes one in DATA_DIR for the embedded engine's first start. Throws SecretsKeyError. */
export async function openSecrets(settings: SecretsSettings): Promise<Secrets> {
  const former = await readFormerKey(settings);
  current = createSecrets(await readKey(settings), former && createSecrets(former));
  return current;
}

/** @param key 32 bytes */
export function createSecrets(key: Uint8Array, former?: Secrets): Secrets {
  const expand = (info: string, length: number) => Buffer.from(hkdfSync('sha256', key, 'mandate', info, length));
  const sealing = expand('seal', KEY_BYTES);
  const openOwn = (sealed: Uint8Array, label: string): Buffer => {
    const bytes = Buffer.from(sealed);
    const decipher = createDecipheriv('aes-256-gcm', sealing, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(label)).setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  };
  const derived = new Map<Purpose, KeyObject>();
  return {
    keyId: expand('key id', 9).toString('base64url'),
    former,
    seal: (plain, label) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce).setAAD(Buffer.from(label));
      return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open: (sealed, label) => {
      try {
        return openOwn(sealed, label);
      } catch (error) {
        if (!former) throw error;
        return former.open(sealed, label);
      }
    },
    derive: (purpose) => {
      const known = derived.get(purpose) ?? createSecretKey(expand(`derive ${purpose}`, KEY_BYTES));
      derived.set(purpose, known);
      return known;
    },
  };
}

async function readKeyFile(file: string, setting: string): Promise<Buffer> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new SecretsKeyError(`${setting} ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  });
  return decode(text, setting);
}

async function readFormerKey(settings: SecretsSettings): Promise<Buffer | undefined> {
  const { former_secrets_key: key, former_secrets_key_file: file } = settings;
  if (key) return decode(key, 'FORMER_SECRETS_KEY');
  return file ? readKeyFile(file, 'FORMER_SECRETS_KEY_FILE') : undefined;
}

async function readKey(settings: SecretsSettings): Promise<Buffer> {
  if (settings.secrets_key) return decode(settings.secrets_key, 'SECRETS_KEY');
  if (settings.secrets_key_file) return readKeyFile(settings.secrets_key_file, 'SECRETS_KEY_FILE');
  // A key in a folder of one machine would leave every other machine on the same database without it. On loopback there is only one.
  if (settings.database_url && settings.production) {
    throw new SecretsKeyError(
      'With DATABASE_URL the key must be given: set SECRETS_KEY or SECRETS_KEY_FILE (openssl rand -base64 32).',
    );
  }
  return readOrMakeFile(settings.data_dir);
}

async function readOrMakeFile(folder: string): Promise<Buffer> {
  const file = join(folder, 'secrets.key');
  await mkdir(folder, { recursive: true });
  try {
    const handle = await open(file, 'wx', 0o600);
    const key = randomBytes(KEY_BYTES);
    await handle.writeFile(`${key.toString('base64')}\n`);
    await handle.sync();
    await handle.close();
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await chmod(file, 0o600);
    return decode(await readFile(file, 'utf8'), file);
  }
}

function decode(text: string, source: string): Buffer {
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length === KEY_BYTES) return key;
  throw new SecretsKeyError(
    `${source} must hold 32 bytes in base64 (openssl rand -base64 32); it holds ${key.length}.`,
  );
}
