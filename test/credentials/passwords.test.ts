import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { changePassword, giveTemporaryPassword } from '../../src/credentials/change-password.ts';
import { createLink, readLink, useLink } from '../../src/credentials/one-time-link.ts';
import { hashPassword, startPasswordHashing, verifyPassword } from '../../src/credentials/password-hash.ts';
import { setPasswordByLink } from '../../src/credentials/set-password-by-link.ts';
import { createSecrets, openSecrets } from '../../src/credentials/secrets.ts';
import { ensureSigningKeys, loadSigningKeys } from '../../src/credentials/signing-keys.ts';
import { verifySignIn } from '../../src/credentials/verify-sign-in.ts';
import { query } from '../../src/database/query.ts';
import { transaction } from '../../src/database/transaction.ts';
import { HubError } from '../../src/errors.ts';
import { changeUser } from '../../src/users/change-user.ts';
import { addOrganization, addUser, openCredentials, PASSWORD, systemCtx, type TestUser } from '../oidc/hub.ts';
import { closeTestDatabase } from '../support/database.ts';

const CHEAP = { minimum_length: 15, temporary_hours: 72, hash_memory_kib: 7168, hash_passes: 1, hash_queue: 64 };
const OTHER = 'seven gulls above grey water';

let organizationId: string;
let user: TestUser;
beforeAll(async () => {
  await openCredentials();
  organizationId = await addOrganization('Noordzee Media');
});
afterAll(closeTestDatabase);

const attempt = (name: string, password: string) => verifySignIn(systemCtx(), { name, password, address: '192.0.2.7' });

describe('a password hash', () => {
  it('is argon2id with the id of its pepper, and verifies in either Unicode form', async () => {
    const hash = await hashPassword('caffè lungo al porto');
    expect(hash).toMatch(/^[\w-]{12}\$argon2id\$v=19\$m=7168,p=1,t=1\$/);
    expect(await verifyPassword(hash, 'caffè lungo al porto'.normalize('NFD'))).toEqual({ right: true, stale: false });
    expect((await verifyPassword(hash, 'caffe lungo al porto')).right).toBe(false);
  });

  it('is nothing worth under another secrets key', async () => {
    const hash = await hashPassword(PASSWORD);
    await withKey(3, async () => expect((await verifyPassword(hash, PASSWORD)).right).toBe(false));
  });

  it('never fits where there is none, nor for an endless password', async () => {
    expect((await verifyPassword(undefined, PASSWORD)).right).toBe(false);
    expect((await verifyPassword(await hashPassword(PASSWORD), 'x'.repeat(100_000))).right).toBe(false);
    await expect(hashPassword('x'.repeat(257))).rejects.toMatchObject({ code: 'invalid_input' });
  });

  it('is not computed inside a transaction', async () => {
    await expect(transaction(() => hashPassword(PASSWORD))).rejects.toThrow(/transaction/);
  });

  it('is refused as unavailable when too many wait', async () => {
    await startPasswordHashing({ ...CHEAP, hash_queue: 1 });
    const results = await Promise.allSettled(Array.from({ length: 40 }, () => hashPassword(PASSWORD)));
    await startPasswordHashing(CHEAP);
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.reason).toMatchObject({ code: 'unavailable', details: { retryAfter: 2 } });
  });

  it('is renewed at sign-in when the parameters have changed', async () => {
    user = await addUser(organizationId);
    await startPasswordHashing({ ...CHEAP, hash_passes: 2 });
    await attempt(user.userName, PASSWORD);
    const [row] = await query<{ hash: string }>('select hash from passwords where user_id = $1', [user.userId]);
    await startPasswordHashing(CHEAP);
    expect(row?.hash).toContain('t=2');
  });
});

describe('changing a password', () => {
  it('asks for the current one and checks the rules', async () => {
    user = await addUser(organizationId);
    const change = { ...user, current: PASSWORD, next: OTHER };
    await expect(changePassword(systemCtx(), { ...change, current: 'not it' })).rejects.toMatchObject({
      code: 'invalid_credentials',
    });
    await expect(changePassword(systemCtx(), { ...change, next: 'short' })).rejects.toMatchObject({
      code: 'invalid_input',
      details: { issues: [expect.objectContaining({ path: 'password', code: 'minimum_length' })] },
    });
    await changePassword(systemCtx(), change);
    await expect(attempt(user.userName, PASSWORD)).rejects.toMatchObject({ code: 'invalid_credentials' });
    expect((await attempt(user.userName, OTHER)).persons[0].userId).toBe(user.userId);
  });

  it('refuses former ones where the organization remembers them, keeps no more of them, and none elsewhere', async () => {
    const remembering = await addOrganization('Onthouden');
    await query(`update organizations set settings = '{"password_history": 2}' where id = $1`, [remembering]);
    const own = await addUser(remembering);
    const all = [PASSWORD, 'first gull over grey water', 'second gull over grey water', 'third gull over grey water'];
    for (let n = 1; n < all.length; n++)
      await changePassword(systemCtx(), { ...own, current: all[n - 1] ?? '', next: all[n] ?? '' });
    const again = (next: string) => changePassword(systemCtx(), { ...own, current: all.at(-1) ?? '', next });
    for (const former of all.slice(1, 3))
      await expect(again(former)).rejects.toMatchObject({ details: { issues: [{ code: 'not_reused' }] } });
    const kept = await query<{ hash: string }>('select hash from password_history where user_id = $1', [own.userId]);
    expect(kept).toHaveLength(2);
    expect(kept.every(({ hash }) => hash.includes('$argon2id$'))).toBe(true);
    await again(PASSWORD);
    user = await addUser(organizationId);
    await changePassword(systemCtx(), { ...user, current: PASSWORD, next: OTHER });
    expect(await query('select 1 from password_history where user_id = $1', [user.userId])).toEqual([]);
  });

  it('leaves an audit row without the password', async () => {
    user = await addUser(organizationId);
    await changePassword(systemCtx(), { ...user, current: PASSWORD, next: OTHER });
    const rows = await query('select * from audit_events where target_id = $1 and action = $2', [
      user.userId,
      'password.changed',
    ]);
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(OTHER);
  });

  it('to a temporary one gives a password that signs in and must be changed', async () => {
    user = await addUser(organizationId);
    const { password, expiresAt } = await giveTemporaryPassword(systemCtx(), user);
    expect(password).toMatch(/^[a-z0-9]{4}(-[a-z0-9]{4}){3}$/);
    expect(expiresAt.getTime()).toBeGreaterThan(Date.now() + 71 * 3_600_000);
    expect((await attempt(user.userName, password)).persons[0].mustChange).toBe(true);
  });
});

describe('throttling', () => {
  it('counts by name across attempts, unknown names too, and a success wipes it', async () => {
    user = await addUser(organizationId);
    const ctx = () => systemCtx();
    const wrong = (name: string) =>
      verifySignIn(ctx(), { name, password: 'wrong but long enough', address: '198.51.100.4' });
    for (const name of ['ghost.in.the.port', user.userName]) {
      await Promise.all(Array.from({ length: 6 }, () => wrong(name).catch(() => undefined)));
      await expect(wrong(name)).rejects.toMatchObject({ code: 'throttled', details: { retryAfter: 1 } });
    }
    await query("update sign_in_throttles set blocked_until = now() - interval '1 second'");
    await verifySignIn(ctx(), { name: user.userName, password: PASSWORD, address: '198.51.100.4' });
    await expect(wrong(user.userName)).rejects.toMatchObject({ code: 'invalid_credentials' });
  });

  it('doubles the wait up to a quarter of an hour', async () => {
    const name = 'much.tried';
    const wrong = () =>
      verifySignIn(systemCtx(), { name, password: 'wrong but long enough', address: '198.51.100.9' }).catch(
        (error: unknown) => error,
      );
    await wrong();
    const [bucket] = await query<{ bucket: Buffer }>(
      "select bucket from sign_in_throttles where kind = 'name' order by last_at desc limit 1",
    );
    const waits: unknown[] = [];
    for (const failures of [7, 9, 80]) {
      await query('update sign_in_throttles set failures = $2, blocked_until = null where bucket = $1', [
        bucket?.bucket,
        failures,
      ]);
      await wrong();
      const [row] = await query<{ wait: number }>(
        'select extract(epoch from blocked_until - last_at)::int as wait from sign_in_throttles where bucket = $1',
        [bucket?.bucket],
      );
      waits.push(row?.wait);
    }
    expect(waits).toEqual([4, 16, 900]);
  });

  it('counts an address, and a whole IPv6 customer as one', async () => {
    await query('delete from sign_in_throttles');
    const from = (address: string, n: number) =>
      verifySignIn(systemCtx(), { name: `spray.${address}.${n}`, password: 'wrong but long enough', address });
    await Promise.all(Array.from({ length: 30 }, (_, n) => from(`2001:db8:1:2::${n}`, n).catch(() => undefined)));
    await expect(from('2001:db8:1:2:ffff::1', 99)).rejects.toMatchObject({ code: 'throttled' });
    await expect(from('2001:db8:1:3::1', 99)).rejects.toMatchObject({ code: 'invalid_credentials' });
  });
});

describe('a one-time link', () => {
  const purposes = ['first_password'] as const;

  it('is bound to its purpose and stored as a hash', async () => {
    user = await addUser(organizationId, { password: null });
    const { token } = await createLink(systemCtx(), { ...user, purpose: 'first_password' });
    expect((await readLink(token, purposes, new Date())).state).toBe('valid');
    expect((await readLink(token, ['recovery'], new Date())).state).toBe('invalid');
    expect(JSON.stringify(await query('select * from links'))).not.toContain(token.split('.')[1]);
  });

  it('is consumed by one of two', async () => {
    user = await addUser(organizationId, { password: null });
    const { token } = await createLink(systemCtx(), { ...user, purpose: 'first_password' });
    const results = await Promise.allSettled([useLink(token, new Date()), useLink(token, new Date())]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await readLink(token, purposes, new Date())).state).toBe('used');
  });

  it('of two that are used at once lets one through, and stands in nobody’s way who deactivates the person', async () => {
    const outcomes = new Set<string>();
    for (let round = 0; round < 12; round++) {
      user = await addUser(organizationId, { email: `at.once.${round}@noordzee.example` });
      const made = { ...user, purpose: 'recovery', sentTo: `at.once.${round}@noordzee.example` } as const;
      const links = [await createLink(systemCtx(), made), await createLink(systemCtx(), made)];
      const off = () =>
        changeUser({ ...systemCtx(), organizationId }, user.userId, (document) => ({ ...document, active: false }));
      const settled = await Promise.allSettled([
        ...links.map(({ token }, n) =>
          setPasswordByLink(systemCtx(), { token, password: `lighthouse keepers count ${n}` }),
        ),
        ...(round % 2 === 0 ? [] : [off()]),
      ]);
      const [one, other, deactivated] = settled.map((each) =>
        each.status === 'fulfilled' ? 'done' : each.reason instanceof HubError ? 'refused' : String(each.reason),
      );
      outcomes.add([one, other].toSorted().join(' '));
      expect(deactivated ?? 'done').toBe('done');
    }
    expect([...outcomes].filter((both) => both !== 'done refused' && both !== 'refused refused')).toEqual([]);
  });

  it('dies as the oldest when there are more than three', async () => {
    user = await addUser(organizationId, { password: null });
    const tokens: string[] = [];
    for (let n = 0; n < 4; n++)
      tokens.push(
        (await createLink({ ...systemCtx(), now: new Date(Date.now() + n) }, { ...user, purpose: 'first_password' }))
          .token,
      );
    const states = await Promise.all(tokens.map(async (token) => (await readLink(token, purposes, new Date())).state));
    expect(states).toEqual(['invalid', 'valid', 'valid', 'valid']);
  });

  it('is nothing but what it is: other texts are invalid', async () => {
    for (const text of ['', 'x.y', `${organizationId}.${'a'.repeat(43)}`])
      expect((await readLink(text, purposes, new Date())).state).toBe('invalid');
  });
});

describe('the signing keys', () => {
  it('are made once, however often it is asked for, and are sealed at rest', async () => {
    await Promise.all([ensureSigningKeys(new Date()), ensureSigningKeys(new Date())]);
    const keys = await loadSigningKeys();
    expect(keys.map(({ algorithm }) => algorithm).sort()).toEqual(['ES256', 'RS256']);
    const stored = await query<{ private_key: Buffer }>('select private_key from signing_keys');
    expect(stored.every(({ private_key: bytes }) => !bytes.toString('latin1').includes('"d"'))).toBe(true);
  });

  it('stop the start when the secrets key is another one', async () => {
    await ensureSigningKeys(new Date());
    await withKey(4, () => expect(ensureSigningKeys(new Date())).rejects.toThrow(/does not open what is stored/));
  });
});

async function withKey(fill: number, work: () => Promise<void>): Promise<void> {
  const open = (byte: number) =>
    openSecrets({
      secrets_key: Buffer.alloc(32, byte).toString('base64'),
      secrets_key_file: null,
      database_url: null,
      production: false,
      data_dir: '',
    });
  expect((await open(fill)).keyId).toBe(createSecrets(Buffer.alloc(32, fill)).keyId);
  await startPasswordHashing(CHEAP);
  await work();
  await open(9);
  await startPasswordHashing(CHEAP);
}
