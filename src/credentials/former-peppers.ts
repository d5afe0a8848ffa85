// The peppers of former secrets keys. A password hash made with one cannot be made anew without the password, so the pepper
// itself is kept, sealed under the present key, and the former key can go. Loaded at start; `keys rewrap` writes it.
import { createSecretKey, type KeyObject } from 'node:crypto';
import { query } from '../database/query.ts';
import { secrets } from './secrets.ts';

const label = (keyId: string) => `pepper ${keyId}`;

let loaded: ReadonlyMap<string, KeyObject> = new Map();

/** Call at start, after openSecrets and the migrations. */
export async function loadFormerPeppers(): Promise<void> {
  const rows = await query<{ key_id: string; pepper: Buffer }>('select key_id, pepper from former_peppers');
  loaded = new Map(rows.map(({ key_id: id, pepper }) => [id, createSecretKey(secrets().open(pepper, label(id)))]));
}

/** The pepper of the secrets key with this id; undefined for one that is not known here. */
export function pepperOf(keyId: string): KeyObject | undefined {
  const own = secrets();
  if (own.keyId === keyId) return own.derive('pepper');
  return own.former?.keyId === keyId ? own.former.derive('pepper') : loaded.get(keyId);
}

/** The present one first. */
export const allPeppers = (): KeyObject[] => {
  const { keyId, former } = secrets();
  const ids = new Set([keyId, ...(former ? [former.keyId] : []), ...loaded.keys()]);
  return [...ids].flatMap((id) => pepperOf(id) ?? []);
};

/** Keeps the former key's pepper. In the ambient transaction. */
export async function keepFormerPepper(now: Date): Promise<void> {
  const { former, keyId, seal } = secrets();
  if (!former) return;
  await query(
    `insert into former_peppers (key_id, pepper, secrets_key_id, stored_at) values ($1, $2, $3, $4) on conflict do nothing`,
    [former.keyId, seal(former.derive('pepper').export(), label(former.keyId)), keyId, now],
  );
}
