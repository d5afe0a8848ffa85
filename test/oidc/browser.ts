// A browser without script for tests of pages: keeps cookies by path, follows redirects on the hub's own origin and stops
// at an application's address, and fills in forms by the names of their fields.

type Cookie = { name: string; value: string; path: string };

export type Page = {
  status: number;
  /** Address of the page, or of the application to which the last redirect leads. */
  url: URL;
  html: string;
  headers: Headers;
};

export class Browser {
  readonly #origin: string;
  #cookies: Cookie[] = [];
  readonly #headers: Record<string, string>;

  constructor(origin: string, headers: Record<string, string> = {}) {
    this.#origin = origin;
    this.#headers = headers;
  }

  open(address: string | URL): Promise<Page> {
    return this.#follow(new URL(address, this.#origin), { method: 'GET' });
  }

  /** Posts the page's form with its hidden fields and these. */
  submit(page: Page, fields: Record<string, string> = {}): Promise<Page> {
    const action = decode(/<form[^>]*action="([^"]*)"/.exec(page.html)?.[1] ?? page.url.href);
    const body = new URLSearchParams({ ...hiddenFields(page.html), ...fields });
    return this.#follow(new URL(action, page.url), { method: 'POST', body });
  }

  /** The same, but goes nowhere from there. */
  send(page: Page, fields: Record<string, string> = {}): Promise<Page> {
    const action = decode(/<form[^>]*action="([^"]*)"/.exec(page.html)?.[1] ?? page.url.href);
    const body = new URLSearchParams({ ...hiddenFields(page.html), ...fields });
    return this.#follow(new URL(action, page.url), { method: 'POST', body }, 1);
  }

  cookie(name: string): string | undefined {
    return this.#cookies.find((cookie) => cookie.name === name)?.value;
  }

  setCookie(name: string, value: string): void {
    this.#keep({ name, value, path: '/' });
  }

  async #follow(url: URL, init: RequestInit, hops = 20): Promise<Page> {
    for (let hop = 1; hop <= hops; hop++) {
      const res = await fetch(url, {
        ...init,
        redirect: 'manual',
        headers: { accept: 'text/html', cookie: this.#cookieHeader(url), ...this.#headers },
      });
      for (const line of res.headers.getSetCookie()) this.#keep(parseCookie(line));
      const location = res.headers.get('location');
      if (location === null || hops === 1)
        return { status: res.status, url, html: await res.text(), headers: res.headers };
      url = new URL(location, url);
      init = { method: 'GET' };
      if (url.origin !== this.#origin) return { status: res.status, url, html: '', headers: res.headers };
    }
    throw new Error('The redirects do not end');
  }

  #cookieHeader(url: URL): string {
    const fit = this.#cookies.filter(
      ({ path }) => url.pathname === path || url.pathname.startsWith(path.endsWith('/') ? path : `${path}/`),
    );
    return fit.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  #keep(cookie: Cookie): void {
    this.#cookies = this.#cookies.filter(({ name, path }) => name !== cookie.name || path !== cookie.path);
    if (cookie.value !== '') this.#cookies.push(cookie);
  }
}

function parseCookie(line: string): Cookie {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
  const equals = pair.indexOf('=');
  const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice(5) ?? '/';
  return { name: pair.slice(0, equals), value: pair.slice(equals + 1), path };
}

function hiddenFields(html: string): Record<string, string> {
  const inputs = [...html.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([input]) => input);
  return Object.fromEntries(inputs.map((input) => [attribute(input, 'name'), attribute(input, 'value')]));
}

const attribute = (tag: string, name: string): string => decode(new RegExp(`${name}="([^"]*)"`).exec(tag)?.[1] ?? '');
const decode = (text: string): string =>
  text.replaceAll('&amp;', '&').replaceAll('&#34;', '"').replaceAll('&#39;', "'");
