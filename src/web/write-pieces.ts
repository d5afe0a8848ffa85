// A long answer sent as its pieces come, no faster than whoever reads it takes them.
import { once } from 'node:events';
import type { Response } from 'express';

/** `begin` sets the headers once the first piece is there; until then a refusal is still an answer of its own. */
export async function writePieces(
  res: Response,
  pieces: AsyncIterable<string>,
  begin: (res: Response) => void,
): Promise<void> {
  for await (const piece of pieces) {
    if (!res.headersSent) begin(res);
    if (!res.write(piece)) await Promise.race([once(res, 'drain'), once(res, 'close')]);
    if (res.destroyed) return;
  }
  res.end();
}
