// Starts and stops the embedded engine (PGlite, PostgreSQL in WebAssembly) in a folder, behind a unix socket
// that only this user may open. The folder is locked first: the engine itself does not.
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { lockFolder } from './folder-lock.ts';

export type Embedded = { host: string; stop: () => Promise<void> };

/** A unix socket's path must fit in 107 bytes; deep folders get one in the temporary folder instead. */
async function socketFolder(folder: string): Promise<{ path: string; temporary: boolean }> {
  if (Buffer.byteLength(folder) < 85) return { path: folder, temporary: false };
  return { path: await mkdtemp(join(tmpdir(), 'mandate-')), temporary: true };
}

/** Throws FolderLockedError when another process has the folder. */
export async function startEmbedded(dataDir: string): Promise<Embedded> {
  const folder = join(dataDir, 'database');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const unlock = await lockFolder(folder);
  const place = await socketFolder(folder);
  const socket = join(place.path, '.s.PGSQL.5432');
  if (existsSync(socket)) await rm(socket);
  const worker = new Worker(new URL('./embedded-worker.ts', import.meta.url), {
    workerData: { folder: join(folder, 'pgdata'), socket },
    execArgv: [],
  });
  const said = (word: string) =>
    new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', (message) => (message === word ? resolve() : reject(new Error(String(message)))));
    });
  const release = async () => {
    if (place.temporary) await rm(place.path, { recursive: true, force: true });
    await unlock();
  };
  try {
    await said('ready');
  } catch (error) {
    await release();
    throw error;
  }
  return {
    host: place.path,
    stop: async () => {
      const closed = said('closed');
      worker.postMessage('close');
      await closed;
      await worker.terminate();
      await release();
    },
  };
}
