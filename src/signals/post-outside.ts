// Posts to an address that somebody registered: https only, the name resolved once and the connection made to exactly the
// address that was judged, no redirects, five seconds for all of it, at most 256 KiB of answer. On a developer's machine
// the applications are on loopback: that alone, and by its name only, may be allowed.
import { lookup as resolve } from 'node:dns';
import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isSpecialAddress } from './special-addresses.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
const LONGEST_MS = 5000;
const MOST_BYTES = 256 * 1024;

type Outgoing = { readonly contentType: string; readonly body: string };
type OutsideSettings = {
  /** Addresses of this machine are called as well, also without TLS. */
  readonly allowLoopback: boolean;
};

/** Every address of the name must be somebody's on the Internet: which one is taken is not ours to choose. */
const lookupPublic: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 0);
    const [first] = addresses;
    if (!first || addresses.some(({ address }) => isSpecialAddress(address)))
      return callback(new Error(`${hostname} is not an address on the Internet`), '', 0);
    // With `all` a list is expected (Happy Eyeballs), else one.
    if (options.all === true) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

/** Answers the status. Throws an Error whose message holds the reason and nothing of what was sent. */
export async function postOutside(address: string, outgoing: Outgoing, settings: OutsideSettings): Promise<number> {
  const url = new URL(address);
  const own = settings.allowLoopback && LOOPBACK.has(url.hostname);
  if (url.protocol !== 'https:' && !own) throw new Error(`${url.origin} is not https`);
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (!own && isIP(literal) !== 0 && isSpecialAddress(literal))
    throw new Error(`${url.hostname} is not an address on the Internet`);
  const body = Buffer.from(outgoing.body);
  const options: RequestOptions = {
    method: 'POST',
    agent: false,
    headers: { 'content-type': outgoing.contentType, 'content-length': body.length, accept: '*/*' },
    signal: AbortSignal.timeout(LONGEST_MS),
    ...(!own && { lookup: lookupPublic }),
  };
  return new Promise((done, fail) => {
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options);
    request.once('error', (error) => fail(timedOut(error) ? new Error(`no answer within ${LONGEST_MS} ms`) : error));
    request.once('response', (response) => {
      readAll(response).then(() => done(response.statusCode ?? 0), fail);
    });
    request.end(body);
  });
}

const timedOut = (error: Error): boolean => error.name === 'AbortError' || error.name === 'TimeoutError';

/** What the answer says is of no interest; that it ends is. */
async function readAll(response: IncomingMessage): Promise<void> {
  let bytes = 0;
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length;
    if (bytes > MOST_BYTES) throw new Error(`the answer has more than ${MOST_BYTES} bytes`);
  }
}
