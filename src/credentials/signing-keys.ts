// The key pairs that tokens are signed with: RS256 for ID tokens (OIDC Core 15.1) and ES256 for access tokens. A key is
// published as `next` for a day before it signs as `active`, and stays published as `retiring` until the last token it
// signed has ended. Private parts are sealed under the secrets key.
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { recordAudit } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import { checkSealedSecrets } from './rewrap-secrets.ts';
import { secrets } from './secrets.ts';

const SIGNING_ALGORITHMS = ['RS256', 'ES256'] as const;
type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];
type KeyState = 'next' | 'active' | 'retiring';

export type SigningKey = {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly state: KeyState;
  readonly publicJwk: JWK;
  readonly privateJwk: JWK;
};

const KEYS_LOCK = 7_301_945;
const HOUR_MS = 3_600_000;
export const PUBLISHED_BEFORE_USE_MS = 24 * HOUR_MS;
/** Longer than any token lives. */
const RETIRING_MS = 24 * HOUR_MS;
const ACTIVE_DAYS = 90;

/** One change of the keys at a time, until the transaction ends. */
export const lockKeys = () => query('select pg_advisory_xact_lock($1)', [KEYS_LOCK]);

const generate = promisify(generateKeyPair);
const label = (kid: string) => `signing key ${kid}`;

type NewKey = { kid: string; algorithm: SigningAlgorithm; publicJwk: JWK; privateJwk: JWK };

/** Takes its time; never in a transaction. */
export async function makeKey(algorithm: SigningAlgorithm): Promise<NewKey> {
  const pair =
    algorithm === 'RS256'
      ? await generate('rsa', { modulusLength: 2048 })
      : await generate('ec', { namedCurve: 'P-256' });
  const publicJwk = pair.publicKey.export({ format: 'jwk' }) as JWK;
  const kid = await calculateJwkThumbprint(publicJwk);
  const named = { kid, alg: algorithm, use: 'sig' };
  return {
    kid,
    algorithm,
    publicJwk: { ...publicJwk, ...named },
    privateJwk: { ...(pair.privateKey.export({ format: 'jwk' }) as JWK), ...named },
  };
}

export async function insertKey(key: NewKey, state: KeyState, now: Date): Promise<void> {
  await query(
    `insert into signing_keys (kid, algorithm, state, public_jwk, private_key, secrets_key_id, created_at, activated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      key.kid,
      key.algorithm,
      state,
      JSON.stringify(key.publicJwk),
      secrets().seal(Buffer.from(JSON.stringify(key.privateJwk)), label(key.kid)),
      secrets().keyId,
      now,
      state === 'active' ? now : null,
    ],
  );
}

/** Makes the first keys. Throws SecretsKeyError when the stored secrets were sealed under another secrets key. */
export async function ensureSigningKeys(now: Date): Promise<void> {
  await checkSealedSecrets();
  const known = await query<{ algorithm: SigningAlgorithm }>(
    "select algorithm from signing_keys where state = 'active'",
  );
  if (SIGNING_ALGORITHMS.every((algorithm) => known.some((row) => row.algorithm === algorithm))) return;
  // Made outside the transaction: an RSA key takes its time.
  const made = await Promise.all(SIGNING_ALGORITHMS.map(makeKey));
  await transaction(async () => {
    await lockKeys();
    const active = await query<{ algorithm: string }>("select algorithm from signing_keys where state = 'active'");
    for (const key of made)
      if (!active.some((row) => row.algorithm === key.algorithm)) await insertKey(key, 'active', now);
  });
}

/** All published keys, those that sign first. */
export async function loadSigningKeys(): Promise<SigningKey[]> {
  const rows = await query<{
    kid: string;
    algorithm: SigningAlgorithm;
    state: KeyState;
    public_jwk: JWK;
    private_key: Buffer;
  }>(
    "select kid, algorithm, state, public_jwk, private_key from signing_keys order by state <> 'active', state, created_at desc, kid",
  );
  return rows.map((row) => ({
    kid: row.kid,
    algorithm: row.algorithm,
    state: row.state,
    publicJwk: row.public_jwk,
    privateJwk: JSON.parse(secrets().open(row.private_key, label(row.kid)).toString()) as JWK,
  }));
}

/** Changes exactly when the published keys or their states do; cheap enough to ask every second. */
export async function signingKeysVersion(): Promise<string> {
  const rows = await query<{ kid: string; state: string }>('select kid, state from signing_keys order by kid');
  return rows.map(({ kid, state }) => `${kid} ${state}`).join(' ');
}

type RotateOptions = {
  /** The next key takes over as soon as it may, not only when the active one is old enough. */
  readonly force?: boolean;
  /** How old a key may grow; 90 days without it. */
  readonly activeDays?: number;
};

/**
 * One step of the rotation, safe to run at any time and by several processes: a `next` key that has been published for a
 * day takes over from an active one that is old enough, or at once with `force`; a new `next` is made where there is none;
 * what has retired goes. Answers the ids of the keys that became active.
 */
export async function rotateSigningKeys(now: Date, options: RotateOptions = {}): Promise<string[]> {
  const { force = false, activeDays = ACTIVE_DAYS } = options;
  // An RSA key takes its time: it is made before the transaction, and only where one may be wanted.
  const spare = await Promise.all((await wanted(now, force, activeDays)).map(makeKey));
  return transaction(async () => {
    await lockKeys();
    await query("delete from signing_keys where state = 'retiring' and retire_at <= $1", [now]);
    const taken: string[] = [];
    for (const algorithm of SIGNING_ALGORITHMS) {
      const successor = await dueSuccessor(algorithm, now, force, activeDays);
      if (successor !== undefined) {
        await query(
          "update signing_keys set state = 'retiring', retire_at = $2 where algorithm = $1 and state = 'active'",
          [algorithm, new Date(now.getTime() + RETIRING_MS)],
        );
        await query("update signing_keys set state = 'active', activated_at = $2 where kid = $1", [successor, now]);
        taken.push(successor);
      }
      const key = spare.find((one) => one.algorithm === algorithm);
      if (key && !(await hasNext(algorithm))) await insertKey(key, 'next', now);
    }
    return taken;
  });
}

const hasNext = async (algorithm: SigningAlgorithm): Promise<boolean> =>
  (await queryOne("select 1 from signing_keys where algorithm = $1 and state = 'next'", [algorithm])) !== undefined;

async function dueSuccessor(
  algorithm: SigningAlgorithm,
  now: Date,
  force: boolean,
  activeDays: number,
): Promise<string | undefined> {
  const due = await queryOne<{ kid: string }>(
    `select next.kid from signing_keys next join signing_keys active on active.algorithm = next.algorithm and active.state = 'active'
     where next.algorithm = $1 and next.state = 'next' and next.created_at <= $2 and ($3 or active.activated_at <= $4)`,
    [
      algorithm,
      new Date(now.getTime() - PUBLISHED_BEFORE_USE_MS),
      force,
      new Date(now.getTime() - activeDays * 24 * HOUR_MS),
    ],
  );
  return due?.kid;
}

async function wanted(now: Date, force: boolean, activeDays: number): Promise<SigningAlgorithm[]> {
  const found: SigningAlgorithm[] = [];
  for (const algorithm of SIGNING_ALGORITHMS)
    if (!(await hasNext(algorithm)) || (await dueSuccessor(algorithm, now, force, activeDays)) !== undefined)
      found.push(algorithm);
  return found;
}

export type KeyDescription = {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly state: KeyState;
  readonly createdAt: Date;
  readonly activatedAt: Date | null;
  readonly retireAt: Date | null;
  /** Of a `next` key: from when it may sign, having been published for a day. */
  readonly usableFrom: Date | null;
};

/** The published keys without their private parts, those that sign first. */
export async function listSigningKeys(): Promise<KeyDescription[]> {
  const rows = await query<Omit<KeyDescription, 'usableFrom'>>(
    `select kid, algorithm, state, created_at as "createdAt", activated_at as "activatedAt", retire_at as "retireAt"
     from signing_keys order by state <> 'active', state, created_at desc, kid`,
  );
  const usableFrom = ({ state, createdAt }: Omit<KeyDescription, 'usableFrom'>) =>
    state === 'next' ? new Date(createdAt.getTime() + PUBLISHED_BEFORE_USE_MS) : null;
  return rows.map((row) => ({ ...row, usableFrom: usableFrom(row) }));
}

type Rotation = { readonly rotated: readonly string[]; readonly keys: readonly KeyDescription[] };

/** The operator rotates now. Where no next key has been published for a day yet nothing takes over; the list says from when. */
export async function rotateKeysNow(ctx: Ctx): Promise<Rotation> {
  const rotated = await rotateSigningKeys(ctx.now, { force: true });
  if (rotated.length > 0)
    await recordAudit(ctx, {
      action: 'keys.rotated',
      targetKind: 'keys',
      targetId: rotated.join(' '),
      organizationId: OPERATOR_ORGANIZATION_ID,
      after: { active: rotated },
    });
  return { rotated, keys: await listSigningKeys() };
}
