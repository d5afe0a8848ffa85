// What one request to the provider has learned already, so that it asks the database once: rows that came along with
// another row, the user behind the token, the rights in the application. Ends with the request.
import type { IncomingMessage } from 'node:http';
import Provider from 'oidc-provider';
import type { LiveUser } from '../credentials/live-user.ts';
import type { TokenRights } from '../entitlements/token-rights.ts';

export type Payload = Record<string, unknown>;

type Memory = {
  readonly startedAt: Date;
  /** By model and name; null: known to be absent. Read once. */
  readonly rows: Map<string, Payload | null>;
  readonly users: Map<string, LiveUser>;
  /** By uid of a session: when it was last used, as it was loaded. */
  readonly uses: Map<string, Date>;
  readonly rights: Map<string, Promise<TokenRights | undefined>>;
  /** Key of the refresh token that the next one takes the place of. */
  replaced: Buffer | undefined;
};

const memories = new WeakMap<IncomingMessage, Memory>();

const create = (): Memory => ({
  startedAt: new Date(),
  rows: new Map(),
  users: new Map(),
  uses: new Map(),
  rights: new Map(),
  replaced: undefined,
});

/** The memory of this request; outside a request a new one each time. */
export function memory(request: IncomingMessage | undefined = Provider.ctx?.req): Memory {
  if (!request) return create();
  let known = memories.get(request);
  if (!known) memories.set(request, (known = create()));
  return known;
}

/** Reads a row that came along and forgets it: after a change in the same request the database must be asked again. */
export function takeRow(key: string): Payload | null | undefined {
  const { rows } = memory();
  const row = rows.get(key);
  rows.delete(key);
  return row;
}

export function replaceNext(hash: Buffer): void {
  memory().replaced = hash;
}

export function takeReplaced(): Buffer | undefined {
  const request = memory();
  const hash = request.replaced;
  request.replaced = undefined;
  return hash;
}
