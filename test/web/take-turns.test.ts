// A crowd waits its turn; nobody is forgotten, nobody waits without end, and a place that somebody left is taken.
import { once } from 'node:events';
import { createServer, request as httpRequest, type ClientRequest, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import express from 'express';
import { writeRetryAfter, toProblem } from '../../src/web/problem.ts';
import { takeTurns } from '../../src/web/take-turns.ts';

let server: Server;
let origin: string;
let arrived: string[];
const open = new Map<string, () => void>();
let seen: (() => void) | undefined;

beforeEach(async () => {
  arrived = [];
  open.clear();
  const app = express();
  app.use(takeTurns({ atOnce: 2, waiting: 3 }), (req, res) => {
    arrived.push(req.url);
    open.set(req.url, () => void res.send('done'));
    seen?.();
  });
  app.use(((error, _req, res, _next) => {
    const problem = toProblem(error);
    writeRetryAfter(res, problem);
    res.status(problem.status).end();
  }) as express.ErrorRequestHandler);
  server = createServer(app).listen(0);
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Waits until so many requests are being worked on or have been. */
async function until(count: number): Promise<void> {
  while (arrived.length < count) await new Promise<void>((resolve) => (seen = resolve));
}
/** Resolves once the server has the request. */
async function send(
  path: string,
): Promise<{ sent: ClientRequest; status: Promise<number | undefined>; retry: () => unknown }> {
  const has = once(server, 'request');
  const sent = httpRequest(`${origin}${path}`);
  let retry: unknown;
  const status = new Promise<number | undefined>((resolve) => {
    sent.on('response', (res) => {
      retry = res.headers['retry-after'];
      res.resume();
      resolve(res.statusCode);
    });
    sent.on('error', () => resolve(undefined));
  });
  sent.end();
  await has;
  return { sent, status, retry: () => retry };
}

describe('a crowd', () => {
  it('is worked on two at a time, in the order in which it came', async () => {
    const all = [];
    for (const path of ['/1', '/2', '/3', '/4', '/5']) all.push(await send(path));
    expect(arrived).toEqual(['/1', '/2']);
    for (const [index, path] of ['/1', '/2', '/3', '/4', '/5'].entries()) {
      await until(index + 1);
      open.get(path)?.();
    }
    expect(await Promise.all(all.map(({ status }) => status))).toEqual([200, 200, 200, 200, 200]);
    expect(arrived).toEqual(['/1', '/2', '/3', '/4', '/5']);
  });

  it('sends away who is one too many, and says when to come back', async () => {
    for (const path of ['/1', '/2', '/3', '/4', '/5']) await send(path);
    const late = await send('/6');
    expect(await late.status).toBe(503);
    expect(late.retry()).toBe('2');
    expect(arrived).toEqual(['/1', '/2']);
  });

  it('closes up where somebody goes away, whether he waits or is being served', async () => {
    const [first, , third] = [await send('/1'), await send('/2'), await send('/3'), await send('/4')];
    third.sent.destroy();
    await third.status;
    first.sent.destroy();
    await until(3);
    expect(arrived).toEqual(['/1', '/2', '/4']);
    // Two places are taken and nobody waits: three more may.
    for (const path of ['/5', '/6', '/7']) await send(path);
    expect(await (await send('/8')).status).toBe(503);
  });

  it('does not wait for somebody who does not read his answer', async () => {
    const { port } = server.address() as AddressInfo;
    const asks = (path: string) => `GET ${path} HTTP/1.1\r\nHost: hub.example\r\n\r\n`;
    // What is asked second on one connection cannot be sent before the first.
    const socket = connect(port, '127.0.0.1', () => socket.write(asks('/1') + asks('/2')));
    await until(2);
    const third = await send('/3');
    open.get('/2')?.();
    await until(3);
    open.get('/3')?.();
    expect(await third.status).toBe(200);
    socket.destroy();
  });
});
