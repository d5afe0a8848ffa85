// The short way to a token: a service that asks for one application's (RFC 6749 section 4.4), or an application that
// refreshes a person's (section 6), nothing else. It only ever says yes. Whatever is asked in another way, is refused or
// goes wrong passes on, unread, to the provider, whose answer it then is; the same request gets the same token from either.
// Why: docs/decisions/0010-short-way-to-a-token.md.
import type { Request, RequestHandler, Response } from 'express';
import { countActivity } from '../figures/count-activity.ts';
import type { LiveProvider } from './live-provider.ts';
import { MOUNT_PATH, type OidcSettings } from './oidc-settings.ts';
import { peekBody } from './peek-body.ts';
import { refreshedTokens } from './quick-refresh.ts';
import { readAsked } from './quick-request.ts';
import { serviceToken } from './quick-service.ts';

export const TOKEN_PATH = `${MOUNT_PATH}/token`;

const FORM = /^application\/x-www-form-urlencoded(?:; ?charset=utf-8)?$/i;
const LONGEST_BODY = 2048;
/** A browser's request, and ways of proving who one is that the provider knows and this does not. */
const OTHER_HEADERS = ['origin', 'dpop', 'oauth-client-attestation', 'oauth-client-attestation-pop'];
const GRANTS = new Map([
  ['client_credentials', serviceToken],
  ['refresh_token', refreshedTokens],
]);

export function quickToken(settings: OidcSettings, live: LiveProvider): RequestHandler {
  async function answer(req: Request): Promise<object | undefined> {
    const body = await peekBody(req, LONGEST_BODY);
    const asked = body === undefined ? undefined : await readAsked(body, req.headers.authorization);
    const issue = asked && GRANTS.get(asked.grantType);
    return asked && issue?.({ settings, keys: await live.keys(), now: new Date() }, asked);
  }

  return (req, res, next) => {
    if (!isPlain(req)) return next();
    answer(req).then(
      (token) => {
        if (!token) return next();
        countActivity('token', settings.log);
        send(res, token);
      },
      // The provider meets the same fault and says it in the protocol's words.
      () => next(),
    );
  };
}

function isPlain(req: Request): boolean {
  return (
    req.originalUrl === TOKEN_PATH &&
    FORM.test(req.headers['content-type'] ?? '') &&
    OTHER_HEADERS.every((name) => req.headers[name] === undefined)
  );
}

function send(res: Response, token: object): void {
  res.vary('Origin');
  res.set({
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers': 'WWW-Authenticate',
    'Cache-Control': 'no-store',
    'Content-Type': 'application/json; charset=utf-8',
  });
  res.end(JSON.stringify(token));
}
