// The management API's table of contents, to be mounted at /api/v1: every operation of the table gets its route; the rest
// is 404 or 405. An answer is put through its schema, so that nothing leaves that the documentation does not name.
import { Router, type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Ctx } from '../context.ts';
import { findOrganization } from '../organizations/find-organization.ts';
import { problemHandler, writeProblem } from '../web/problem.ts';
import { requestIdOf } from '../web/request-id.ts';
import { writePieces } from '../web/write-pieces.ts';
import { actorOf, authenticate, authorize } from './authenticate.ts';
import { HANDLERS } from './handlers.ts';
import { createDocument } from './openapi.ts';
import type { Operation } from './operation.ts';
import { everyOperation, type OperationKey } from './operations.ts';
import { RequestProblem } from './problems.ts';
import { readBody } from './read-body.ts';
import { validate } from './validate.ts';

type ApiSettings = { readonly publicUrl: URL; readonly log: Logger };

type LooseCall = {
  readonly params: Readonly<Record<string, string>>;
  readonly query: unknown;
  readonly body: unknown;
  readonly publicUrl: URL;
};
/** A promise of the answer, or its pieces. */
type LooseHandler = (ctx: Ctx, call: LooseCall) => unknown;

const expressPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

const UUID_SHAPED = /^[0-9a-f-]{36}$/i;
/** Ids in one spelling; an id that is none names nothing, which the domain answers. */
const paramsOf = (req: Request): Record<string, string> =>
  Object.fromEntries(
    Object.entries(req.params).map(([name, value]) => {
      const text = String(value);
      return [name, UUID_SHAPED.test(text) ? text.toLowerCase() : text];
    }),
  );

/** PostgreSQL stores neither; what nothing can be named by is not found. */
const isNameable = (value: string): boolean => value.isWellFormed() && !/\p{Cc}/u.test(value);

const notFound = (): RequestProblem =>
  new RequestProblem({ status: 404, code: 'not_found', detail: 'There is nothing at this address.' });

function notAllowed(methods: readonly string[]): RequestHandler {
  const allow = methods.map((method) => method.toUpperCase()).join(', ');
  return () => {
    throw new RequestProblem(
      { status: 405, code: 'invalid_request', detail: `Only ${allow} is possible here.` },
      { Allow: allow },
    );
  };
}

function route(key: OperationKey, operation: Operation, settings: ApiSettings): RequestHandler {
  const handle = HANDLERS[key] as unknown as LooseHandler;
  const { answer, status = 200 } = operation;
  return async (req, res) => {
    const params = paramsOf(req);
    const token = await authenticate(req.headers.authorization);
    const { organization } = params;
    authorize(token, operation, organization);
    if (!Object.values(params).every(isNameable)) throw notFound();
    const ctx: Ctx = { actor: actorOf(token), requestId: requestIdOf(res), now: new Date(), log: settings.log };
    const { query, body } = validate(
      operation,
      new URL(req.url, settings.publicUrl).searchParams,
      await readBody(req, operation.bodyLimit),
    );
    const call = { params, query, body, publicUrl: settings.publicUrl };
    if (organization !== undefined) await findOrganization(ctx, organization);
    const given = await handle(organization === undefined ? ctx : { ...ctx, organizationId: organization }, call);
    if (operation.streams)
      return writePieces(res, given as AsyncIterable<string>, () =>
        res.set('Cache-Control', 'no-store').type('application/json'),
      );
    res.set('Cache-Control', 'no-store');
    if (!answer) return void res.status(204).end();
    res
      .status(status)
      .type('application/json')
      .send(JSON.stringify(z.encode(answer, given)));
  };
}

const writeRequestProblem: ErrorRequestHandler = (error: unknown, req: Request, res: Response, next) => {
  // What is left of a body that was refused unread ends with the connection.
  if (!req.complete) res.set('Connection', 'close');
  if (!(error instanceof RequestProblem)) return void next(error);
  res.set(error.headers);
  writeProblem(res, error.problem);
};

/** Mount at /api/v1, behind assignRequestId. The document at /openapi.json is public. */
export function api(settings: ApiSettings): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const document = JSON.stringify(createDocument(settings.publicUrl));
  router.get(
    '/openapi.json',
    (_req, res) => void res.set('Cache-Control', 'public, max-age=300').type('application/json').send(document),
  );
  const paths = new Map<string, string[]>([['/openapi.json', ['get']]]);
  for (const [key, operation] of everyOperation) {
    router[operation.method](expressPath(operation.path), route(key, operation, settings));
    paths.set(operation.path, [...(paths.get(operation.path) ?? []), operation.method]);
  }
  for (const [path, methods] of paths) router.all(expressPath(path), notAllowed(methods));
  router.use(() => {
    throw notFound();
  });
  router.use(writeRequestProblem, problemHandler({ log: settings.log }));
  return router;
}
