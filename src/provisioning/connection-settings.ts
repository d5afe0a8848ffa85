// How one connection is served: what an administrator of the organization may set for it. Stored as JSON in
// provisioning_connections; what is absent there has its default.
import { isDeepStrictEqual } from 'node:util';
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { afterCommit, transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { isId } from '../users/is-id.ts';
import { checkManagesConnections } from './check-manages.ts';
import { connectionNotFound, lockConnection } from './connection.ts';
import { forgetConnection } from './kept-tokens.ts';

/** A value that comes under `from` is taken for `to`: SCIM paths without filters, of users. */
export type AttributeMapping = { readonly from: string; readonly to: string };

export type ConnectionSettings = {
  /** Refuse what RFC 7644 does not provide for: unknown attributes, unquoted filter values, text for true and false. */
  readonly strict: boolean;
  /** PUT, PATCH and DELETE of a resource must say by If-Match which version they are about. */
  readonly ifMatchRequired: boolean;
  /** Nothing is written: each answer says what would have happened. */
  readonly dryRun: boolean;
  readonly mapping: readonly AttributeMapping[];
};

const DEFAULT_SETTINGS: ConnectionSettings = {
  strict: false,
  ifMatchRequired: false,
  dryRun: false,
  mapping: [],
};

const MOST_MAPPINGS = 20;
const PATH = /^(?:urn:[A-Za-z0-9][A-Za-z0-9:._-]{0,180}:)?[A-Za-z$][\w$-]{0,60}(?:\.[A-Za-z$][\w$-]{0,60})?$/;

/** Stored settings with their defaults; what is stored was checked when it was written. */
export const readConnectionSettings = (stored: Partial<ConnectionSettings>): ConnectionSettings => ({
  ...DEFAULT_SETTINGS,
  ...stored,
});

const invalid = (path: string, message: string) =>
  new HubError('invalid_input', message, { issues: [{ path, message }] });

function checkMapping(mapping: readonly AttributeMapping[]): void {
  if (mapping.length > MOST_MAPPINGS) throw invalid('mapping', `At most ${MOST_MAPPINGS} attributes can be mapped.`);
  for (const { from, to } of mapping) {
    for (const path of [from, to])
      if (!PATH.test(path))
        throw invalid('mapping', `"${path.slice(0, 80)}" is no path of an attribute, such as "name.givenName".`);
    const target = to.toLowerCase();
    if (['id', 'meta', 'schemas', 'groups'].includes(target.split('.')[0] ?? ''))
      throw invalid('mapping', `Nothing can be mapped to ${to}.`);
    if (mapping.filter((other) => other.to.toLowerCase() === target).length > 1)
      throw invalid('mapping', `Two attributes are mapped to ${to}.`);
  }
}

/** Throws HubError `not_found`. */
export async function findConnectionSettings(ctx: OrganizationCtx, connectionId: string): Promise<ConnectionSettings> {
  const row = isId(connectionId)
    ? await queryOne<{ settings: Partial<ConnectionSettings> }>(
        'select settings from provisioning_connections where organization_id = $1 and id = $2 and ended_at is null',
        [ctx.organizationId, connectionId],
      )
    : undefined;
  if (!row) throw connectionNotFound(connectionId);
  return readConnectionSettings(row.settings);
}

/** What is absent stays as it is. In force everywhere within a second. Throws HubError `not_permitted`, `not_found`, `invalid_input`. */
export const changeConnectionSettings = (
  ctx: OrganizationCtx,
  connectionId: string,
  change: Partial<ConnectionSettings>,
): Promise<ConnectionSettings> =>
  transaction(async () => {
    await checkManagesConnections(ctx);
    await lockConnection(ctx, connectionId);
    const before = await findConnectionSettings(ctx, connectionId);
    const after = { ...before, ...change };
    checkMapping(after.mapping);
    if (isDeepStrictEqual(before, after)) return after;
    await query('update provisioning_connections set settings = $3 where organization_id = $1 and id = $2', [
      ctx.organizationId,
      connectionId,
      JSON.stringify(after),
    ]);
    await recordAudit(ctx, {
      action: 'connection.settings_changed',
      targetKind: 'connection',
      targetId: connectionId,
      before,
      after,
    });
    afterCommit(() => forgetConnection(connectionId));
    return after;
  });
