// The databases that load tests run on: one per population, made at its first use and kept for the next run.
import pg from 'pg';
import { fillDatabase, migrated } from './fill-database.ts';
import type { Population } from './population.ts';

/** The server's URL. Throws a text for the person at the keyboard. */
export function serverUrl(): string {
  const url = process.env['BENCH_DATABASE_URL'];
  if (url) return url;
  throw new Error('Set BENCH_DATABASE_URL to a PostgreSQL server on which databases can be created.');
}

const named = (name: string): string => {
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  return url.href;
};

/** What `work` returns, from a connection to the server's own database. */
async function onServer<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(serverUrl());
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export async function emptyDatabase(name: string): Promise<{ url: string; drop: () => Promise<void> }> {
  await onServer((client) => client.query(`create database ${name}`));
  const drop = () => onServer((client) => client.query(`drop database if exists ${name} with (force)`));
  return { url: named(name), drop: async () => void (await drop()) };
}

/** Creates and fills the population's database where it is not there, whole, already. Returns its URL. */
export async function databaseWith(population: Population): Promise<string> {
  const name = `mandate_bench_${population.users}`;
  const mark = `filled: ${population.users} users in ${population.organizations} organizations`;
  const filled = await onServer(async (client) => {
    const { rows } = await client.query<{ mark: string | null }>(
      `select shobj_description(oid, 'pg_database') as mark from pg_database where datname = $1`,
      [name],
    );
    if (rows[0]?.mark === mark) return true;
    await client.query(`drop database if exists ${name} with (force)`);
    await client.query(`create database ${name}`);
    return false;
  });
  const url = named(name);
  if (filled) {
    await migrated(url);
    return url;
  }
  console.log(`Filling ${name}: ${population.users} users in ${population.organizations} organizations ...`);
  const start = performance.now();
  await fillDatabase(url, population);
  const seconds = (performance.now() - start) / 1000;
  await onServer((client) => client.query(`comment on database ${name} is '${mark}'`));
  console.log(
    `Filled in ${seconds.toFixed(0)} s: ${Math.round(population.users / seconds)} users/s with their groups and indexes`,
  );
  return url;
}
