// Forged form posts are refused twice: by where the browser says the request comes from (Fetch Metadata, Origin), and
// by a token that is an HMAC over the visitor's session, or before sign-in over a random cookie of his own
// (OWASP's HMAC-based token pattern). The first stops other sites, the second also stops a sibling host and a forced sign-in.
import { randomBytes } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { readCookie, setCookie, sign, unsign } from './cookies.ts';
import type { SigningKeys } from './cookies.ts';
import { hasNulInForm, Unreadable } from './unreadable.ts';

export type FormSettings = { readonly publicUrl: URL; readonly keys: SigningKeys };

/** Name of the hidden field; the header of the same meaning is for forms whose body is read later (uploads). */
const FORM_FIELD = 'csrf';
const HEADER = 'x-csrf-token';
const COOKIE = 'form';
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Thrown to the error page: the form is foreign, forged, or older than the session. */
export class ForgedForm extends Error {
  readonly status = 403;
  constructor(reason: string) {
    super(`Form refused: ${reason}`);
    this.name = 'ForgedForm';
  }
}

/** Binds the forms of this answer, and the check of this request, to a session instead of the pre-session cookie. */
export function bindForms(res: Response, sessionId: string): void {
  res.locals.formBinding = sessionId;
}

/** The token for the forms of this page. Sets the pre-session cookie if there is neither session nor cookie. */
export function formToken(req: Request, res: Response, settings: FormSettings): string {
  res.locals.formToken ??= sign(
    purpose(binding(req, res, settings) ?? startVisit(res, settings)),
    nonce(),
    settings.keys,
  );
  return res.locals.formToken;
}

/** Middleware behind the body parser and whatever calls `bindForms`. */
export function checkForms(settings: FormSettings): RequestHandler {
  return (req, res, next) => {
    if (SAFE_METHODS.has(req.method)) return next();
    if (hasNulInForm(req.body)) return next(new Unreadable());
    const reason = foreign(req, settings.publicUrl) ?? unproven(req, res, settings);
    next(reason === undefined ? undefined : new ForgedForm(reason));
  };
}

// `none` is a request that a person caused outside any page, such as a reload of a form's answer.
function foreign(req: Request, publicUrl: URL): string | undefined {
  const site = req.get('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin' || site === 'none' ? undefined : `it comes from a ${site} page`;
  const origin = req.get('origin');
  return origin === undefined || origin === publicUrl.origin ? undefined : 'it comes from another origin';
}

function unproven(req: Request, res: Response, settings: FormSettings): string | undefined {
  const body: unknown = req.body;
  const field = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[FORM_FIELD] : undefined;
  const token = field ?? req.get(HEADER);
  if (typeof token !== 'string') return 'it carries no token';
  const bound = binding(req, res, settings);
  if (bound === undefined) return 'the visitor has no cookie';
  return unsign(purpose(bound), token, settings.keys) === undefined ? 'its token is not for this visitor' : undefined;
}

function binding(req: Request, res: Response, settings: FormSettings): string | undefined {
  if (res.locals.formBinding !== undefined) return `session ${res.locals.formBinding}`;
  const visit = readCookie(req, settings.publicUrl, COOKIE);
  return visit ? `visit ${visit}` : undefined;
}

function startVisit(res: Response, settings: FormSettings): string {
  const visit = nonce();
  setCookie(res, settings.publicUrl, COOKIE, visit);
  return `visit ${visit}`;
}

const purpose = (bound: string) => `form ${bound}`;
const nonce = () => randomBytes(18).toString('base64url');
