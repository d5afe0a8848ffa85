// Cursors (RFC 9865 section 2): where a walk stands, signed and bound to its connection, endpoint and query. They hold
// no state at the server, and nothing that their receiver may not read.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { secrets } from '../credentials/secrets.ts';
import type { RowKey } from '../provisioning/cursor-page.ts';
import { isId } from '../users/is-id.ts';
import { badRequest } from './errors.ts';

/** Seconds between two pages of a walk. */
export const CURSOR_TIMEOUT = 3600;
const MAX_CURSOR = 8192;

/** What a cursor is bound to: none of it can be changed during a walk. */
export type CursorScope = {
  readonly organizationId: string;
  readonly connectionId: string;
  readonly endpoint: string;
  readonly filter: string | undefined;
  readonly sortBy: string | undefined;
  readonly sortOrder: string | undefined;
};

export type Position = {
  readonly beyond: RowKey;
  readonly backwards: boolean;
  /** As counted when the walk began; none where it costs nothing to ask again. */
  readonly total?: number;
};

const invalid = () =>
  badRequest(
    'invalidCursor',
    'This cursor is not one of this query. Begin with an empty cursor and keep all other parameters the same.',
  );

function sign(payload: string, scope: CursorScope): Buffer {
  const { organizationId, connectionId, endpoint, filter, sortBy, sortOrder } = scope;
  const bound = JSON.stringify([
    organizationId,
    connectionId,
    endpoint,
    filter ?? null,
    sortBy?.toLowerCase() ?? null,
    sortOrder?.toLowerCase() ?? null,
  ]);
  const query = createHash('sha256').update(bound).digest('base64url');
  return createHmac('sha256', secrets().derive('cursors')).update(`${payload}.${query}`).digest().subarray(0, 16);
}

export function writeCursor({ beyond, backwards, total }: Position, scope: CursorScope, now: Date): string {
  const content = [
    Math.floor(now.getTime() / 1000),
    backwards ? 1 : 0,
    beyond.id,
    beyond.key,
    ...(total === undefined ? [] : [total]),
  ];
  const payload = Buffer.from(JSON.stringify(content)).toString('base64url');
  return `${payload}.${sign(payload, scope).toString('base64url')}`;
}

/** Throws `invalidCursor`, also for another connection's or another query's cursor, and `expiredCursor`. */
export function readCursor(text: string, scope: CursorScope, now: Date): Position {
  const [payload = '', signature = '', ...rest] = text.length > MAX_CURSOR ? [] : text.split('.');
  const [expected, given] = [sign(payload, scope), Buffer.from(signature, 'base64url')];
  if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) throw invalid();
  const [issued, backwards, id, key, total] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [
    number,
    number,
    string,
    string | null,
    number?,
  ];
  if (now.getTime() / 1000 - issued > CURSOR_TIMEOUT)
    throw badRequest(
      'expiredCursor',
      `This cursor is older than ${CURSOR_TIMEOUT} seconds. Begin again with an empty cursor.`,
    );
  if (!isId(id)) throw invalid();
  return { beyond: { id, key }, backwards: backwards === 1, ...(total === undefined ? {} : { total }) };
}
