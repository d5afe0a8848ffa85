// What a person's browser and the application do at sign-in (code flow with PKCE, RFC 7636), and the application alone
// at refresh, against the demonstration's hub.
import { createHash, randomBytes } from 'node:crypto';
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

async function tokens({ issuer }: DemoFile, fields: Record<string, string>): Promise<Tokens> {
  const answer = await fetch(`${issuer}/token`, { method: 'POST', body: new URLSearchParams(fields) });
  const body = (await answer.json()) as Tokens;
  if (answer.status !== 200) throw new Error(`${fields['grant_type']}: ${answer.status} ${JSON.stringify(body)}`);
  return body;
}

export async function signIn(demo: DemoFile, client: DemoClient, user: DemoFile['users'][number]): Promise<Tokens> {
  const browser = new Browser();
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
  const code = back.url.searchParams.get('code');
  if (code === null) throw new Error(`${user.userName} was not sent back: ${back.status} ${back.url.href}`);
  return tokens(demo, {
    client_id: client.client_id,
    grant_type: 'authorization_code',
    code,
    redirect_uri: CALLBACK,
    code_verifier: verifier,
  });
}

export const refresh = (demo: DemoFile, client: DemoClient, token: string): Promise<Tokens> =>
  tokens(demo, { client_id: client.client_id, grant_type: 'refresh_token', refresh_token: token });
