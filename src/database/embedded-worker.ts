// The embedded engine in a thread of its own, so that a long statement never holds the hub's event loop.
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { EmbeddedServer } from './embedded-server.ts';

const { folder, socket } = workerData as { folder: string; socket: string };
const port = parentPort;
if (!port) throw new Error('embedded-worker runs only as a worker thread');

// The engine's 128 MB of shared buffers would be most of a hub's memory; the machine's own file cache stands behind them.
const BUFFERS = ['-c', 'shared_buffers=32MB'];

const db = await PGlite.create(folder, {
  relaxedDurability: true,
  startParams: [...PGlite.defaultStartParams, ...BUFFERS],
});
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
