import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { joseSignature } from '../../src/oidc/jose-signature.ts';

describe('an ECDSA signature in the form of JWS', () => {
  // One in 128 has a number shorter than 32 bytes, one in two a leading zero.
  it('is the one that was made, however long its two numbers are', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    for (let n = 0; n < 2000; n++) {
      const content = Buffer.from(`content ${n}`);
      const signature = joseSignature(sign('sha256', content, privateKey));
      expect(signature).toHaveLength(64);
      expect(verify('sha256', content, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true);
    }
  });

  it('has its leading zeros, where a number is short', () => {
    const der = Buffer.from([0x30, 0x08, 0x02, 0x02, 0x00, 0xff, 0x02, 0x02, 0x01, 0x02]);
    const signature = joseSignature(der);
    expect(signature.subarray(0, 32).toString('hex')).toBe('ff'.padStart(64, '0'));
    expect(signature.subarray(32).toString('hex')).toBe('0102'.padStart(64, '0'));
  });
});
