// Challenges of WebAuthn ceremonies (Level 3, section 13.4.3). Nothing is written when one is made: it carries its end and a
// tag over what it is bound to (one interaction). When an answer comes it is noted as taken, so it counts once.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { queryOne } from '../database/query.ts';
import { artefactHash } from './artefact-hash.ts';
import { secrets } from './secrets.ts';

const LIFE_S = 3600;
const NONCE_BYTES = 16;
const END_BYTES = 6;
const HEAD_BYTES = NONCE_BYTES + END_BYTES;

/** Swept with what expires; the provider knows no such model. */
const MODEL = 'PasskeyChallenge';

const tagOf = (binding: string, head: Uint8Array): Buffer =>
  createHmac('sha256', secrets().derive('forms'))
    .update(JSON.stringify(['passkey challenge', binding, Buffer.from(head).toString('base64url')]))
    .digest();

/** 54 bytes. */
export function newChallenge(binding: string, now: Date): Uint8Array<ArrayBuffer> {
  const head = Buffer.concat([randomBytes(NONCE_BYTES), Buffer.alloc(END_BYTES)]);
  head.writeUIntBE(Math.floor(now.getTime() / 1000) + LIFE_S, NONCE_BYTES, END_BYTES);
  return new Uint8Array(Buffer.concat([head, tagOf(binding, head)]));
}

/** True the first time, for a challenge of ours with this binding that has not ended. */
export async function takeChallenge(binding: string, challenge: string, now: Date): Promise<boolean> {
  const bytes = Buffer.from(challenge, 'base64url');
  const head = bytes.subarray(0, HEAD_BYTES);
  const expected = tagOf(binding, head);
  const given = bytes.subarray(HEAD_BYTES);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false;
  const end = head.readUIntBE(NONCE_BYTES, END_BYTES) * 1000;
  if (end <= now.getTime()) return false;
  const taken = await queryOne(
    `insert into oidc_artefacts (model, id_hash, payload, expires_at) values ('${MODEL}', $1, '{}', $2)
     on conflict do nothing returning 1`,
    [artefactHash(bytes.toString('base64url')), new Date(end)],
  );
  return taken !== undefined;
}
