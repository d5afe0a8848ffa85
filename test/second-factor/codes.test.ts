import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeRecoveryCodes } from '../../src/credentials/recovery-codes.ts';
import { resetFactors } from '../../src/credentials/reset-factors.ts';
import { matchingStep, totpSeedOf, totpUri } from '../../src/credentials/totp.ts';
import { verifySecondFactor, type CodeKind } from '../../src/credentials/verify-second-factor.ts';
import { query } from '../../src/database/query.ts';
import { systemCtx, type TestUser } from '../oidc/hub.ts';
import { codeOf, newSeed, startWorld, stepAt, timePasses, wrongCode, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.hub.stop());

const verify = (user: TestUser, code: string, kind: CodeKind = 'totp', now = new Date(), address = '198.51.100.7') =>
  verifySecondFactor({ ...systemCtx(), now }, { ...user, kind, code, address });

describe('a code of an authenticator app', () => {
  it('is that of RFC 6238, appendix B', () => {
    const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    const vectors: [number, string][] = [
      [59, '287082'],
      [1111111109, '081804'],
      [1111111111, '050471'],
      [1234567890, '005924'],
      [2000000000, '279037'],
      [20000000000, '353130'],
    ];
    for (const [seconds, code] of vectors)
      expect(matchingStep(seed, code, new Date(seconds * 1000))).toBe(stepAt(seconds * 1000));
  });

  it('may be one step early or late, and may hold spaces', () => {
    const seed = newSeed();
    const now = new Date();
    const step = stepAt(now.getTime());
    for (const offset of [-1, 0, 1]) expect(matchingStep(seed, codeOf(seed, step + offset), now)).toBe(step + offset);
    const code = codeOf(seed, step);
    expect(matchingStep(seed, `${code.slice(0, 3)} ${code.slice(3)} `, now)).toBe(step);
    for (const offset of [-3, 3]) expect(matchingStep(seed, codeOf(seed, step + offset), now)).toBeUndefined();
    for (const odd of ['', '12345', '1234567', 'abcdef']) expect(matchingStep(seed, odd, now)).toBeUndefined();
  });

  it('comes from 20 bytes, which an app reads from an address', () => {
    const seed = totpSeedOf(randomBytes(20));
    expect(seed).toMatch(/^[A-Z2-7]{32}$/);
    const uri = new URL(totpUri(seed, { issuer: 'Business Portal', account: 'anke.smets' }));
    expect(uri.href).toMatch(/^otpauth:\/\/totp\/Business%20Portal:anke\.smets\?/);
    expect(Object.fromEntries(uri.searchParams)).toMatchObject({
      secret: seed,
      issuer: 'Business Portal',
      digits: '6',
      period: '30',
    });
  });

  it('counts once, also when it comes ten times at once, and so does every earlier one', async () => {
    const user = await world.withApp();
    const now = new Date();
    const step = stepAt(now.getTime());
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, () => verify(user, codeOf(user.seed, step), 'totp', now)),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await query('delete from sign_in_throttles');
    await expect(verify(user, codeOf(user.seed, step - 1), 'totp', now)).rejects.toMatchObject({
      code: 'invalid_credentials',
    });
    await verify(user, codeOf(user.seed, step + 1), 'totp', now);
  });

  it('is not stored in a form that opens anything', async () => {
    const user = await world.withApp();
    const [row] = await query<{ seed: Buffer }>('select seed from totp_factors where user_id = $1', [user.userId]);
    expect(row?.seed.includes(Buffer.from(user.seed))).toBe(false);
    expect(row?.seed.length).toBeGreaterThan(20);
  });

  it('is nobody else’s', async () => {
    const [one, other] = [await world.withApp(), await world.withApp()];
    const code = codeOf(other.seed, stepAt(Date.now()));
    await expect(verify(one, code)).rejects.toMatchObject({ code: 'invalid_credentials' });
  });

  it('is worth nothing once the person is deactivated', async () => {
    const user = await world.withApp();
    await query('update users set active = false where id = $1', [user.userId]);
    await expect(verify(user, codeOf(user.seed, stepAt(Date.now())))).rejects.toMatchObject({
      code: 'invalid_credentials',
    });
  });

  it('and a reset that come at once: the reset takes place', async () => {
    for (let round = 0; round < 8; round++) {
      const user = await world.withApp();
      const tried = Array.from({ length: 3 }, () => verify(user, wrongCode(user.seed)).catch(() => undefined));
      await resetFactors({ ...systemCtx(), organizationId: user.organizationId }, user.userId);
      await Promise.all(tried);
    }
  });

  it('cannot be guessed in bulk: a hundred guesses at once are six, and the right code waits as well', async () => {
    const user = await world.withApp();
    const now = new Date();
    const guesses = Array.from({ length: 100 }, (_, index) =>
      verify(user, wrongCode(user.seed), 'totp', now, `203.0.113.${index}`).catch((error: unknown) => error),
    );
    const refused = (await Promise.all(guesses)).map((error) => (error as { code: string }).code);
    expect(refused.filter((code) => code === 'invalid_credentials')).toHaveLength(6);
    expect(refused.filter((code) => code === 'throttled')).toHaveLength(94);
    const right = codeOf(user.seed, stepAt(now.getTime()));
    await expect(verify(user, right, 'totp', now)).rejects.toMatchObject({
      code: 'throttled',
      details: { retryAfter: 1 },
    });
    await verify(user, right, 'totp', new Date(now.getTime() + 1500));
  });
});

describe('recovery codes', () => {
  it('are ten, each good once, however it is typed', async () => {
    const user = await world.withApp();
    const codes = await makeRecoveryCodes(systemCtx(), user);
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}$/);
    const [first = '', second = ''] = codes;
    await verify(user, first, 'recovery_code');
    await expect(verify(user, first, 'recovery_code')).rejects.toMatchObject({ code: 'invalid_credentials' });
    await verify(user, ` ${second.toLowerCase().replaceAll('-', '')} `, 'recovery_code');
  });

  it('are replaced by new ones', async () => {
    const user = await world.withApp();
    const [old = ''] = await makeRecoveryCodes(systemCtx(), user);
    await makeRecoveryCodes(systemCtx(), user);
    await expect(verify(user, old, 'recovery_code')).rejects.toMatchObject({ code: 'invalid_credentials' });
  });

  it('are ten also where they are made twice at once', async () => {
    const user = await world.withApp();
    await makeRecoveryCodes(systemCtx(), user);
    await Promise.all([1, 2, 3, 4].map(() => makeRecoveryCodes(systemCtx(), user)));
    const rows = await query('select 1 from recovery_codes where user_id = $1', [user.userId]);
    expect(rows).toHaveLength(10);
  });

  it('share the count of failures with the app’s codes', async () => {
    const user = await world.withApp();
    const now = new Date();
    for (let guess = 0; guess < 6; guess++)
      await verify(user, 'AAAA-AAAA-AAAA', 'recovery_code', now).catch(() => undefined);
    await expect(verify(user, wrongCode(user.seed), 'totp', now)).rejects.toMatchObject({ code: 'throttled' });
    await timePasses(user);
  });
});
