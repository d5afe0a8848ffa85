// A browser without a screen: follows redirects one by one, keeps cookies per host, fills in forms.
export type Page = { url: URL; status: number; text: string; headers: Headers };

const MOST_HOPS = 15;

const unescapeHtml = (text: string): string =>
  text
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#34;', '"')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'");

const attribute = (tag: string, name: string): string | undefined => {
  const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return found === undefined ? undefined : unescapeHtml(found);
};

export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();

  #keep(url: URL, headers: Headers): void {
    const jar = this.#cookies.get(url.host) ?? new Map<string, string>();
    for (const cookie of headers.getSetCookie()) {
      const [pair = '', ...rest] = cookie.split(';');
      const at = pair.indexOf('=');
      const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
      const gone = value === '' || rest.some((part) => /^\s*(max-age=0|expires=thu, 01 jan 1970)/i.test(part));
      if (gone) jar.delete(name);
      else jar.set(name, value);
    }
    this.#cookies.set(url.host, jar);
  }

  /** As when the browser is closed: only the cookies of these names stay. */
  forgetAllBut(names: readonly string[]): void {
    for (const jar of this.#cookies.values())
      for (const name of jar.keys()) if (!names.includes(name)) jar.delete(name);
  }

  async #fetch(url: URL, init: RequestInit): Promise<{ response: Response; text: string }> {
    const cookie = [...(this.#cookies.get(url.host) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(init.headers as Record<string, string> | undefined), ...(cookie === '' ? {} : { cookie }) };
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    this.#keep(url, response.headers);
    return { response, text: await response.text() };
  }

  /** Opens an address and follows redirects until a page answers, or the next hop begins with `until`. */
  async open(address: string | URL, init: RequestInit = {}, until = ''): Promise<Page> {
    let url = new URL(address);
    let request = init;
    for (let hop = 0; hop < MOST_HOPS; hop++) {
      const { response, text } = await this.#fetch(url, request);
      const location = response.headers.get('location');
      if (!location) return { url, status: response.status, text, headers: response.headers };
      const next = new URL(location, url);
      if (until !== '' && next.href.startsWith(until))
        return { url: next, status: response.status, text: '', headers: response.headers };
      [url, request] = [next, {}];
    }
    throw new Error(`More than ${MOST_HOPS} redirects from ${String(address)}`);
  }

  /** Sends the page's first form that is posted, with its hidden fields and these values. */
  submit(page: Page, values: Record<string, string>, until = ''): Promise<Page> {
    const form = /<form[^>]*method="post"[\s\S]*?<\/form>/i.exec(page.text)?.[0];
    if (!form) throw new Error(`There is no form on ${page.url.pathname} (status ${page.status})`);
    const fields = new URLSearchParams();
    for (const [tag] of form.matchAll(/<input[^>]*type="hidden"[^>]*>/gi)) {
      const name = attribute(tag, 'name');
      if (name !== undefined) fields.set(name, attribute(tag, 'value') ?? '');
    }
    for (const [name, value] of Object.entries(values)) fields.set(name, value);
    const action = new URL(attribute(form.slice(0, form.indexOf('>') + 1), 'action') ?? '', page.url);
    const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: page.url.origin };
    return this.open(action, { method: 'POST', body: fields.toString(), headers }, until);
  }
}
