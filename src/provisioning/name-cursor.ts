// Where a page of a list by name begins: behind a folded name and its id.
import { isId } from '../users/is-id.ts';

type NameKey = { readonly key: string; readonly id: string };

const encodeKey = ({ key, id }: NameKey): string => Buffer.from(JSON.stringify([key, id])).toString('base64url');

/** The rows of a page, and where the next one begins. @param rows one more than the page has, if there is one */
export function pageOf<Row extends { readonly key: string }>(
  rows: readonly Row[],
  size: number,
  idOf: (row: Row) => string,
): { page: Row[]; next: string | null } {
  const page = rows.slice(0, size);
  const last = page.at(-1);
  return { page, next: last && rows.length > size ? encodeKey({ key: last.key, id: idOf(last) }) : null };
}

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
