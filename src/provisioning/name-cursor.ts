// A page of a list by name: what is asked for, and where it begins, behind a folded name and its id.
import type { OrganizationCtx } from '../context.ts';
import { isId } from '../users/is-id.ts';
import { fold } from './fold.ts';

export type NamesAsked = {
  /** A part of the name. */
  readonly search?: string | undefined;
  /** Only those that were not opened to this connection. */
  readonly notOpenTo?: string | undefined;
  readonly after?: string | undefined;
  readonly size: number;
};

/** The organization, now, the part of the name, the key and id behind which it begins, how many rows, the connection. */
export function valuesAsked(ctx: OrganizationCtx, { search = '', notOpenTo, after, size }: NamesAsked): unknown[] {
  const from = decodeKey(after);
  return [
    ctx.organizationId,
    ctx.now,
    fold(search.trim()),
    from?.key ?? null,
    from?.id ?? null,
    size + 1,
    notOpenTo ?? null,
  ];
}

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
