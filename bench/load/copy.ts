// Streams rows into a table with COPY, as fast as the server takes them.
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import pg from 'pg';
import { from } from 'pg-copy-streams';

export type Value = string | number | boolean | null;
export type Sink = { write: (rows: readonly (readonly Value[])[]) => Promise<void>; end: () => Promise<void> };

function field(value: Value): string {
  if (value === null) return '\\N';
  if (typeof value !== 'string') return String(value);
  return value.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n');
}

/** Each sink has a connection of its own; its rows are there once `end` has resolved. */
export async function openSink(databaseUrl: string, table: string, columns: string): Promise<Sink> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  const stream = client.query(from(`copy ${table} (${columns}) from stdin`));
  return {
    write: async (rows) => {
      if (rows.length === 0) return;
      const text = rows.map((row) => `${row.map(field).join('\t')}\n`).join('');
      if (!stream.write(text)) await once(stream, 'drain');
    },
    end: async () => {
      stream.end();
      await finished(stream);
      await client.end();
    },
  };
}
