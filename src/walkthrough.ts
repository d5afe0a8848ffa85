// Plays a customer's directory and one of its people against the running demonstration, over HTTP only: pushed in,
// signed in, rights read, and everything ended by one PATCH. Exits 1 at the first difference.
import { createHash, randomBytes } from 'node:crypto';
import { loadConfig } from './config.ts';
import { Browser } from './walkthrough/browser.ts';
import { readDemoFile, type DemoClient, type DemoFile } from './demo/demo-file.ts';
import { describeStartFault } from './start-fault.ts';
import { Difference, expectEqual, prove } from './walkthrough/proof.ts';

type Json = Record<string, unknown>;
type Answer = { status: number; body: Json };
type Tokens = { access_token: string; refresh_token: string; id_token: string };
type Detail = { identifier: string; privileges: string[]; products: string[]; billing_addresses: string[] };

const PASSWORD = `tall ships ${randomBytes(9).toString('base64url')} sail`;
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

async function send(method: string, url: string, headers: Record<string, string>, body?: string): Promise<Answer> {
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Json) };
}

/** The customer's directory, with its bearer token. */
function directoryOf({ baseUrl, token }: DemoFile['scim'][number]) {
  return (method: string, path: string, body?: unknown) =>
    send(
      method,
      `${baseUrl}${path}`,
      { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
      body === undefined ? undefined : JSON.stringify(body),
    );
}

const patch = (...operations: Json[]) => ({ schemas: [PATCH], Operations: operations });

/** The token endpoint, as a public client. */
const token = (demo: DemoFile, client: DemoClient, fields: Record<string, string>) =>
  send(
    'POST',
    `${demo.issuer}/token`,
    { 'content-type': 'application/x-www-form-urlencoded' },
    new URLSearchParams({ client_id: client.client_id, ...fields }).toString(),
  );

const payload = (jwt: string): Json => JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as Json;

/** Code flow with PKCE (RFC 7636) in a browser; returns the address that the application is sent back to. */
async function authorize(
  demo: DemoFile,
  client: DemoClient,
  browser: Browser,
  verifier: string,
  more: Record<string, string> = {},
) {
  const redirectUri = 'http://127.0.0.1:43210/callback';
  const url = new URL(`${demo.issuer}/auth`);
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const state = randomBytes(8).toString('hex');
  const parameters = {
    client_id: client.client_id,
    response_type: 'code',
    scope: 'openid profile email',
    redirect_uri: redirectUri,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    state,
    ...more,
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return { redirectUri, page: await browser.open(url, {}, redirectUri) };
}

async function walk(demo: DemoFile): Promise<void> {
  const source = demo.scim[0];
  const client = demo.clients.find((one) => one.redirect_uris.some((uri) => uri.startsWith('http://127.0.0.1/')));
  if (!source || !client) throw new Difference('demo.json names no SCIM source or no native client');
  const directory = directoryOf(source);
  const userName = `walk.${randomBytes(4).toString('hex')}@example.net`;
  const browser = new Browser();

  console.log(`The directory of ${source.organization}`);
  const user = await prove(`creates the user ${userName}`, async () => {
    const { status, body } = await directory('POST', '/Users', {
      schemas: [USER],
      userName,
      externalId: userName,
      name: { givenName: 'Willem', familyName: 'Walker' },
      displayName: 'Willem Walker',
      emails: [{ value: userName, type: 'work', primary: true }],
      active: true,
    });
    expectEqual('POST /Users', status, 201);
    return String(body['id']);
  });
  await prove('creates a group of its own', async () => {
    const { status } = await directory('POST', '/Groups', { schemas: [GROUP], displayName: `Walkers ${userName}` });
    expectEqual('POST /Groups', status, 201);
  });
  await prove('adds the user to the group that carries rights and was opened to it', async () => {
    const { body } = await directory('GET', '/Groups?excludedAttributes=members&sortBy=meta.created&count=1');
    const group = (body['Resources'] as { id: string }[])[0];
    const { status } = await directory(
      'PATCH',
      `/Groups/${group?.id}`,
      patch({ op: 'Add', path: 'members', value: [{ value: user }] }),
    );
    expectEqual('PATCH /Groups', status, 204);
  });

  console.log('The person');
  await prove('sets a first password through the link of an invitation', async () => {
    const origin = new URL(demo.issuer).origin;
    const api = { authorization: `Bearer ${demo.operator.apiToken}`, 'content-type': 'application/json' };
    const found = await send(
      'GET',
      `${origin}/api/v1/organizations?name=${encodeURIComponent(source.organization)}`,
      api,
    );
    const organization = (found.body['items'] as { id: string }[])[0]?.id;
    const link = await send(
      'POST',
      `${origin}/api/v1/organizations/${organization}/users/${user}/links`,
      api,
      JSON.stringify({ purpose: 'first_password' }),
    );
    expectEqual('POST links', link.status, 201);
    const page = await browser.open(String(link.body['url']));
    const done = await browser.submit(page, { new_password: PASSWORD, confirm_password: PASSWORD });
    expectEqual('the page after setting the password', done.status, 200);
  });
  const verifier = randomBytes(32).toString('base64url');
  const tokens = await prove('signs in with code and PKCE, and the application exchanges the code', async () => {
    const { page, redirectUri } = await authorize(demo, client, browser, verifier);
    const back = await browser.submit(page, { identifier: userName, password: PASSWORD }, redirectUri);
    const code = back.url.searchParams.get('code');
    if (!code) throw new Difference(`no code came back: ${back.url.pathname} ${back.status}`);
    const { status, body } = await token(demo, client, {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    });
    expectEqual('the token endpoint', status, 200);
    return body as Tokens;
  });
  await prove('has in the token exactly the combinations of the group', async () => {
    const claims = payload(tokens.access_token);
    expectEqual('aud', claims['aud'], client.audience);
    const details = claims['authorization_details'] as Detail[];
    const shown = details.map(
      (one) =>
        `${one.identifier}: ${one.privileges.length} rights x ${one.products.length} products x ${one.billing_addresses.length} billing addresses`,
    );
    if (shown.length === 0) throw new Difference('authorization_details is empty');
    console.log(`      ${shown.join('\n      ')}`);
  });
  const refreshed = await prove('refreshes, and the refresh token rotates', async () => {
    const { status, body } = await token(demo, client, {
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token,
    });
    expectEqual('refresh', status, 200);
    if (body['refresh_token'] === tokens.refresh_token) throw new Difference('the refresh token did not rotate');
    return body as Tokens;
  });

  console.log('The directory says active: "False"');
  await prove('one PATCH is answered', async () => {
    const { status, body } = await directory(
      'PATCH',
      `/Users/${user}`,
      patch({ op: 'Replace', path: 'active', value: 'False' }),
    );
    expectEqual('PATCH /Users', [status, body['active']], [200, false]);
  });
  await prove('the next refresh is invalid_grant', async () => {
    const { status, body } = await token(demo, client, {
      grant_type: 'refresh_token',
      refresh_token: refreshed.refresh_token,
    });
    expectEqual('refresh after the end', [status, body['error']], [400, 'invalid_grant']);
  });
  await prove('userinfo refuses the access token', async () => {
    const { status } = await send('GET', `${demo.issuer}/me`, { authorization: `Bearer ${refreshed.access_token}` });
    expectEqual('userinfo', status, 401);
  });
  await prove('introspection says inactive', async () => {
    const web = demo.clients.find((one) => one.client_secret !== undefined && one.application === client.application);
    const basic = Buffer.from(`${web?.client_id}:${web?.client_secret}`).toString('base64');
    const headers = { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' };
    const { body } = await send(
      'POST',
      `${demo.issuer}/token/introspection`,
      headers,
      new URLSearchParams({ token: refreshed.access_token }).toString(),
    );
    expectEqual('introspection', body, { active: false });
  });
  await prove('the browser session is asked to sign in', async () => {
    const { page } = await authorize(demo, client, browser, verifier);
    expectEqual('the page', [page.status, page.url.pathname.startsWith('/sign-in/')], [200, true]);
  });
}

/** What a demonstration that does not run looks like: no file, or nobody who answers. */
const isAbsent = (error: unknown): boolean =>
  error instanceof Error && ((error as NodeJS.ErrnoException).code === 'ENOENT' || error.message === 'fetch failed');

try {
  const { data_dir: dataDir } = loadConfig();
  try {
    await walk(await readDemoFile(dataDir));
    console.log('Everything was as promised.');
  } catch (error) {
    if (!isAbsent(error)) throw error;
    throw new Difference(
      `The demonstration of ${dataDir} does not answer. Start it with "npm run demo" in another terminal, with the same DATA_DIR.`,
    );
  }
} catch (error) {
  console.error(error instanceof Difference ? `  ✗ ${error.message}` : (describeStartFault(error) ?? error));
  process.exitCode = 1;
}
