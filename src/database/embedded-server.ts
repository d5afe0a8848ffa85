// Speaks PostgreSQL's wire protocol (version 3) on a unix socket in front of the embedded engine.
// The engine is one session: each batch of a connection, from its first message to Sync, runs alone, and a
// connection inside a transaction keeps the engine to itself until it ends. (The socket server that comes with
// the engine queues single messages, so a batch that arrives in two chunks mixes with another connection's.)
import { createServer, type Server, type Socket } from 'node:net';
import type { PGlite } from '@electric-sql/pglite';

const SSL_REQUEST = 80877103;
const CANCEL_REQUEST = 80877102;
const QUERY = 0x51; // Q
const SYNC = 0x53; // S
const FLUSH = 0x48; // H
const TERMINATE = 0x58; // X
const READY = 0x5a; // Z
const IDLE = 0x49; // I

type Batch = { connection: Connection; bytes: Uint8Array; open: boolean };
type Connection = { socket: Socket; unread: Buffer; parts: Buffer[]; started: boolean };

export class EmbeddedServer {
  readonly #db: PGlite;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  #queue: Batch[] = [];
  /** The connection whose transaction (or unfinished batch) is open. */
  #holder: Connection | undefined;
  #running = false;
  #idle: (() => void) | undefined;

  constructor(db: PGlite) {
    this.#db = db;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(path, () => resolve());
    });
  }

  /** Lets the batch in hand finish, then ends every connection. */
  async close(): Promise<void> {
    this.#server.close();
    if (this.#running) await new Promise<void>((resolve) => (this.#idle = resolve));
    for (const connection of this.#connections) connection.socket.destroy();
  }

  #accept(socket: Socket): void {
    const connection: Connection = { socket, unread: Buffer.alloc(0), parts: [], started: false };
    this.#connections.add(connection);
    socket.on('data', (chunk) => this.#read(connection, chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#forget(connection));
  }

  #read(connection: Connection, chunk: Buffer): void {
    connection.unread = connection.unread.length === 0 ? chunk : Buffer.concat([connection.unread, chunk]);
    for (let message = this.#next(connection); message; message = this.#next(connection)) {
      this.#take(connection, message);
    }
    void this.#run();
  }

  /** The next whole message, or nothing until more bytes arrive. A startup message has no type byte. */
  #next(connection: Connection): Buffer | undefined {
    const { unread, started } = connection;
    const head = started ? 1 : 0;
    if (unread.length < head + 4) return undefined;
    const length = unread.readInt32BE(head) + head;
    if (unread.length < length) return undefined;
    connection.unread = unread.subarray(length);
    return unread.subarray(0, length);
  }

  #take(connection: Connection, message: Buffer): void {
    if (!connection.started) {
      const code = message.readInt32BE(4);
      if (code === SSL_REQUEST) return void connection.socket.write('N');
      if (code === CANCEL_REQUEST) return void connection.socket.end();
      connection.started = true;
      this.#queue.push({ connection, bytes: message, open: false });
      return;
    }
    if (message[0] === TERMINATE) return void connection.socket.end();
    connection.parts.push(message);
    const type = message[0];
    if (type !== QUERY && type !== SYNC && type !== FLUSH) return;
    this.#queue.push({ connection, bytes: Buffer.concat(connection.parts), open: type === FLUSH });
    connection.parts = [];
  }

  /** Whoever holds the engine goes first; else the order of arrival. */
  #pick(): Batch | undefined {
    const holder = this.#holder;
    const index = holder ? this.#queue.findIndex((batch) => batch.connection === holder) : 0;
    return index < 0 ? undefined : this.#queue.splice(index, 1)[0];
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    for (let batch = this.#pick(); batch; batch = this.#pick()) await this.#execute(batch);
    this.#running = false;
    this.#idle?.();
  }

  async #execute({ connection, bytes, open }: Batch): Promise<void> {
    if (!this.#connections.has(connection)) return;
    try {
      const answer = await this.#db.runExclusive(() => this.#db.execProtocolRaw(bytes, { syncToFs: false }));
      const inTransaction = answer.at(-6) === READY && answer.at(-1) !== IDLE;
      this.#holder = open || inTransaction ? connection : undefined;
      connection.socket.write(answer);
    } catch {
      connection.socket.destroy();
    }
    // It may have gone away meanwhile.
    if (!this.#connections.has(connection)) await this.#release(connection);
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection);
    this.#queue = this.#queue.filter((batch) => batch.connection !== connection);
    if (!this.#running) void this.#release(connection).then(() => this.#run());
  }

  /** A connection that went away inside a transaction leaves nothing half done. */
  async #release(connection: Connection): Promise<void> {
    if (this.#holder !== connection) return;
    this.#holder = undefined;
    await this.#db.exec('rollback').catch(() => undefined);
  }
}
