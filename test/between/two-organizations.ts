// A customer and a mail house in the running application, with people who can sign in, and what an application reads in the
// token of one of them.
import { createHash, randomBytes } from 'node:crypto';
import { decodeJwt } from 'jose';
import { createClient } from '../../src/clients/create-client.ts';
import { hashPassword } from '../../src/credentials/password-hash.ts';
import { storePassword } from '../../src/credentials/store-password.ts';
import { query } from '../../src/database/query.ts';
import { createOrganization } from '../../src/organizations/create-organization.ts';
import { changeUser } from '../../src/users/change-user.ts';
import { ctxOf, OPERATOR, type Organization, type Person } from '../giving/world.ts';
import { Browser, type Page } from '../oidc/browser.ts';
import { CALLBACK, PASSWORD, systemCtx } from '../oidc/hub.ts';
import { aCompany, type RightsHub } from '../portal-rights/rights-hub.ts';

/** On the list of sub-contractors, with its own account and subscription. */
export const aMailHouse = (name: string, address = 'Ambachtenlaan 3, 3001 Leuven'): Promise<Organization> =>
  aCompany({ name, settings: { router: true, address } });

/** On the list, and nothing else: for a list that is long. */
export const listed = (name: string, address: string) =>
  createOrganization(ctxOf('', OPERATOR), { name, settings: { router: true, address } });

/** The same person with an address, so that mails reach him. */
export async function withMail(person: Person): Promise<Person> {
  const operator = ctxOf(person.ctx.organizationId, OPERATOR);
  const emails = [{ value: `p${person.id.slice(-12)}@people.example`, type: 'work', primary: true }];
  await changeUser(operator, person.id, (document) => ({ ...document, emails, preferredLanguage: 'en' }));
  return person;
}

export async function canSignIn({ id: userId, ctx }: Person): Promise<string> {
  const { organizationId } = ctx;
  await storePassword(
    { ...systemCtx(), organizationId },
    { organizationId, userId, hash: await hashPassword(PASSWORD) },
  );
  const [row] = await query<{ userName: string }>(
    'select user_name as "userName" from users where organization_id = $1 and id = $2',
    [organizationId, userId],
  );
  return row?.userName ?? '';
}

export type Application = {
  /** Where a browser is sent to sign in. */
  readonly ask: () => { url: URL; verifier: string };
  /** What the application reads in the access token, once the browser is back. */
  readonly read: (page: Page, verifier: string) => Promise<Record<string, unknown>>;
  readonly refresh: (refreshToken: string) => Promise<Response>;
  /** Signs in, in a browser that may have a session. */
  readonly token: (browser: Browser, userName: string) => Promise<Record<string, unknown>>;
};

/** A relying party of one application, over HTTP alone. */
export async function anApplication({ origin }: Pick<RightsHub, 'origin'>, application: string): Promise<Application> {
  const made = await createClient(systemCtx(), { name: 'Test', kind: 'web', application, redirectUris: [CALLBACK] });
  const basic = `Basic ${Buffer.from(`${made.clientId}:${made.clientSecret ?? ''}`).toString('base64')}`;
  const post = (body: Record<string, string>) =>
    fetch(`${origin}/oidc/token`, {
      method: 'POST',
      headers: { authorization: basic },
      body: new URLSearchParams(body),
    });
  const ask = () => {
    const verifier = randomBytes(32).toString('base64url');
    const url = new URL('/oidc/auth', origin);
    url.search = new URLSearchParams({
      client_id: made.clientId,
      response_type: 'code',
      redirect_uri: CALLBACK,
      scope: 'openid',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    }).toString();
    return { url, verifier };
  };
  const read = async (page: Page, verifier: string) => {
    const code = page.url.searchParams.get('code') ?? '';
    const answer = await post({
      grant_type: 'authorization_code',
      code,
      redirect_uri: CALLBACK,
      code_verifier: verifier,
    });
    const tokens = (await answer.json()) as { access_token: string; refresh_token: string };
    return { ...decodeJwt(tokens.access_token), refresh_token: tokens.refresh_token };
  };
  return {
    ask,
    read,
    refresh: (refreshToken) => post({ grant_type: 'refresh_token', refresh_token: refreshToken }),
    token: async (browser, userName) => {
      const { url, verifier } = ask();
      let page = await browser.open(url);
      if (page.url.pathname.startsWith('/sign-in/'))
        page = await browser.submit(page, { identifier: userName, password: PASSWORD });
      return read(page, verifier);
    },
  };
}

/** The mails to somebody, by kind, the oldest first. */
export const mailsTo = async (userId: string): Promise<{ kind: string; subject: string }[]> =>
  query('select kind, subject from mails where user_id = $1 order by id', [userId]);

/** Asks again until there is an answer: for what a job does. */
export async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 15_000;
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error('It did not come');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
