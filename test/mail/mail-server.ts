// A mail server on a free port that keeps what it is given, and refuses whom a test tells it to refuse.
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

type Received = {
  from: string;
  to: string[];
  raw: string;
  headers: Map<string, string>;
  text: string;
  html: string;
};
/** Reply code for a recipient, at RCPT TO. */
type Refusals = Map<string, number>;

export async function startMailServer() {
  const refusals: Refusals = new Map();
  const received: Received[] = [];
  const waiting: ((mail: Received) => void)[] = [];
  let holding = false;
  const held: (() => void)[] = [];
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onRcptTo: ({ address }, _session, done) => {
      const responseCode = refusals.get(address);
      done(responseCode === undefined ? undefined : Object.assign(new Error('not now'), { responseCode }));
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const mail = parse(
          Buffer.concat(chunks).toString(),
          mailFrom ? mailFrom.address : '',
          rcptTo.map(({ address }) => address),
        );
        const next = waiting.shift();
        if (next) next(mail);
        else received.push(mail);
        if (holding) held.push(done);
        else done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    refusals,
    /** Mails that nobody has taken yet. */
    received,
    next: () =>
      new Promise<Received>((resolve) => {
        const first = received.shift();
        if (first) resolve(first);
        else waiting.push(resolve);
      }),
    /** It takes mails and says nothing to them before what this answers is called. */
    hold: () => {
      holding = true;
      return () => {
        holding = false;
        for (const done of held.splice(0)) done();
      };
    },
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

function parse(raw: string, from: string, to: string[]): Received {
  const [head = ''] = raw.split('\r\n\r\n');
  const headers = new Map(
    head
      .replace(/\r\n[ \t]+/g, ' ')
      .split('\r\n')
      .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const boundary = /boundary="([^"]+)"/.exec(headers.get('content-type') ?? '')?.[1] ?? '';
  const parts = raw.split(`--${boundary}`);
  const part = (type: string) => decode(parts.find((one) => one.includes(`Content-Type: ${type}`)) ?? '');
  return { from, to, raw, headers, text: part('text/plain'), html: part('text/html') };
}

function decode(part: string): string {
  const [head = '', ...rest] = part.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  if (/base64/i.test(head)) return Buffer.from(body, 'base64').toString();
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return /quoted-printable/i.test(head) ? Buffer.from(bytes, 'latin1').toString() : body;
}
