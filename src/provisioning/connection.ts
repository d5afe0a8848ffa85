// A provisioning connection: one SCIM source of an organization, with its settings and tokens.
import { createHash, randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { auditInsert, auditValues, recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { afterCommit, transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { refuseWhileActing } from '../support/refuse-while-acting.ts';
import { isId } from '../users/is-id.ts';
import { endClient } from '../clients/end-client.ts';
import { checkManagesConnections, checkSetsUp } from './check-manages.ts';
import { forgetConnection, type TokenScope } from './kept-tokens.ts';

/** For which the set-up page has its steps. */
export const PRODUCTS = ['entra', 'okta', 'other'] as const;
export type Product = (typeof PRODUCTS)[number];

type Connection = { id: string; organizationId: string; name: string; product: Product };
export type NewToken = { id: string; token: string; expiresAt: Date | null };

const MAX_LIVE_TOKENS = 2;

/** SHA-256: the secrets are 256 random bits, which no slow hash makes safer. */
export const hashToken = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Throws HubError `not_permitted` (chief administrators and the operator only). */
export async function createConnection(
  ctx: OrganizationCtx,
  input: { name: string; product?: Product },
): Promise<Connection> {
  await checkManagesConnections(ctx);
  const id = uuidv7();
  const { name, product = 'other' } = input;
  await query(
    `with created as (insert into provisioning_connections (organization_id, id, name, created_at, product) values ($1, $2, $3, $4, $5))
     ${auditInsert(6)}`,
    [
      ctx.organizationId,
      id,
      name,
      ctx.now,
      product,
      ...auditValues(ctx, {
        action: 'connection.created',
        targetKind: 'connection',
        targetId: id,
        after: { name, product },
      }),
    ],
  );
  return { id, organizationId: ctx.organizationId, name, product };
}

export const connectionNotFound = (id: string) =>
  new HubError('not_found', `There is no provisioning connection ${id}.`);

export const listConnections = (ctx: OrganizationCtx): Promise<Connection[]> =>
  query<Connection>(
    `select id, organization_id as "organizationId", name, product from provisioning_connections
     where organization_id = $1 and ended_at is null order by id`,
    [ctx.organizationId],
  );

/** Locks the connection's row. Throws HubError `not_found`. */
export async function lockConnection(ctx: OrganizationCtx, id: string): Promise<void> {
  const found = isId(id)
    ? await queryOne(
        'select 1 from provisioning_connections where organization_id = $1 and id = $2 and ended_at is null for update',
        [ctx.organizationId, id],
      )
    : undefined;
  if (!found) throw connectionNotFound(id);
}

/**
 * Issues a bearer token, `<organization>.<secret>`; it is shown this once, only its hash is kept. At most two are
 * live, so that one can be changed for the other without an outage. Throws `not_permitted`, `not_found`, `too_many`.
 */
export const createToken = (
  ctx: OrganizationCtx,
  connectionId: string,
  input: { name: string; scopes?: readonly TokenScope[]; expiresAt?: Date | null; secret?: string },
): Promise<NewToken> =>
  transaction(async () => {
    refuseWhileActing(ctx);
    await checkSetsUp(ctx, connectionId);
    await lockConnection(ctx, connectionId);
    const live = await query(
      `select id from provisioning_tokens where organization_id = $1 and connection_id = $2 and revoked_at is null
       and (expires_at is null or expires_at > $3)`,
      [ctx.organizationId, connectionId, ctx.now],
    );
    if (live.length >= MAX_LIVE_TOKENS) {
      throw new HubError(
        'too_many',
        `This connection has ${MAX_LIVE_TOKENS} live tokens already. Revoke one before you issue another.`,
      );
    }
    const id = uuidv7();
    const token = `${ctx.organizationId}.${input.secret ?? randomBytes(32).toString('base64url')}`;
    const expiresAt = input.expiresAt ?? null;
    await query(
      `insert into provisioning_tokens (organization_id, id, connection_id, name, secret_hash, scopes, created_at, expires_at, created_by)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        ctx.organizationId,
        id,
        connectionId,
        input.name,
        hashToken(token),
        input.scopes ?? ['read', 'write'],
        ctx.now,
        expiresAt,
        JSON.stringify(ctx.actor),
      ],
    );
    await recordAudit(ctx, {
      action: 'provisioning_token.created',
      targetKind: 'connection',
      targetId: connectionId,
      after: { id, name: input.name, expiresAt },
    });
    return { id, token, expiresAt };
  });

export type ListedToken = {
  id: string;
  name: string;
  scopes: TokenScope[];
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
};

/** The connection's tokens without their secrets, revoked ones too, the oldest first. Throws HubError `not_found`. */
export const listTokens = (ctx: OrganizationCtx, connectionId: string): Promise<ListedToken[]> =>
  transaction(async () => {
    await lockConnection(ctx, connectionId);
    return query<ListedToken>(
      `select id, name, scopes, created_at as "createdAt", expires_at as "expiresAt", last_used_at as "lastUsedAt",
         revoked_at as "revokedAt"
       from provisioning_tokens where organization_id = $1 and connection_id = $2 order by id`,
      [ctx.organizationId, connectionId],
    );
  });

/** Throws HubError `not_permitted`, `not_found`; a token revoked already stays so. */
export const revokeToken = (ctx: OrganizationCtx, connectionId: string, tokenId: string): Promise<void> =>
  transaction(async () => {
    await checkSetsUp(ctx, connectionId);
    await lockConnection(ctx, connectionId);
    const found = isId(tokenId)
      ? await queryOne(
          `update provisioning_tokens set revoked_at = coalesce(revoked_at, $4)
           where organization_id = $1 and connection_id = $2 and id = $3 returning id`,
          [ctx.organizationId, connectionId, tokenId, ctx.now],
        )
      : undefined;
    if (!found) throw new HubError('not_found', `There is no token ${tokenId}.`);
    await recordAudit(ctx, {
      action: 'provisioning_token.revoked',
      targetKind: 'connection',
      targetId: connectionId,
      after: { id: tokenId },
    });
    afterCommit(() => forgetConnection(connectionId));
  });

/**
 * Ends the connection, its tokens and clients at once; its users and groups stay and become the organization's own. Throws HubError
 * `not_permitted`, `not_found`.
 */
export const endConnection = (ctx: OrganizationCtx, id: string): Promise<void> =>
  transaction(async () => {
    await checkManagesConnections(ctx);
    await lockConnection(ctx, id);
    const values = [ctx.organizationId, id, ctx.now];
    await query('update provisioning_connections set ended_at = $3 where organization_id = $1 and id = $2', values);
    await query(
      'update provisioning_tokens set revoked_at = $3 where organization_id = $1 and connection_id = $2 and revoked_at is null',
      values,
    );
    await query(
      'update users set connection_id = null where organization_id = $1 and connection_id = $2',
      values.slice(0, 2),
    );
    await query(
      'update groups set connection_id = null where organization_id = $1 and connection_id = $2',
      values.slice(0, 2),
    );
    await query('delete from resource_counts where organization_id = $1 and connection_id = $2', values.slice(0, 2));
    await query(
      'delete from connection_openings where organization_id = $1 and connection_id = $2',
      values.slice(0, 2),
    );
    const clients = await query<{ client_id: string }>(
      'select client_id from clients where organization_id = $1 and connection_id = $2 and ended_at is null',
      values.slice(0, 2),
    );
    for (const { client_id: clientId } of clients) await endClient(ctx, clientId);
    await recordAudit(ctx, { action: 'connection.ended', targetKind: 'connection', targetId: id });
    afterCommit(() => forgetConnection(id));
  });
