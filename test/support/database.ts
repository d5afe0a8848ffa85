// Opens a test file's own, migrated database: a copy of the run's template, embedded or on TEST_DATABASE_URL.
import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { closeDatabase, openDatabase } from '../../src/database/connect.ts';
import { startJobs, stopJobs, type JobHandlers } from '../../src/database/jobs.ts';
import { databaseUrl, onServer } from './template.ts';

export const silent = pino({ level: 'silent' });

export type TestDatabase = { url: string | null; dataDir: string };
let opened: (TestDatabase & { name: string }) | undefined;

/** Call in beforeAll; closeTestDatabase in afterAll. Jobs run only with handlers, else they are just queued. */
export async function openTestDatabase(handlers: JobHandlers = {}): Promise<TestDatabase> {
  const template = process.env['TEST_TEMPLATE'];
  if (!template) throw new Error('The run has no template database');
  const server = process.env['TEST_DATABASE_URL'];
  const name = `mandate_test_${randomBytes(6).toString('hex')}`;
  const dataDir = await mkdtemp(join(tmpdir(), 'mandate-test-'));
  if (server) await onServer(server, `create database ${name} template ${template}`);
  else await cp(template, dataDir, { recursive: true, filter: (path) => !path.endsWith('.s.PGSQL.5432') });
  const url = server ? databaseUrl(server, name) : null;
  opened = { url, dataDir, name };
  await openDatabase({ databaseUrl: url, dataDir, poolSize: 8 }, silent);
  await startJobs(handlers, url, silent);
  return opened;
}

export async function closeTestDatabase(): Promise<void> {
  if (!opened) return;
  await stopJobs();
  await closeDatabase();
  const server = process.env['TEST_DATABASE_URL'];
  if (server) await onServer(server, `drop database if exists ${opened.name} with (force)`);
  await rm(opened.dataDir, { recursive: true, force: true });
  opened = undefined;
}
