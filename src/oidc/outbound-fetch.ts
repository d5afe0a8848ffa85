// The way in which the provider fetches key sets of clients. https only, no redirects, private addresses refused by the
// provider's own dispatcher. On a developer's machine, whose applications are on loopback, loopback is allowed as well.
// Logout tokens are posted by signals/post-outside.ts.
import type { OidcSettings } from './oidc-settings.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
const LONGEST_MS = 5000;

export function fetchOutside({ production }: Pick<OidcSettings, 'production'>) {
  return async (address: string | URL | Request, options: RequestInit = {}): Promise<Response> => {
    const url = new URL(address instanceof Request ? address.url : address);
    const own = !production && LOOPBACK.has(url.hostname);
    if (url.protocol !== 'https:' && !own) throw new TypeError(`${url.origin} is not https`);
    const { dispatcher, ...open } = options as RequestInit & { dispatcher?: unknown };
    const guarded = own || dispatcher === undefined ? open : { ...open, dispatcher };
    return fetch(url, { ...guarded, redirect: 'manual', signal: AbortSignal.timeout(LONGEST_MS) });
  };
}
