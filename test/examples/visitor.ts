// A browser as far as the example needs one: cookies, forms, redirects followed step by step; and a running example.
import { startExample } from '../../examples/e-masspost/start-example.ts';
import type { Element } from '../../examples/e-masspost/enforce.ts';
import { CLIENT, startIssuer, type Issuer } from '../support/issuer.ts';

export const AUDIENCE = 'https://portal.example/applications/emasspost';
const quiet = { info: () => {}, warn: () => {}, error: () => {} };

export type Page = { status: number; headers: Headers; text: string; location: string | undefined };

export class Visitor {
  readonly base: string;
  readonly cookies = new Map<string, string>();

  constructor(base: string) {
    this.base = base;
  }

  /** One request; a redirect is not followed. */
  async request(path: string, init: RequestInit = {}): Promise<Page> {
    const headers = new Headers(init.headers);
    headers.set('cookie', [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    if (!headers.has('accept-language')) headers.set('accept-language', 'en');
    const answer = await fetch(new URL(path, this.base), { ...init, headers, redirect: 'manual' });
    if (answer.url.startsWith(this.base)) answer.headers.getSetCookie().forEach((line) => this.#keep(line));
    const location = answer.headers.get('location');
    return {
      status: answer.status,
      headers: answer.headers,
      text: await answer.text(),
      location: location === null ? undefined : new URL(location, answer.url).href,
    };
  }

  /** Follows redirects, over the provider too. */
  async open(path: string, init: RequestInit = {}): Promise<Page & { url: string }> {
    let url = new URL(path, this.base).href;
    let page = await this.request(url, init);
    for (let hops = 0; page.location !== undefined && hops < 10; hops++) {
      url = page.location;
      page = await this.request(url);
    }
    return { ...page, url };
  }

  /** Posts a form with the token of the last page seen at `/deposits/new`. */
  async post(path: string, fields: Record<string, string>, csrf?: string): Promise<Page> {
    const token = csrf ?? csrfOf((await this.request('/deposits/new')).text);
    return this.request(path, { method: 'POST', body: new URLSearchParams({ csrf: token, ...fields }) });
  }

  #keep(line: string): void {
    const [pair = ''] = line.split(';');
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals);
    if (/expires=Thu, 01 Jan 1970|max-age=0/i.test(line)) this.cookies.delete(name);
    else this.cookies.set(name, pair.slice(equals + 1));
  }
}

export const csrfOf = (html: string): string => /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';

/** An element as the provider's tokens carry it. */
export const element = (issuer: Issuer, more: Partial<Element> = {}) => ({
  type: `${issuer.issuer}/rar/entitlement/v1`,
  identifier: '0001234567',
  privileges: ['create_deposit', 'deposit_statement'],
  products: ['letter'],
  billing_addresses: ['NM-SALES'],
  ...more,
});

/** Letters for Sales, periodicals for Finance. */
export const carlas = (issuer: Issuer) => [
  element(issuer),
  element(issuer, { products: ['periodical'], billing_addresses: ['NM-FINANCE'] }),
];

export async function startBoth() {
  const issuer = await startIssuer(AUDIENCE);
  const example = await startExample({ ...CLIENT, issuer: issuer.issuer, audience: AUDIENCE, port: 0, log: quiet });
  const close = async () => {
    await example.close();
    await issuer.close();
  };
  const signedIn = async (): Promise<Visitor> => {
    const visitor = new Visitor(example.url);
    const page = await visitor.open('/sign-in');
    if (page.status !== 200) throw new Error(`The sign-in ended with ${page.status}`);
    return visitor;
  };
  return { issuer, example, signedIn, visitor: () => new Visitor(example.url), close };
}
