// What a person's browser and the application do at sign-in (code flow with PKCE, RFC 7636), and the application alone
// at refresh, against the demonstration's hub.
import { createHash, randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import type { DemoClient, DemoFile } from '../../src/demo/demo-file.ts';
import { Browser } from '../../src/walkthrough/browser.ts';

const CALLBACK = 'http://127.0.0.1:43210/callback';

export type Tokens = { access_token: string; refresh_token: string };

export const find = <T>(list: readonly T[], what: string, fits: (one: T) => boolean): T => {
  const found = list.find(fits);
  if (found === undefined) throw new Error(`The demonstration has no ${what}`);
  return found;
};
export const nativeClient = ({ clients }: DemoFile): DemoClient =>
  find(clients, 'native client', (one) => one.redirect_uris.some((uri) => uri.startsWith('http://127.0.0.1/')));

/** `fetch` would cost the machine half as much as the hub's answer. */
const agent = new Agent({ keepAlive: true });

const post = (url: string, body: string): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) };
    const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });

async function tokens(endpoint: string, fields: Record<string, string>): Promise<Tokens> {
  const { status, text } = await post(endpoint, new URLSearchParams(fields).toString());
  if (status !== 200) throw new Error(`${fields['grant_type']}: ${status} ${text}`);
  return JSON.parse(text) as Tokens;
}

export const endpointOf = ({ issuer }: DemoFile): string => `${issuer}/token`;

/** The hub is busy and says so: 429 or 503, and when to come back. */
export class TurnedAway extends Error {}

/** @param browser that he signed in with before, so that it is no stranger's */
export async function signIn(
  demo: DemoFile,
  client: DemoClient,
  user: DemoFile['users'][number],
  browser = new Browser(),
): Promise<Tokens> {
  browser.forgetAllBut(['device']);
  const verifier = randomBytes(32).toString('base64url');
  const url = new URL(`${demo.issuer}/auth`);
  url.search = new URLSearchParams({
    client_id: client.client_id,
    response_type: 'code',
    scope: 'openid profile email',
    redirect_uri: CALLBACK,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state: randomBytes(8).toString('hex'),
  }).toString();
  const page = await browser.open(url, {}, CALLBACK);
  const back = await browser.submit(page, { identifier: user.userName, password: user.password }, CALLBACK);
  if ([429, 503].includes(back.status)) {
    if (back.headers.get('retry-after') === null) throw new Error(`${back.status} without Retry-After`);
    throw new TurnedAway(String(back.status));
  }
  const code = back.url.searchParams.get('code');
  if (code === null) throw new Error(`${user.userName} was not sent back: ${back.status} ${back.url.href}`);
  return tokens(endpointOf(demo), {
    client_id: client.client_id,
    grant_type: 'authorization_code',
    code,
    redirect_uri: CALLBACK,
    code_verifier: verifier,
  });
}

/** @param endpoint of the hub, or of the ceiling beside it */
export const refresh = (endpoint: string, client: DemoClient, token: string): Promise<Tokens> =>
  tokens(endpoint, { client_id: client.client_id, grant_type: 'refresh_token', refresh_token: token });
