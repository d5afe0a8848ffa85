// What did not go as it should, as a page or, under /api, as problem details. Never says more than the status does.
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { sendProblem } from './api.ts';
import { HubUnreachable } from './hub.ts';
import type { Message, Pages } from './pages.ts';
import type { Log } from './settings.ts';

export function errorAnswers(pages: Pages, log: Log): [RequestHandler, ErrorRequestHandler] {
  const answer = (res: Response, status: number, message: Message, title: string): void => {
    if (res.req.originalUrl.startsWith('/api/')) sendProblem(res, status, title);
    else pages.tell(res, message, status);
  };
  return [
    (_req, res) => answer(res, 404, 'not_found', 'Not found'),
    (error: unknown, _req, res, next) => {
      if (res.headersSent) return void next(error);
      if (error instanceof HubUnreachable) {
        log.warn({ err: error }, 'The hub does not answer');
        res.set('Retry-After', '10');
        return void answer(res, 503, 'unavailable', 'The sign-in service does not answer');
      }
      const status = clientFault(error);
      if (status !== undefined) return void answer(res, status, 'bad_request', 'The request cannot be read');
      log.error({ err: error }, 'Unexpected error');
      answer(res, 500, 'unexpected', 'Something went wrong');
    },
  ];
}

/** Express and its body parsers mark what the caller did wrong with a status below 500. */
function clientFault(error: unknown): number | undefined {
  const status: unknown = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
