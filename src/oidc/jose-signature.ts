// An ECDSA signature over P-256 as JWS carries it. Node can make that form itself, but then looks at the key in a way that
// costs more than the signature.

const HALF = 32;
/** SEQUENCE, its length, INTEGER, its length (X.690 section 8); the whole has fewer than 128 bytes. */
const FIRST_LENGTH = 3;

/** @param der ECDSA-Sig-Value (RFC 3279 section 2.2.3). @returns R and S, 32 bytes each (RFC 7518 section 3.4) */
export function joseSignature(der: Buffer): Buffer {
  const signature = Buffer.alloc(2 * HALF);
  let at = FIRST_LENGTH;
  for (const half of [HALF, 2 * HALF]) {
    const end = at + 1 + (der[at] ?? 0);
    // A leading zero keeps the number positive; leading zeros of the number itself are left out.
    const number = der.subarray(Math.max(at + 1, end - HALF), end);
    number.copy(signature, half - number.length);
    at = end + 1;
  }
  return signature;
}
