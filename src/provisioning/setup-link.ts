// A link that an administrator hands to a colleague without an account, who sets one directory up with it:
// `<organization>.<secret>`, 256 random bits of which only the SHA-256 is kept. It opens the set-up of one connection for seven
// days, as often as it takes, until it is revoked, its connection ends or whoever made it leaves.
import { createHash, randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { recordAudit } from '../audit/record.ts';
import type { Actor, OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { refuseWhileActing } from '../support/refuse-while-acting.ts';
import { isId } from '../users/is-id.ts';
import { checkManagesConnections } from './check-manages.ts';
import { lockConnection } from './connection.ts';

export const SETUP_LINK_DAYS = 7;
const MOST_LIVE = 3;
const LONGEST_HOLDER = 200;
const DAY_MS = 24 * 60 * 60 * 1000;
const TOKEN = /^(?<organization>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(?<secret>[A-Za-z0-9_-]{43})$/;
const hashOf = (secret: string) => createHash('sha256').update(secret).digest();

export type NewSetupLink = { readonly id: string; readonly token: string; readonly expiresAt: Date };

/**
 * The token exists only in the answer. `holder`: for whom, in words. At most three of a connection are live. Throws HubError
 * `not_permitted`, `not_found`, `invalid_input`, `too_many`.
 */
export const createSetupLink = (
  ctx: OrganizationCtx,
  connectionId: string,
  input: { readonly holder: string },
): Promise<NewSetupLink> =>
  transaction(async () => {
    refuseWhileActing(ctx);
    await checkManagesConnections(ctx);
    await lockConnection(ctx, connectionId);
    const holder = input.holder.trim();
    if (holder === '' || holder.length > LONGEST_HOLDER || /\p{Cc}/u.test(holder)) {
      const message = 'Say for whom the link is, in at most 200 characters.';
      throw new HubError('invalid_input', message, { issues: [{ path: 'holder', message }] });
    }
    const live = await query(
      `select 1 from setup_links where organization_id = $1 and connection_id = $2 and revoked_at is null and expires_at > $3`,
      [ctx.organizationId, connectionId, ctx.now],
    );
    if (live.length >= MOST_LIVE)
      throw new HubError('too_many', `This connection has ${MOST_LIVE} set-up links already. Revoke one first.`);
    const id = uuidv7();
    const secret = randomBytes(32).toString('base64url');
    const expiresAt = new Date(ctx.now.getTime() + SETUP_LINK_DAYS * DAY_MS);
    await query(
      `insert into setup_links (organization_id, id, connection_id, secret_hash, holder, created_by, created_at, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [ctx.organizationId, id, connectionId, hashOf(secret), holder, JSON.stringify(ctx.actor), ctx.now, expiresAt],
    );
    await recordAudit(ctx, {
      action: 'setup_link.created',
      targetKind: 'connection',
      targetId: connectionId.toLowerCase(),
      after: { id, holder, expiresAt },
    });
    return { id, token: `${ctx.organizationId}.${secret}`, expiresAt };
  });

type ListedSetupLink = {
  readonly id: string;
  readonly holder: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  readonly lastVisitAt: Date | null;
};

/** Revoked and expired ones too, the oldest first. Throws HubError `not_permitted`, `not_found`. */
export const listSetupLinks = (ctx: OrganizationCtx, connectionId: string): Promise<ListedSetupLink[]> =>
  transaction(async () => {
    await checkManagesConnections(ctx);
    await lockConnection(ctx, connectionId);
    return query<ListedSetupLink>(
      `select id, holder, created_at as "createdAt", created_by ->> 'label' as "createdBy", expires_at as "expiresAt",
         revoked_at as "revokedAt", last_visit_at as "lastVisitAt"
       from setup_links where organization_id = $1 and connection_id = $2 order by id`,
      [ctx.organizationId, connectionId],
    );
  });

/** It opens nothing from then on, whoever has a page of it open. Throws HubError `not_permitted`, `not_found`. */
export const revokeSetupLink = (ctx: OrganizationCtx, connectionId: string, linkId: string): Promise<void> =>
  transaction(async () => {
    await checkManagesConnections(ctx);
    await lockConnection(ctx, connectionId);
    const found = isId(linkId)
      ? await queryOne<{ revoked_at: Date | null; holder: string }>(
          'select revoked_at, holder from setup_links where organization_id = $1 and connection_id = $2 and id = $3 for update',
          [ctx.organizationId, connectionId, linkId],
        )
      : undefined;
    if (!found) throw new HubError('not_found', `There is no set-up link ${linkId}.`);
    if (found.revoked_at) return;
    await query('update setup_links set revoked_at = $3 where organization_id = $1 and id = $2', [
      ctx.organizationId,
      linkId,
      ctx.now,
    ]);
    await recordAudit(ctx, {
      action: 'setup_link.revoked',
      targetKind: 'connection',
      targetId: connectionId.toLowerCase(),
      before: { id: linkId.toLowerCase(), holder: found.holder },
    });
  });

export type OpenSetupLink = {
  readonly state: 'valid';
  readonly id: string;
  readonly organizationId: string;
  readonly organizationName: string;
  readonly connectionId: string;
  readonly connectionName: string;
  readonly holder: string;
  readonly createdBy: string;
  readonly expiresAt: Date;
};
type SetupLinkState = OpenSetupLink | { readonly state: 'expired' | 'revoked' | 'invalid' };

/** What the link is worth now; reading it changes nothing but the time of the last visit. */
export async function readSetupLink(token: string, now: Date): Promise<SetupLinkState> {
  const groups = TOKEN.exec(token)?.groups;
  if (!groups?.['organization'] || !groups['secret']) return { state: 'invalid' };
  const row = await queryOne<{
    id: string;
    connectionId: string;
    connectionName: string;
    organizationName: string;
    holder: string;
    createdBy: Actor;
    expiresAt: Date;
    revokedAt: Date | null;
    live: boolean;
  }>(
    `select l.id, l.connection_id as "connectionId", c.name as "connectionName", o.name as "organizationName", l.holder,
       l.created_by as "createdBy", l.expires_at as "expiresAt", l.revoked_at as "revokedAt",
       c.ended_at is null and o.state = 'active' and (l.created_by ->> 'kind' <> 'user' or exists (select 1 from users u
         where u.organization_id = l.organization_id and u.id::text = l.created_by ->> 'id' and u.active and u.deleted_at is null)) as live
     from setup_links l join provisioning_connections c on (c.organization_id, c.id) = (l.organization_id, l.connection_id)
     join organizations o on o.id = l.organization_id
     where l.organization_id = $1 and l.secret_hash = $2`,
    [groups['organization'], hashOf(groups['secret'])],
  );
  if (!row) return { state: 'invalid' };
  const { revokedAt, live, createdBy, ...link } = row;
  if (revokedAt || !live) return { state: 'revoked' };
  if (link.expiresAt <= now) return { state: 'expired' };
  await query(
    `update setup_links set last_visit_at = $3 where organization_id = $1 and id = $2
     and (last_visit_at is null or last_visit_at < $3::timestamptz - interval '1 minute')`,
    [groups['organization'], link.id, now],
  );
  return { state: 'valid', organizationId: groups['organization'], createdBy: createdBy.label, ...link };
}

/** Who is at work by the link: one who may do on the connection what setting it up takes (check-manages.ts). */
export const actorByLink = ({ id, organizationId, connectionId, holder }: OpenSetupLink): Actor => ({
  kind: 'connection',
  id: connectionId,
  organizationId,
  label: holder,
  setupLink: id,
});
