// Keeps a crowd from holding the event loop: of the requests that pass here only so many are worked on at once, the others
// wait in the order in which they came, and who would be one too many is told to come back. What does not pass here, such
// as an application's request for a token, then finds a short row of work in front of it, however many people there are.
import type { RequestHandler, Response } from 'express';
import { HubError } from '../errors.ts';

const RETRY_AFTER_S = 2;

/** An answer is made when it ends, not when it was read: whoever reads slowly, or never, keeps nobody else waiting. */
function freeOnceAnswered(res: Response, free: () => void): void {
  const end = res.end.bind(res) as (...given: unknown[]) => Response;
  res.end = (...given: unknown[]) => {
    process.nextTick(free);
    return end(...given);
  };
}

/**
 * Middleware. Work that waits on purpose needs many places: it holds one all the while. To be put behind whatever reads the
 * request's body, since a body may take as long as its sender likes.
 */
export function takeTurns({ atOnce, waiting }: { atOnce: number; waiting: number }): RequestHandler {
  let running = 0;
  const row = new Map<Response, () => void>();

  const begin = (res: Response, next: () => void): void => {
    running++;
    let over = false;
    const end = () => {
      if (over) return;
      over = true;
      running--;
      for (const [waiter, go] of row) {
        row.delete(waiter);
        // Its connection may be gone although nobody has said so yet.
        if (!waiter.req.socket.destroyed) return begin(waiter, go);
      }
    };
    res.once('close', end);
    freeOnceAnswered(res, end);
    next();
  };

  return (_req, res, next) => {
    if (running < atOnce) return begin(res, next);
    if (row.size >= waiting)
      throw new HubError('unavailable', 'Many people are here right now. Try again in a moment.', {
        retryAfter: RETRY_AFTER_S,
      });
    row.set(res, next);
    // Whoever goes away leaves the row.
    res.once('close', () => row.delete(res));
  };
}
