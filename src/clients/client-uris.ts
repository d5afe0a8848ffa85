// Which addresses a client may register. Web clients: https, or http on this machine for development. Native clients
// (RFC 8252 section 7): a private scheme in reverse-domain form, claimed https, or the loopback literal on any port.
// Never a fragment, credentials, a wildcard or a relative address (RFC 9700 section 4.1).
import { HubError } from '../errors.ts';

export type ClientKind = 'web' | 'native' | 'service';
type Issue = { path: string; message: string };

type ClientUris = {
  kind: ClientKind;
  redirectUris: readonly string[];
  postLogoutRedirectUris: readonly string[];
  backchannelLogoutUri: string | undefined;
};

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
const LOOPBACK_LITERAL = new Set(['127.0.0.1', '[::1]']);
const FORBIDDEN_SCHEMES = new Set([
  'javascript:',
  'data:',
  'file:',
  'vbscript:',
  'blob:',
  'about:',
  'ftp:',
  'ws:',
  'wss:',
]);

/** Throws HubError `invalid_input` with every fault in details.issues. */
export function checkClientUris({
  kind,
  redirectUris,
  postLogoutRedirectUris,
  backchannelLogoutUri,
}: ClientUris): void {
  const redirects = redirectUris.map((uri, index) => ({
    path: `redirect_uris[${index}]`,
    message: redirectFault(uri, kind),
  }));
  const returns = postLogoutRedirectUris.map((uri, index) => ({
    path: `post_logout_redirect_uris[${index}]`,
    message: redirectFault(uri, kind),
  }));
  const back =
    backchannelLogoutUri === undefined
      ? []
      : [{ path: 'backchannel_logout_uri', message: redirectFault(backchannelLogoutUri, 'web') }];
  const issues = [...redirects, ...returns, ...back].filter((issue): issue is Issue => issue.message !== undefined);
  if (kind === 'service' && redirectUris.length > 0)
    issues.push({ path: 'redirect_uris', message: 'a service has no sign-in and no redirect URI' });
  if (kind !== 'service' && redirectUris.length === 0)
    issues.push({ path: 'redirect_uris', message: 'at least one is needed' });
  if (issues.length > 0) {
    throw new HubError('invalid_input', issues.map(({ path, message }) => `${path}: ${message}`).join('; '), {
      issues,
    });
  }
}

function redirectFault(uri: string, kind: ClientKind): string | undefined {
  if (!URL.canParse(uri)) return 'must be an absolute URI';
  const url = new URL(uri);
  if (uri.includes('#')) return 'must have no fragment';
  if (uri.includes('*')) return 'must be exact; wildcards are not allowed';
  if (url.username || url.password) return 'must hold no credentials';
  if (FORBIDDEN_SCHEMES.has(url.protocol)) return `the scheme ${url.protocol} is not allowed`;
  if (url.protocol === 'https:')
    return kind === 'native' && LOOPBACK.has(url.hostname) ? 'on this machine a native client uses http' : undefined;
  if (kind === 'native') {
    if (url.protocol === 'http:')
      return LOOPBACK_LITERAL.has(url.hostname) ? undefined : 'http is allowed on 127.0.0.1 and [::1] only';
    return url.protocol.includes('.') ? undefined : 'a private scheme must be a reversed domain name (com.example.app)';
  }
  if (url.protocol === 'http:' && LOOPBACK.has(url.hostname)) return undefined;
  return 'must be https (http only on this machine)';
}
