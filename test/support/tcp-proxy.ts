// A door in front of a server that can be shut, as when the server goes away, and opened again on the same port.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export type TcpProxy = { port: number; shut: () => Promise<void>; open: () => Promise<void> };

export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  };
  let server: Server | undefined;
  const listen = async (port: number): Promise<number> => {
    server = createServer((inside) => {
      const outside = connect(target);
      for (const socket of [inside, outside]) keep(socket);
      inside.on('close', () => outside.destroy()).pipe(outside);
      outside.on('close', () => inside.destroy()).pipe(inside);
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const port = await listen(0);
  return {
    port,
    open: async () => void (await listen(port)),
    /** Cuts every connection and refuses new ones. */
    shut: async () => {
      const closed = server === undefined ? Promise.resolve() : once(server, 'close');
      server?.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
