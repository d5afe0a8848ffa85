// The address of a list by name says all that it shows: what is searched, and where the page begins.
import type { Request } from 'express';

export const PAGE_SIZE = 25;

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, 200) : undefined;

type NameListQuery = { readonly search?: string | undefined; readonly after?: string | undefined };

export const readNameList = (req: Request): NameListQuery => ({
  search: text(req.query['q']),
  after: text(req.query['after']),
});

/** A link to the list with these parameters; empty ones are left out. */
export function nameListHref(path: string, fields: Readonly<Record<string, string | null | undefined>>): string {
  const set = Object.entries(fields).filter(
    (one): one is [string, string] => typeof one[1] === 'string' && one[1] !== '',
  );
  const query = new URLSearchParams(set).toString();
  return query === '' ? path : `${path}?${query}`;
}
