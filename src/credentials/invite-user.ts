// Invites a person to choose his first password: the link and its mail in one transaction. Inviting again sends a reminder
// with a new link; the earlier ones (three in all) keep working, so that nobody loses the one he has just opened.
import { label } from '../applications/catalogue.ts';
import { catalogue } from '../applications/current-catalogue.ts';
import type { Language } from '../applications/application.ts';
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { checkTouching } from '../entitlements/check-rank.ts';
import { effectiveEntitlements } from '../entitlements/effective.ts';
import { loadSnapshot } from '../entitlements/load-snapshot.ts';
import { HubError } from '../errors.ts';
import { queueMail } from '../mail/queue-mail.ts';
import { fold } from '../provisioning/fold.ts';
import { findUser } from '../users/find-user.ts';
import { addressOf, findLinkReceiver, type LinkReceiver } from './link-receiver.ts';
import { createLink, LINK_MINUTES } from './one-time-link.ts';

const MOST_A_DAY = 5;

/** Whom a mail names as its sender; null: the operator or the hub itself. */
export const inviterOf = ({ actor }: OrganizationCtx): string | null => (actor.kind === 'user' ? actor.label : null);

type SentInvitation = { readonly mailId: string; readonly expiresAt: Date };

/**
 * `inviter`: whom the mail names, where the hub sends it in his stead. Throws HubError `conflict` for somebody who has a password already, `invalid_input` without a usable address,
 * `throttled` after five in a day, `not_found`, `not_permitted`, `rank_too_low`, `target_holds_more`.
 */
export function inviteUser(
  ctx: OrganizationCtx,
  { userId, inviter = inviterOf(ctx) }: { userId: string; inviter?: string | null },
): Promise<SentInvitation> {
  const { organizationId } = ctx;
  return transaction(async () => {
    const person = await findInvitee(ctx, userId, 'mail');
    const to = addressOf(person);
    const kind = (await countInvitations(ctx, person.userId)) === 0 ? 'invitation' : 'invitation_reminder';
    const { token, expiresAt } = await createLink(ctx, {
      organizationId,
      userId: person.userId,
      purpose: 'invitation',
      sentTo: fold(to),
    });
    const { name, username, organization, language } = person;
    const mailId = await queueMail(ctx, {
      kind,
      to,
      language,
      organizationId,
      userId: person.userId,
      values: {
        name,
        username,
        organization,
        inviter,
        applications: await applicationsOf(ctx, person.userId, language),
        link: { path: `/welcome/${token}`, expiresAt, minutes: LINK_MINUTES.invitation },
      },
      usefulUntil: expiresAt,
    });
    await recordAudit(ctx, {
      action: 'invitation.sent',
      targetKind: 'user',
      targetId: person.userId,
      after: { mail: mailId },
    });
    return { mailId, expiresAt };
  });
}

/** The path of a link for an administrator to hand over himself; it confirms no address. Throws as inviteUser does. */
export function copyInvitation(
  ctx: OrganizationCtx,
  { userId }: { userId: string },
): Promise<{ path: string; expiresAt: Date }> {
  return transaction(async () => {
    const person = await findInvitee(ctx, userId, 'copy');
    const link = await createLink(ctx, {
      organizationId: ctx.organizationId,
      userId: person.userId,
      purpose: 'invitation',
    });
    await recordAudit(ctx, { action: 'invitation.copied', targetKind: 'user', targetId: person.userId });
    return { path: `/welcome/${link.token}`, expiresAt: link.expiresAt };
  });
}

/** Voids every invitation of the person. Throws HubError `not_found`, `not_permitted`, `rank_too_low`. */
export function revokeInvitation(ctx: OrganizationCtx, { userId }: { userId: string }): Promise<void> {
  return transaction(async () => {
    const { id } = await findUser(ctx, userId);
    await checkTouching(ctx, id, 'edit');
    const gone = await query(
      `delete from links where organization_id = $1 and user_id = $2 and purpose in ('invitation', 'first_password')
         and used_at is null returning 1`,
      [ctx.organizationId, id],
    );
    if (gone.length > 0) await recordAudit(ctx, { action: 'invitation.revoked', targetKind: 'user', targetId: id });
  });
}

async function findInvitee(ctx: OrganizationCtx, userId: string, how: 'mail' | 'copy'): Promise<LinkReceiver> {
  const person = await findLinkReceiver(ctx, userId, how);
  if (!person.hasPassword) return person;
  throw new HubError('conflict', 'This person has chosen a password already. Send a link for a new one instead.');
}

/** Throws HubError `throttled`. */
async function countInvitations(ctx: OrganizationCtx, userId: string): Promise<number> {
  const sent = await queryOne<{ all: number; today: number }>(
    `select count(*)::int as "all", count(*) filter (where created_at > $3::timestamptz - interval '1 day')::int as today
     from mails where organization_id = $1 and user_id = $2 and kind in ('invitation', 'invitation_reminder')`,
    [ctx.organizationId, userId, ctx.now],
  );
  if ((sent?.today ?? 0) < MOST_A_DAY) return sent?.all ?? 0;
  throw new HubError('throttled', 'This person was invited several times today. Try again tomorrow.', {
    retryAfter: 86_400,
  });
}

/** Names of the applications in which he holds something, in the order of the tiles. */
async function applicationsOf(ctx: OrganizationCtx, userId: string, language: Language): Promise<string[]> {
  const read = await loadSnapshot({ organizationId: ctx.organizationId, userId, now: ctx.now });
  const held = new Set(
    read ? effectiveEntitlements(read.snapshot).effective.map(({ entitlement }) => entitlement.application) : [],
  );
  return [...catalogue().values()]
    .filter(({ key }) => held.has(key))
    .sort((a, b) => (a.position ?? Infinity) - (b.position ?? Infinity) || a.key.localeCompare(b.key))
    .map((application) => label(application.label, language));
}
