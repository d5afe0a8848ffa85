// Errors as pages: what went wrong in the visitor's language, what to do next, and the request id to quote.
// Nothing of an unexpected error reaches the page. If the page itself cannot be made, a plain sentence goes out instead.
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { ForgedForm } from './csrf.ts';
import { toProblem, writeRetryAfter } from './problem.ts';
import type { Render } from './render.ts';
import { requestIdOf } from './request-id.ts';

/** Kinds of error page; each has a title, a text and a next step in `errors.yaml`. */
export const ERROR_PAGES = [
  'bad_request',
  'form_expired',
  'forbidden',
  'not_found',
  'conflict',
  'too_large',
  'throttled',
  'unexpected',
  'unavailable',
] as const;
type ErrorPage = (typeof ERROR_PAGES)[number];

const PAGE_OF_STATUS: Readonly<Record<number, ErrorPage>> = {
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  413: 'too_large',
  429: 'throttled',
  503: 'unavailable',
};

/** Last ordinary middleware of the pages: nothing answered, so there is nothing here. */
export function notFoundPage(render: Render): RequestHandler {
  return (_req, res) => renderErrorPage(render, res, 404, 'not_found');
}

/** Last error middleware of the pages. */
export function errorPages(settings: { readonly render: Render; readonly log: Logger }): ErrorRequestHandler {
  const { render, log } = settings;
  return (error: unknown, _req, res, next) => {
    const problem = toProblem(error);
    const requestId = requestIdOf(res);
    if (problem.status >= 500) log.error({ err: error, requestId }, 'request failed');
    if (error instanceof ForgedForm) log.warn({ requestId, reason: error.message }, 'form refused');
    if (res.headersSent) return next(error);
    writeRetryAfter(res, problem);
    try {
      renderErrorPage(
        render,
        res,
        problem.status,
        error instanceof ForgedForm ? 'form_expired' : pageOf(problem.status),
      );
    } catch (failure) {
      log.error({ err: failure, requestId }, 'error page failed');
      res.status(problem.status).type('text').send(`The page could not be shown. Request ${requestId}\n`);
    }
  };
}

function renderErrorPage(render: Render, res: Response, status: number, kind: ErrorPage): void {
  render(res, 'error', { kind, requestId: requestIdOf(res) }, { status });
}

function pageOf(status: number): ErrorPage {
  return PAGE_OF_STATUS[status] ?? (status >= 500 ? 'unexpected' : 'bad_request');
}
