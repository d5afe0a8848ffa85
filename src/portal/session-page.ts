// How long the session behind a page still lasts without being used, and going on with it. Asking is no use; staying is.
import type { Request, RequestHandler, Response } from 'express';
import { NOTED_EVERY_MS, noteUse } from '../credentials/note-session.ts';
import { keepPrivate } from '../web/headers.ts';
import { visitorOf, type Visitor } from './signed-in.ts';

const SESSION_PATH = '/portal/session';

type SessionClock = {
  readonly path: string;
  /** Seconds until it ends. */
  readonly endsIn: number;
  /** Use does not put that off. */
  readonly final: boolean;
};

/** `idle`: the request is no use of the session. */
export function sessionClock({ usedAt, idleEndsAt, endsAt, ctx }: Visitor, { idle = false } = {}): SessionClock {
  const now = ctx.now.getTime();
  const noted = !idle && now - usedAt.getTime() >= NOTED_EVERY_MS;
  const idleEnd = idleEndsAt.getTime() + (noted ? now - usedAt.getTime() : 0);
  const end = Math.min(idleEnd, endsAt.getTime());
  return {
    path: SESSION_PATH,
    endsIn: Math.max(0, Math.floor((end - now) / 1000)),
    final: endsAt.getTime() <= idleEnd,
  };
}

/** For the page's own script: another tab may have been used meanwhile. */
export function askSession(req: Request, res: Response): void {
  keepPrivate(res);
  const { endsIn, final } = sessionClock(visitorOf(req), { idle: true });
  res.json({ endsIn, final });
}

/** Every other request to the portal uses the session. */
export const noteVisit: RequestHandler = async (req, _res, next) => {
  const { organizationId, userId, uid, usedAt, ctx, acting } = visitorOf(req);
  await noteUse(acting?.session ?? { organizationId, userId, uid }, usedAt, ctx.now);
  next();
};

/** "Stay signed in": that this came is all. */
export function staySignedIn(_req: Request, res: Response): void {
  keepPrivate(res);
  res.status(204).end();
}
