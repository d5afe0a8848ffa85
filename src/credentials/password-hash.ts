// Hashes what people type: argon2id (RFC 9106) over HMAC-SHA256(pepper, password in NFC), stored as
// `<pepper id>$argon2id$...`. Hashing is bounded: as many at once as there are cores, a short queue behind them, then
// "unavailable", so that a storm of sign-ins starves nothing else. Machine secrets are not hashed here: they are random.
import { createHmac, randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import argon2, { argon2id } from 'argon2';
import type { Config } from '../config.ts';
import { HubError } from '../errors.ts';
import { ambientConnection } from '../database/transaction.ts';
import { pepperOf } from './former-peppers.ts';
import { secrets } from './secrets.ts';

export const MAXIMUM_LENGTH = 256;

type PasswordSettings = Config['password'];

type Hasher = { settings: PasswordSettings; keyId: string; dummy: Promise<string> };

let hasher: Hasher | undefined;

/** Call once at start, after openSecrets; a first hash has been made when it is done. */
export async function startPasswordHashing(settings: PasswordSettings): Promise<void> {
  const { keyId } = secrets();
  hasher = { settings, keyId, dummy: Promise.resolve('') };
  hasher.dummy = hashPassword(randomBytes(24).toString('base64'));
  await hasher.dummy;
}

function current(): Hasher {
  if (!hasher) throw new Error('Password hashing is not started');
  return hasher;
}

/** The operator's rules for passwords. */
export const passwordSettings = (): PasswordSettings => current().settings;

/** Code points after normalization: what length rules count. */
export const passwordLength = (password: string): number => [...password.normalize('NFC')].length;

/** Throws HubError `unavailable` (details.retryAfter) when too many wait. Never call it in a transaction. */
export async function hashPassword(password: string): Promise<string> {
  const { settings, keyId } = current();
  if (passwordLength(password) > MAXIMUM_LENGTH)
    throw new HubError('invalid_input', `A password has at most ${MAXIMUM_LENGTH} characters.`);
  const hash = await bounded(() => argon2.hash(seasoned(password, keyId), parameters(settings)));
  return `${keyId}${hash}`;
}

/** `stale`: right, but hashed with other parameters or another pepper than today's; store it anew. */
type Verdict = { readonly right: boolean; readonly stale: boolean };
const WRONG: Verdict = { right: false, stale: false };

/**
 * Compares a password with a stored hash; without one it spends the same time on a hash that nobody has.
 * Throws HubError `unavailable` when too many wait.
 */
export async function verifyPassword(stored: string | undefined, password: string): Promise<Verdict> {
  const { settings, keyId, dummy } = current();
  if (passwordLength(password) > MAXIMUM_LENGTH) return WRONG;
  const whole = stored ?? (await dummy);
  const cut = whole.indexOf('$');
  const [madeWith, digest] = [whole.slice(0, cut), whole.slice(cut)];
  const known = pepperOf(madeWith) !== undefined;
  const right = await bounded(() => {
    evaluated += 1;
    return argon2.verify(digest, seasoned(password, known ? madeWith : keyId));
  });
  if (!right || stored === undefined || !known) return WRONG;
  return { right: true, stale: madeWith !== keyId || argon2.needsRehash(digest, parameters(settings)) };
}

let evaluated = 0;

/** How many passwords this process has compared with a hash, also with one that nobody has. */
export const passwordEvaluations = (): number => evaluated;

const parameters = (settings: PasswordSettings) => ({
  type: argon2id as 2,
  memoryCost: settings.hash_memory_kib,
  timeCost: settings.hash_passes,
  parallelism: 1,
});

function seasoned(password: string, keyId: string): Buffer {
  const pepper = pepperOf(keyId);
  if (!pepper) throw new Error('There is no such pepper');
  return createHmac('sha256', pepper).update(password.normalize('NFC')).digest();
}

const slots = availableParallelism();
let running = 0;
const waiting: (() => void)[] = [];

async function bounded<T>(work: () => Promise<T>): Promise<T> {
  // A transaction would hold its connection, and on the embedded engine everybody, for the time of the hash.
  if (ambientConnection()) throw new Error('A password is never hashed inside a transaction');
  if (running < slots) running++;
  else {
    if (waiting.length >= current().settings.hash_queue) {
      throw new HubError('unavailable', 'Many people are signing in right now. Try again in a moment.', {
        retryAfter: 2,
      });
    }
    // The slot is handed over, so that nobody who comes later slips in between.
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}
