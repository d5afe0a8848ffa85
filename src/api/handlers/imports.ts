// Imports of users; see ../operations/imports.ts.
import { findImport, listImports, listRefusedRows } from '../../imports/import-record.ts';
import { confirmImport, discardImport } from '../../imports/run-import.ts';
import { storeImport } from '../../imports/store-import.ts';
import type { Handlers } from '../operation.ts';
import type { importOperations } from '../operations/imports.ts';
import { afterId, limitOf } from '../page.ts';
import { invalidInput } from '../problems.ts';

function afterLine(after: string | undefined): number {
  if (after === undefined) return 0;
  if (!/^\d{1,7}$/.test(after))
    throw invalidInput([{ path: 'query.after', message: 'must be the `next` of the page before' }]);
  return Number(after);
}

export const importHandlers: Handlers<typeof importOperations> = {
  'import.create': (ctx, { body }) =>
    storeImport(ctx, {
      fileName: body.fileName ?? 'users.csv',
      bytes: Buffer.from(body.content, 'utf8'),
      invite: body.invite ?? false,
    }),
  'import.list': async (ctx, { query }) => {
    const limit = limitOf(query);
    const rows = await listImports(ctx, { after: afterId(query), limit: limit + 1 });
    const items = rows.slice(0, limit);
    return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
  },
  'import.get': (ctx, { params }) => findImport(ctx, params.import),
  'import.confirm': (ctx, { params }) => confirmImport(ctx, params.import),
  'import.discard': (ctx, { params }) => discardImport(ctx, params.import),
  'import-error.list': async (ctx, { params, query }) => {
    const limit = limitOf(query);
    const rows = await listRefusedRows(ctx, params.import, { after: afterLine(query.after), limit: limit + 1 });
    const items = rows.slice(0, limit);
    return { items, next: rows.length > limit ? String(items.at(-1)?.line ?? 0) : null };
  },
};
