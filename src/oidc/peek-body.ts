// Reads the body of a small request and puts it back, so that whoever comes next reads it as if nobody had. For a handler
// that can answer some requests faster than the one behind it, and only the body tells which.
import type { IncomingMessage } from 'node:http';

/**
 * The body as text. Undefined, and nothing read, for one that is longer than `most` bytes or does not say its length;
 * undefined also where the caller went away.
 */
export function peekBody(req: IncomingMessage, most: number): Promise<string | undefined> {
  const length = Number(req.headers['content-length'] ?? NaN);
  if (!(length > 0 && length <= most) || req.headers['content-encoding'] !== undefined)
    return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const done = (body: Buffer | null) => {
      req.off('readable', look);
      req.off('close', gone);
      if (body?.length !== length) return resolve(undefined);
      // Its end has not been met yet: that comes with the next read.
      req.unshift(body);
      resolve(body.toString());
    };
    const gone = () => done(null);
    const look = () => {
      // Null until all of it has arrived.
      const body = req.read(length) as Buffer | null;
      if (body !== null) done(body);
    };
    req.on('readable', look);
    req.on('close', gone);
  });
}
