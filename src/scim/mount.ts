// The SCIM edge's table of contents: bearer token -> connection -> Ctx, then one handler per endpoint and method.
// An own dispatcher: the answers are prepared texts and streams, which no framework has to look at.
import type { Request, RequestHandler, Response } from 'express';
import { once } from 'node:events';
import type { Logger } from 'pino';
import { authenticate, authenticateClient, type ClientToken } from '../provisioning/authenticate.ts';
import { dryRun } from '../provisioning/dry-run.ts';
import type { Authenticated } from '../provisioning/kept-tokens.ts';
import { logRequest } from '../provisioning/request-log.ts';
import { requestIdOf } from '../web/request-id.ts';
import { applySettings } from './apply-settings.ts';
import { bodyLimit, readBody } from './body.ts';
import { postBulk } from './bulk.ts';
import { discover } from './discovery-answers.ts';
import { ScimError, asScimError, notAllowed, toScimBody } from './errors.ts';
import { eachPiece, type Answer, type Exchange } from './exchange.ts';
import { getGroup, patchGroup, postGroup, putGroup, queryGroups, removeGroup, searchGroups } from './groups.ts';
import { me, type VerifyMe } from './me.ts';
import { etagOf } from './preconditions.ts';
import { getEntitlement, getRole, listEntitlements, listRoles } from './roles.ts';
import { queryAll, searchAll } from './search-all.ts';
import { getUser, patchUser, postUser, putUser, queryUsers, removeUser, searchUsers } from './users.ts';

export type ScimSettings = {
  publicUrl: URL;
  log: Logger;
  /** Whose access token it is that opens /Me (see me.ts); absent: there is no /Me. */
  me?: VerifyMe;
  /** Reads an access token of a connection's client; absent: only the connections' own tokens count. */
  directoryToken?: (token: string) => Promise<ClientToken | undefined>;
};

type Collection = (exchange: Exchange) => Promise<Answer>;
type Member = (exchange: Exchange, id: string) => Promise<Answer>;
type Routes<Handler> = Readonly<Record<string, Readonly<Record<string, Handler>>>>;

const COLLECTIONS: Routes<Collection> = {
  Users: { GET: queryUsers, POST: postUser },
  Groups: { GET: queryGroups, POST: postGroup },
  Roles: { GET: listRoles },
  Entitlements: { GET: listEntitlements },
  Bulk: { POST: (exchange) => postBulk(exchange, perform) },
  '': { GET: queryAll },
  '.search': { POST: searchAll },
  'Users/.search': { POST: searchUsers },
  'Groups/.search': { POST: searchGroups },
};
const MEMBERS: Routes<Member> = {
  Users: { GET: getUser, PUT: putUser, PATCH: patchUser, DELETE: removeUser },
  Groups: { GET: getGroup, PUT: putGroup, PATCH: patchGroup, DELETE: removeGroup },
  Roles: { GET: getRole },
  Entitlements: { GET: getEntitlement },
};
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);

const unauthorized = () =>
  new ScimError(401, undefined, 'A valid bearer token of a provisioning connection is required.');

/** A signed access token has three parts, a token of the connection's own two. */
async function findConnection(token: string, settings: ScimSettings): Promise<Authenticated | undefined> {
  if (token.split('.', 3).length < 3) return authenticate(token);
  const client = await settings.directoryToken?.(token);
  return client && authenticateClient(client);
}

async function authenticated(req: Request, settings: ScimSettings): Promise<Authenticated> {
  const [scheme, token, ...rest] = (req.headers.authorization ?? '').split(' ');
  const found =
    scheme?.toLowerCase() === 'bearer' && token && rest.length === 0
      ? await findConnection(token, settings)
      : undefined;
  if (!found) throw unauthorized();
  return found;
}

function checkScope(token: Authenticated, method: string, path: string): void {
  const needed = method === 'GET' || path.endsWith('.search') ? 'read' : 'write';
  if (token.scopes.includes(needed)) return;
  throw new ScimError(403, undefined, `This token may not ${needed}.`, undefined, {
    'WWW-Authenticate': `Bearer realm="scim", error="insufficient_scope", scope="scim:${needed}"`,
  });
}

function route(path: readonly string[], method: string): ((exchange: Exchange) => Promise<Answer>) | undefined {
  const [endpoint = '', id] = path;
  const own = <Handler>(routes: Routes<Handler>, key: string) => (Object.hasOwn(routes, key) ? routes[key] : undefined);
  const collection = own(COLLECTIONS, path.join('/'));
  const members = path.length === 2 && id !== '.search' ? own(MEMBERS, endpoint) : undefined;
  const found = collection ?? members;
  if (!found) throw new ScimError(404, undefined, 'There is no such endpoint.');
  if (!Object.hasOwn(found, method)) throw notAllowed(method, Object.keys(found));
  if (collection) return collection[method];
  const member = members?.[method];
  return member && ((exchange) => member(exchange, id as string));
}

const segments = (pathname: string): string[] => {
  try {
    return pathname
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent);
  } catch {
    throw new ScimError(404, undefined, 'There is no such endpoint.');
  }
};

/** Throws 428 and what strict mode refuses, before the handler sees the request. */
async function perform(exchange: Exchange, path: readonly string[]): Promise<Answer> {
  const handler = route(path, exchange.method);
  if (!handler) throw new ScimError(404, undefined, 'There is no such endpoint.');
  const body = applySettings(exchange.settings, path, exchange);
  return handler(body === exchange.body ? exchange : { ...exchange, body });
}

/** The whole answer, put together before what it tells is undone. */
const tried = (exchange: Exchange, path: readonly string[]): Promise<Answer> =>
  dryRun(async () => {
    const answer = await perform(exchange, path);
    const pieces: string[] = [];
    await eachPiece(answer, (piece) => void pieces.push(piece));
    return { ...answer, ...(pieces.length > 0 ? { body: pieces.join('') } : {}), dryRun: true };
  });

async function serve(req: Request, res: Response, settings: ScimSettings, seen: Seen): Promise<Answer> {
  const baseUrl = `${settings.publicUrl.origin}/scim/v2`;
  const url = new URL(req.url, settings.publicUrl);
  const path = segments(url.pathname);
  const method = req.method === 'HEAD' ? 'GET' : req.method;
  const discovered = discover(path, { method, query: url.searchParams, baseUrl });
  if (discovered) return discovered;
  if (path[0] === 'Me') return me(req, path, { ...settings, baseUrl, requestId: requestIdOf(res) });
  const token = await authenticated(req, settings);
  seen.token = token;
  route(path, method);
  checkScope(token, method, url.pathname);
  const { organizationId, connectionId, connectionName } = token;
  const body = WITH_BODY.has(method) ? await readBody(req, bodyLimit(path[0])) : undefined;
  seen.body = body;
  const exchange: Exchange = {
    ctx: {
      organizationId,
      actor: { kind: 'connection', id: connectionId, organizationId, label: connectionName },
      requestId: requestIdOf(res),
      now: new Date(),
      log: settings.log,
    },
    method,
    query: url.searchParams,
    body,
    ifMatch: req.headers['if-match'],
    ifNoneMatch: req.headers['if-none-match'],
    baseUrl,
    settings: token.settings,
  };
  seen.dryRun = token.settings.dryRun || req.headers['mandate-dry-run']?.toString().toLowerCase() === 'true';
  return seen.dryRun && method !== 'GET' ? tried(exchange, path) : perform(exchange, path);
}

async function write(res: Response, answer: Answer, isHead: boolean): Promise<void> {
  const headers: Record<string, string | number> = { 'Cache-Control': 'no-store' };
  if (answer.version !== undefined) headers['ETag'] = etagOf(answer.version);
  if (answer.location !== undefined && answer.status === 201) headers['Location'] = answer.location;
  if (answer.dryRun) headers['Mandate-Dry-Run'] = 'true';
  if (answer.body === undefined) return void res.writeHead(answer.status, headers).end();
  headers['Content-Type'] = 'application/scim+json';
  if (isHead) return void res.writeHead(answer.status, headers).end();
  if (typeof answer.body === 'string') {
    headers['Content-Length'] = Buffer.byteLength(answer.body);
    return void res.writeHead(answer.status, headers).end(answer.body);
  }
  res.writeHead(answer.status, headers);
  for await (const piece of answer.body) if (!res.write(piece)) await once(res, 'drain');
  res.end();
}

function writeError(req: Request, res: Response, error: unknown, log: Logger): ScimError {
  const requestId = requestIdOf(res);
  const known = asScimError(error, requestId);
  if (known.status >= 500) log.error({ err: error, requestId }, 'a SCIM request failed');
  // Once the head is out, only a broken connection tells the client that the answer is not whole.
  if (res.headersSent) {
    res.destroy();
    return known;
  }
  const body = JSON.stringify(toScimBody(known));
  const headers: Record<string, string | number> = {
    'Content-Type': 'application/scim+json',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    ...known.headers,
  };
  // RFC 6750 section 3: an error is named only where a token was sent.
  if (known.status === 401)
    headers['WWW-Authenticate'] =
      `Bearer realm="scim"${req.headers.authorization === undefined ? '' : ', error="invalid_token"'}`;
  if (known.retryAfter !== undefined) headers['Retry-After'] = known.retryAfter;
  // What is left of a body that was refused unread ends with the connection.
  if (!req.complete) headers['Connection'] = 'close';
  res.writeHead(known.status, headers).end(body);
  return known;
}

/** What the log of the connection's requests is told; only of requests with a live token. */
type Seen = { readonly begun: number; readonly at: Date; token?: Authenticated; body?: unknown; dryRun?: boolean };

function note(req: Request, res: Response, { log }: ScimSettings, seen: Seen, error?: ScimError): void {
  const { token, begun, at, body, dryRun: dry = false } = seen;
  if (!token) return;
  logRequest(
    {
      organizationId: token.organizationId,
      connectionId: token.connectionId,
      tokenId: token.tokenId,
      clientId: token.clientId,
      at,
      method: req.method,
      path: req.url,
      status: error?.status ?? res.statusCode,
      ...(error ? { why: error.detail } : {}),
      ...(error?.scimType ? { scimType: error.scimType } : {}),
      durationMs: performance.now() - begun,
      body,
      bodySize: body === undefined ? 0 : Number(req.headers['content-length'] ?? Infinity),
      requestId: requestIdOf(res),
      dryRun: dry,
    },
    log,
  );
}

/** Mount at /scim/v2. */
export function scim(settings: ScimSettings): RequestHandler {
  return (req, res) => {
    const seen: Seen = { begun: performance.now(), at: new Date() };
    serve(req, res, settings, seen)
      .then((answer) => write(res, answer, req.method === 'HEAD'))
      .then(
        () => note(req, res, settings, seen),
        (error: unknown) => note(req, res, settings, seen, writeError(req, res, error, settings.log)),
      );
  };
}
