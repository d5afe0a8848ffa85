// Links that let a person prove himself once: `<organization>.<secret>`, 256 random bits of which only the SHA-256 is kept,
// bound to one purpose. Reading a link changes nothing (mail scanners open every link); only `useLink` consumes it.
import { createHash, randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Actor, Ctx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';

/** Purposes and how long their links live, in minutes. */
export const LINK_MINUTES = {
  first_password: 7 * 24 * 60,
  invitation: 7 * 24 * 60,
  recovery: 60,
  email_change: 24 * 60,
  device: 24 * 60,
} as const;
export type LinkPurpose = keyof typeof LINK_MINUTES;

const MOST_LIVE = 3;
const TOKEN = /^(?<organization>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(?<secret>[A-Za-z0-9_-]{43})$/;

const hashOf = (secret: string) => createHash('sha256').update(secret).digest();

function parse(token: string): { organizationId: string; hash: Buffer } | undefined {
  const groups = TOKEN.exec(token)?.groups;
  if (!groups?.['organization'] || !groups['secret']) return undefined;
  return { organizationId: groups['organization'], hash: hashOf(groups['secret']) };
}

type NewLink = {
  organizationId: string;
  userId: string;
  purpose: LinkPurpose;
  /** The folded e-mail address to which it goes: using it proves that the address is the person's. */
  sentTo?: string;
};

/** Makes a link; of a user and purpose the three youngest stay alive. The token exists only in the answer. */
export async function createLink(
  ctx: Ctx,
  { organizationId, userId, purpose, sentTo }: NewLink,
): Promise<{ token: string; expiresAt: Date }> {
  const secret = randomBytes(32).toString('base64url');
  const expiresAt = new Date(ctx.now.getTime() + LINK_MINUTES[purpose] * 60_000);
  await transaction(async () => {
    await query(
      `insert into links (organization_id, id, user_id, purpose, secret_hash, created_by, created_at, expires_at, sent_to)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        organizationId,
        uuidv7(),
        userId,
        purpose,
        hashOf(secret),
        JSON.stringify(ctx.actor),
        ctx.now,
        expiresAt,
        sentTo ?? null,
      ],
    );
    await query(
      `delete from links where organization_id = $1 and id in (
         select id from links where organization_id = $1 and user_id = $2 and purpose = $3 and used_at is null
         order by created_at desc, id desc offset ${MOST_LIVE})`,
      [organizationId, userId, purpose],
    );
  });
  return { token: `${organizationId}.${secret}`, expiresAt };
}

export type ReadLink = {
  readonly organizationId: string;
  readonly userId: string;
  readonly purpose: LinkPurpose;
  readonly expiresAt: Date;
  /** Null for a link that was shown or copied. */
  readonly sentTo: string | null;
  readonly createdBy: Actor;
};
export type LinkState = ({ readonly state: 'valid' | 'expired' } & ReadLink) | { readonly state: 'used' | 'invalid' };

/** What a link is worth now. A link of a deactivated user or suspended organization is invalid. */
export async function readLink(token: string, purposes: readonly LinkPurpose[], now: Date): Promise<LinkState> {
  const parsed = parse(token);
  if (!parsed) return { state: 'invalid' };
  const row = await queryOne<{
    user_id: string;
    purpose: LinkPurpose;
    expires_at: Date;
    used_at: Date | null;
    sent_to: string | null;
    created_by: Actor;
    live: boolean;
  }>(
    `select l.user_id, l.purpose, l.expires_at, l.used_at, l.sent_to, l.created_by,
       (u.active and u.deleted_at is null and o.state = 'active' and l.created_at >= u.tokens_valid_from) as live
     from links l join users u on (u.organization_id, u.id) = (l.organization_id, l.user_id)
     join organizations o on o.id = l.organization_id
     where l.organization_id = $1 and l.secret_hash = $2 and l.purpose = any($3)`,
    [parsed.organizationId, parsed.hash, purposes],
  );
  if (!row) return { state: 'invalid' };
  if (row.used_at) return { state: 'used' };
  if (!row.live) return { state: 'invalid' };
  return {
    state: row.expires_at <= now ? 'expired' : 'valid',
    organizationId: parsed.organizationId,
    userId: row.user_id,
    purpose: row.purpose,
    expiresAt: row.expires_at,
    sentTo: row.sent_to,
    createdBy: row.created_by,
  };
}

// The person's row comes first, as everywhere (lock-user.ts).
const USE = `
  with live as (
    select l.id from links l join users u on (u.organization_id, u.id) = (l.organization_id, l.user_id)
    where l.organization_id = $1 and l.secret_hash = $2 and u.active and u.deleted_at is null and l.created_at >= u.tokens_valid_from
    for no key update of u
  ) update links l set used_at = $3 from live
    where l.organization_id = $1 and l.id = live.id and l.used_at is null and l.expires_at > $3 returning 1`;

/** Consumes the link in the ambient transaction: of two who try, one succeeds. Throws HubError `conflict` for the other. */
export async function useLink(token: string, now: Date): Promise<void> {
  const parsed = parse(token);
  const used = parsed && (await queryOne(USE, [parsed.organizationId, parsed.hash, now]));
  if (!used) throw new HubError('conflict', 'The link has been used or has expired meanwhile.');
}
