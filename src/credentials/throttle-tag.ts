// How names, addresses and devices stand where failures are counted: never as they are, since people type anything. An HMAC
// under a key of its own; the parts say what it is of.
import { createHmac, type KeyObject } from 'node:crypto';
import { secrets } from './secrets.ts';

/** @param key another than the present one: that of the former secrets key */
export const throttleTag = (parts: readonly string[], key: KeyObject = secrets().derive('throttle')): Buffer =>
  createHmac('sha256', key).update(JSON.stringify(parts)).digest();
