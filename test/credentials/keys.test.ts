// Keys change and nothing fails: signing keys over months of a moved clock, the secrets key with everything under it.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, importJWK, jwtVerify, SignJWT, type JWK } from 'jose';
import { loadFormerPeppers } from '../../src/credentials/former-peppers.ts';
import { hashPassword, startPasswordHashing, verifyPassword } from '../../src/credentials/password-hash.ts';
import { makeRecoveryCodes, spendRecoveryCode } from '../../src/credentials/recovery-codes.ts';
import { rewrapSecrets, SEALED } from '../../src/credentials/rewrap-secrets.ts';
import { openSecrets, secrets } from '../../src/credentials/secrets.ts';
import {
  ensureSigningKeys,
  listSigningKeys,
  loadSigningKeys,
  rotateKeysNow,
  rotateSigningKeys,
} from '../../src/credentials/signing-keys.ts';
import { enrolTotp, spendTotpCode } from '../../src/credentials/totp.ts';
import { query } from '../../src/database/query.ts';
import { transaction } from '../../src/database/transaction.ts';
import { listMails } from '../../src/mail/list-mails.ts';
import { mailUser } from '../../src/mail/mail-user.ts';
import { openMailHub } from '../mail/mail-hub.ts';
import { addOrganization, addUser, PASSWORD, systemCtx, type TestUser } from '../oidc/hub.ts';
import { codeNow, newSeed } from '../second-factor/world.ts';
import { closeTestDatabase } from '../support/database.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const CHEAP = { minimum_length: 15, temporary_hours: 72, hash_memory_kib: 7168, hash_passes: 1, hash_queue: 64 };

beforeAll(() => openMailHub());
afterAll(closeTestDatabase);

type Published = { at: number; keys: JWK[] };
const published = async (): Promise<JWK[]> => (await loadSigningKeys()).map(({ publicJwk }) => publicJwk);

describe('the signing keys', () => {
  it('rotate through two hundred days without one token that anybody refuses', async () => {
    const start = Date.parse('2027-01-01T00:00:00Z');
    await ensureSigningKeys(new Date(start));
    const seen: Published[] = [];
    const signed: { at: number; token: string }[] = [];
    let verified = 0;
    let rotations = 0;
    for (let at = start; at < start + 200 * DAY; at += 6 * HOUR) {
      rotations += (await rotateSigningKeys(new Date(at), { activeDays: 30 })).length;
      const keys = await loadSigningKeys();
      seen.push({ at, keys: keys.map(({ publicJwk }) => publicJwk) });
      const signer = keys.find(({ algorithm, state }) => algorithm === 'ES256' && state === 'active');
      if (!signer) throw new Error('Nobody signs');
      const token = await new SignJWT({ sub: 'x' })
        .setProtectedHeader({ alg: 'ES256', kid: signer.kid })
        .setIssuedAt(at / 1000)
        .setExpirationTime(at / 1000 + 3600)
        .sign(await importJWK(signer.privateJwk, 'ES256'));
      signed.push({ at, token });
      // A relying party that looked up to eighteen hours ago knows the key; one that looks now knows it of any token that lives.
      const cached = seen.filter(({ at: then }) => then > at - DAY);
      const living = signed.filter(({ at: then }) => then > at - DAY);
      for (const { keys: known } of cached) verified += await verifies(token, known, at);
      for (const one of living) verified += await verifies(one.token, await published(), one.at);
    }
    expect(rotations).toBeGreaterThanOrEqual(10);
    expect(verified).toBeGreaterThan(5000);
    const states = (await listSigningKeys()).map(({ algorithm, state }) => `${algorithm} ${state}`);
    expect(states.filter((state) => state.endsWith('active')).sort()).toEqual(['ES256 active', 'RS256 active']);
  }, 120_000);

  it('rotate on demand only onto a key that has been published for a day, and the list says from when', async () => {
    await query('delete from signing_keys');
    const now = new Date('2028-01-01T00:00:00Z');
    await ensureSigningKeys(now);
    const ctx = { ...systemCtx(), now };
    const first = await rotateKeysNow(ctx);
    expect(first.rotated).toEqual([]);
    const next = first.keys.filter(({ state }) => state === 'next');
    expect(next.map(({ usableFrom }) => usableFrom?.getTime())).toEqual(next.map(() => now.getTime() + DAY));
    const later = await rotateKeysNow({ ...ctx, now: new Date(now.getTime() + DAY) });
    expect(later.rotated.toSorted()).toEqual(next.map(({ kid }) => kid).toSorted());
    expect(await query("select 1 from audit_events where action = 'keys.rotated'")).toHaveLength(1);
    const gone = await rotateKeysNow({ ...ctx, now: new Date(now.getTime() + 2 * DAY + 1) });
    expect(gone.keys.filter(({ state }) => state === 'retiring')).toHaveLength(2);
  });
});

async function verifies(token: string, keys: JWK[], at: number): Promise<number> {
  await jwtVerify(token, createLocalJWKSet({ keys }), { currentDate: new Date(at) });
  return 1;
}

describe('the secrets key', () => {
  const open = (fill: number, former?: number) =>
    openSecrets({
      secrets_key: Buffer.alloc(32, fill).toString('base64'),
      secrets_key_file: null,
      former_secrets_key: former === undefined ? null : Buffer.alloc(32, former).toString('base64'),
      database_url: null,
      production: false,
      data_dir: '',
    });
  async function restart(fill: number, former?: number): Promise<void> {
    await open(fill, former);
    await ensureSigningKeys(new Date());
    await loadFormerPeppers();
    await startPasswordHashing(CHEAP);
  }

  it('covers every column that is sealed and stays', async () => {
    const tables = await query<{ name: string }>(
      "select table_name as name from information_schema.columns where table_schema = 'public' and column_name = 'secrets_key_id' order by 1",
    );
    expect(SEALED.map(({ table }) => table).toSorted()).toEqual(tables.map(({ name }) => name));
  });

  it('is replaced while everything goes on: sealed secrets move, passwords and recovery codes stay good', async () => {
    const company = await addOrganization('Noordzee Media');
    const users: (TestUser & { seed: string })[] = [];
    for (let n = 0; n < 3; n++) {
      const user = await addUser(company, { email: `sealed.${n}@noordzee.example` });
      const seed = newSeed();
      await enrolTotp(systemCtx(), { ...user, seed });
      users.push({ ...user, seed });
    }
    const [user] = users;
    if (!user) throw new Error('There is nobody');
    const codes = await makeRecoveryCodes(systemCtx(), user);
    await mailUser(systemCtx(), { kind: 'password_changed', ...user, values: { at: new Date() } });
    const hash = await hashPassword(PASSWORD);
    const kids = (await listSigningKeys()).map(({ kid }) => kid);

    await expect(restart(20)).rejects.toThrow(/FORMER_SECRETS_KEY/);
    await restart(20, 9);
    // Before anything has moved, everything opens.
    expect(await verifyPassword(hash, PASSWORD)).toEqual({ right: true, stale: true });
    expect((await listMails(1))[0]?.kind).toBe('password_changed');
    const moved = await rewrapSecrets(systemCtx());
    expect(moved).toMatchObject({ keyId: secrets().keyId, remaining: 0 });
    expect(moved.rewrapped).toBeGreaterThanOrEqual(users.length + kids.length + 1);
    expect(await rewrapSecrets(systemCtx())).toMatchObject({ rewrapped: 0, remaining: 0 });

    // The former key is gone.
    await restart(20);
    expect((await listSigningKeys()).map(({ kid }) => kid)).toEqual(kids);
    expect((await loadSigningKeys()).length).toBe(kids.length);
    expect((await listMails(1))[0]?.text).toContain(user.userName);
    for (const one of users)
      expect(await transaction(() => spendTotpCode(systemCtx(), one, codeNow(one.seed)))).toBe(true);
    expect(await verifyPassword(hash, PASSWORD)).toEqual({ right: true, stale: true });
    expect((await verifyPassword(hash, `${PASSWORD}!`)).right).toBe(false);
    expect(await transaction(() => spendRecoveryCode(systemCtx(), user, codes[0] ?? ''))).toBe(true);

    // And once more: the pepper of the first key moves along.
    await restart(21, 20);
    await rewrapSecrets(systemCtx());
    await restart(21);
    expect((await verifyPassword(hash, PASSWORD)).right).toBe(true);
    expect(await transaction(() => spendRecoveryCode(systemCtx(), user, codes[1] ?? ''))).toBe(true);
  });

  it('is not moved without the key that opens what is stored', async () => {
    await open(30);
    await expect(rewrapSecrets(systemCtx())).rejects.toMatchObject({ code: 'conflict' });
    await restart(21);
  });
});
