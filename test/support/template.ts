// Makes one migrated database per test run; each test file works on its own copy of it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { closeDatabase, openDatabase } from '../../src/database/connect.ts';
import { startJobs, stopJobs } from '../../src/database/jobs.ts';
import { migrate } from '../../src/database/migrate.ts';

const log = pino({ level: 'silent' });

/** Runs statements on the server that TEST_DATABASE_URL names, outside any test database. */
export async function onServer(serverUrl: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

export const databaseUrl = (serverUrl: string, name: string): string => {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
};

export async function createTemplate(): Promise<void> {
  const server = process.env['TEST_DATABASE_URL'];
  const name = `mandate_template_${process.pid}`;
  const dataDir = server ? '' : await mkdtemp(join(tmpdir(), 'mandate-template-'));
  if (server) await onServer(server, `drop database if exists ${name}`, `create database ${name}`);
  const url = server ? databaseUrl(server, name) : null;
  await openDatabase({ databaseUrl: url, dataDir, poolSize: 4 }, log);
  await migrate();
  await startJobs({}, url, log);
  await stopJobs();
  await closeDatabase();
  process.env['TEST_TEMPLATE'] = server ? name : dataDir;
}

export async function dropTemplate(): Promise<void> {
  const server = process.env['TEST_DATABASE_URL'];
  const template = process.env['TEST_TEMPLATE'];
  if (!template) return;
  if (server) await onServer(server, `drop database if exists ${template} with (force)`);
  else await rm(template, { recursive: true, force: true });
}
