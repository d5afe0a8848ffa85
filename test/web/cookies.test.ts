import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Request } from 'express';
import { cookieName, readCookie, sign, unsign } from '../../src/web/cookies.ts';
import type { SigningKeys } from '../../src/web/cookies.ts';

const key = (fill: number) => createSecretKey(Buffer.alloc(32, fill));
const keys: SigningKeys = [key(1)];

describe('a signed value', () => {
  it('is read back for the same purpose and no other', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (purpose, other, value) => {
        expect(unsign(purpose, sign(purpose, value, keys), keys)).toBe(value);
        if (other !== purpose) expect(unsign(other, sign(purpose, value, keys), keys)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  it('is refused when any character of it was changed', () => {
    const signed = sign('device', 'value', keys);
    for (let index = 0; index < signed.length - 1; index++) {
      const changed = signed.slice(0, index) + (signed[index] === 'A' ? 'B' : 'A') + signed.slice(index + 1);
      expect(unsign('device', changed, keys)).toBeUndefined();
    }
  });

  it('outlives a rotation until its key is dropped', () => {
    const signed = sign('device', 'value', keys);
    expect(unsign('device', signed, [key(2), key(1)])).toBe('value');
    expect(unsign('device', signed, [key(2)])).toBeUndefined();
    expect(sign('device', 'value', [key(2), key(1)])).toBe(sign('device', 'value', [key(2)]));
  });
});

describe('a cookie', () => {
  const https = new URL('https://hub.example');
  const read = (cookie: string, name: string, url = https) => readCookie({ headers: { cookie } } as Request, url, name);

  it('has the __Host- prefix with https only', () => {
    expect(cookieName(https, 'session')).toBe('__Host-session');
    expect(cookieName(new URL('http://127.0.0.1:3000'), 'session')).toBe('session');
  });

  it('is found among others, decoded, and not taken for one of a similar name', () => {
    expect(read('a=1; __Host-session=x%20y; b=2', 'session')).toBe('x y');
    expect(read('session=forged', 'session')).toBeUndefined();
    expect(read('__Host-session=%zz', 'session')).toBe('%zz');
    expect(read('', 'session')).toBeUndefined();
  });
});
