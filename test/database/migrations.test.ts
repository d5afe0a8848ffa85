// A migration that cannot be undone keeps a hub on a release that went wrong.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate, migrateDown } from '../../src/database/migrate.ts';
import { query } from '../../src/database/query.ts';
import { closeTestDatabase, openTestDatabase } from '../support/database.ts';

beforeAll(() => openTestDatabase());
afterAll(() => closeTestDatabase());

/** Every column, index, constraint and setting of a table; not the order in which columns came. */
async function schema(): Promise<string[]> {
  const rows = await query<{ line: string }>(
    `select concat_ws(' ', 'column', table_name, column_name, data_type, is_nullable, column_default) as line
       from information_schema.columns where table_schema = 'public'
     union all select concat_ws(' ', 'index', indexdef) from pg_indexes where schemaname = 'public'
     union all select concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
       from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n'
     union all select concat_ws(' ', 'table', relname, reloptions::text) from pg_class
       where relnamespace = 'public'::regnamespace and relkind = 'r'
     union all select concat_ws(' ', 'function', proname, prosrc) from pg_proc where pronamespace = 'public'::regnamespace
     union all select concat_ws(' ', 'trigger', tgrelid::regclass, pg_get_triggerdef(oid)) from pg_trigger where not tgisinternal
     order by 1`,
  );
  return rows.map(({ line }) => line);
}

describe('the migrations', () => {
  it('can all be undone, one by one to an empty schema, and done again to the same', async () => {
    const before = await schema();
    const names = (await query<{ name: string }>('select name from schema_migrations order by name')).map(
      ({ name }) => name,
    );
    for (const name of names.toReversed()) expect(await migrateDown()).toEqual([name]);
    expect((await schema()).filter((line) => line.startsWith('table '))).toEqual(['table schema_migrations']);
    expect(await migrate()).toEqual(names);
    expect(await schema()).toEqual(before);
  });
});
