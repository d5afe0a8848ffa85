// Where a page of a list by name begins: behind a folded name and its id.
import { isId } from '../users/is-id.ts';

type NameKey = { readonly key: string; readonly id: string };

export const encodeKey = ({ key, id }: NameKey): string => Buffer.from(JSON.stringify([key, id])).toString('base64url');

/** Undefined for what encodeKey did not make: the list then begins at its beginning. */
export function decodeKey(text: string | undefined): NameKey | undefined {
  if (text === undefined) return undefined;
  try {
    const [key, id] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown[];
    return typeof key === 'string' && !key.includes('\0') && typeof id === 'string' && isId(id)
      ? { key, id }
      : undefined;
  } catch {
    return undefined;
  }
}
