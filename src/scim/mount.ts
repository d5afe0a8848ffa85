// The SCIM edge's table of contents: bearer token -> connection -> Ctx, then one handler per endpoint and method.
// An own dispatcher: the answers are prepared texts and streams, which no framework has to look at.
import type { Request, RequestHandler, Response } from 'express';
import { once } from 'node:events';
import type { Logger } from 'pino';
import { authenticate, type Authenticated } from '../provisioning/authenticate.ts';
import { requestIdOf } from '../web/request-id.ts';
import { bodyLimit, readBody } from './body.ts';
import { discover } from './discovery-answers.ts';
import { ScimError, asScimError, toScimBody } from './errors.ts';
import type { Answer, Exchange } from './exchange.ts';
import { getGroup, patchGroup, postGroup, putGroup, queryGroups, removeGroup, searchGroups } from './groups.ts';
import { etagOf } from './preconditions.ts';
import { getUser, patchUser, postUser, putUser, queryUsers, removeUser, searchUsers } from './users.ts';

export type ScimSettings = { publicUrl: URL; log: Logger };

type Collection = (exchange: Exchange) => Promise<Answer>;
type Member = (exchange: Exchange, id: string) => Promise<Answer>;
type Routes<Handler> = Readonly<Record<string, Readonly<Record<string, Handler>>>>;

const COLLECTIONS: Routes<Collection> = {
  Users: { GET: queryUsers, POST: postUser },
  Groups: { GET: queryGroups, POST: postGroup },
  'Users/.search': { POST: searchUsers },
  'Groups/.search': { POST: searchGroups },
};
const MEMBERS: Routes<Member> = {
  Users: { GET: getUser, PUT: putUser, PATCH: patchUser, DELETE: removeUser },
  Groups: { GET: getGroup, PUT: putGroup, PATCH: patchGroup, DELETE: removeGroup },
};
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);

const unauthorized = () =>
  new ScimError(401, undefined, 'A valid bearer token of a provisioning connection is required.');

async function authenticated(req: Request): Promise<Authenticated> {
  const [scheme, token, ...rest] = (req.headers.authorization ?? '').split(' ');
  const found =
    scheme?.toLowerCase() === 'bearer' && token && rest.length === 0 ? await authenticate(token) : undefined;
  if (!found) throw unauthorized();
  return found;
}

function checkScope(token: Authenticated, method: string, path: string): void {
  const needed = method === 'GET' || path.endsWith('.search') ? 'read' : 'write';
  if (!token.scopes.includes(needed)) throw new ScimError(403, undefined, `This token may not ${needed}.`);
}

function route(path: readonly string[], method: string): ((exchange: Exchange) => Promise<Answer>) | undefined {
  const [endpoint = '', id] = path;
  const collection = COLLECTIONS[path.join('/')];
  const members = path.length === 2 && id !== '.search' ? MEMBERS[endpoint] : undefined;
  const found = collection ?? members;
  if (!found) throw new ScimError(404, undefined, 'There is no such endpoint.');
  if (!Object.hasOwn(found, method))
    throw new ScimError(405, undefined, `${method} is not possible here: use ${Object.keys(found).join(', ')}.`);
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

async function serve(req: Request, res: Response, settings: ScimSettings): Promise<Answer> {
  const baseUrl = `${settings.publicUrl.origin}/scim/v2`;
  const url = new URL(req.url, settings.publicUrl);
  const path = segments(url.pathname);
  const discovered = req.method === 'GET' ? discover(path, url.searchParams, baseUrl) : undefined;
  if (discovered) return discovered;
  const token = await authenticated(req);
  const handler = route(path, req.method);
  if (!handler) throw new ScimError(404, undefined, 'There is no such endpoint.');
  checkScope(token, req.method, url.pathname);
  const { organizationId, connectionId, connectionName } = token;
  return handler({
    ctx: {
      organizationId,
      actor: { kind: 'connection', id: connectionId, organizationId, label: connectionName },
      requestId: requestIdOf(res),
      now: new Date(),
      log: settings.log,
    },
    method: req.method,
    query: url.searchParams,
    body: WITH_BODY.has(req.method) ? await readBody(req, bodyLimit(path[0])) : undefined,
    ifMatch: req.headers['if-match'],
    ifNoneMatch: req.headers['if-none-match'],
    baseUrl,
  });
}

async function write(res: Response, answer: Answer): Promise<void> {
  const headers: Record<string, string | number> = { 'Cache-Control': 'no-store' };
  if (answer.version !== undefined) headers['ETag'] = etagOf(answer.version);
  if (answer.location !== undefined && answer.status === 201) headers['Location'] = answer.location;
  if (answer.body === undefined) return void res.writeHead(answer.status, headers).end();
  headers['Content-Type'] = 'application/scim+json';
  if (typeof answer.body === 'string') {
    headers['Content-Length'] = Buffer.byteLength(answer.body);
    return void res.writeHead(answer.status, headers).end(answer.body);
  }
  res.writeHead(answer.status, headers);
  for await (const piece of answer.body) if (!res.write(piece)) await once(res, 'drain');
  res.end();
}

function writeError(req: Request, res: Response, error: unknown, log: Logger): void {
  const requestId = requestIdOf(res);
  const known = asScimError(error, requestId);
  if (known.status >= 500) log.error({ err: error, requestId }, 'a SCIM request failed');
  // Once the head is out, only a broken connection tells the client that the answer is not whole.
  if (res.headersSent) return void res.destroy();
  const body = JSON.stringify(toScimBody(known));
  const headers: Record<string, string | number> = {
    'Content-Type': 'application/scim+json',
    'Cache-Control': 'no-store',
  };
  if (known.status === 401) headers['WWW-Authenticate'] = 'Bearer realm="scim"';
  if (known.retryAfter !== undefined) headers['Retry-After'] = known.retryAfter;
  // What is left of a body that was refused unread ends with the connection.
  if (!req.complete) headers['Connection'] = 'close';
  res.writeHead(known.status, headers).end(body);
}

/** Mount at /scim/v2. */
export function scim(settings: ScimSettings): RequestHandler {
  return (req, res) => {
    serve(req, res, settings)
      .then((answer) => write(res, answer))
      .catch((error: unknown) => writeError(req, res, error, settings.log));
  };
}
