// The embedded engine in a thread of its own, so that a long statement never holds the hub's event loop.
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { EmbeddedServer } from './embedded-server.ts';

const { folder, socket } = workerData as { folder: string; socket: string };
const port = parentPort;
if (!port) throw new Error('embedded-worker runs only as a worker thread');

const db = await PGlite.create(folder, { relaxedDurability: true });
const server = new EmbeddedServer(db);
await server.listen(socket);
port.postMessage('ready');

port.once('message', () => {
  void (async () => {
    await server.close();
    await db.exec('checkpoint');
    await db.close();
    port.postMessage('closed');
    port.close();
  })();
});
