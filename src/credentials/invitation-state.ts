// How far people have come from invited to active, for the list of users: one statement for a whole page of them.
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';

/** `none`: never invited, or the invitation was revoked. `bounced` and `failed`: the mail of a live invitation did not arrive. */
type InvitationState = 'none' | 'invited' | 'expired' | 'bounced' | 'failed' | 'active';

export type Invitation = {
  readonly state: InvitationState;
  readonly expiresAt: Date | null;
  readonly mail: { readonly state: string; readonly at: Date; readonly error: string | null } | null;
};

export type InvitationFacts = {
  hasPassword: boolean;
  expiresAt: Date | null;
  mailed: boolean | null;
  mailState: string | null;
  mailAt: Date | null;
  mailError: string | null;
};

/** Columns that make InvitationFacts, of users `u` in organization $1, with INVITATION_JOINS. */
export const INVITATION_COLUMNS = `exists (select 1 from passwords p where p.organization_id = $1 and p.user_id = u.id) as "hasPassword",
  l.expires_at as "expiresAt", l.sent_to is not null as mailed, m.state as "mailState", m.created_at as "mailAt", m.last_error as "mailError"`;
export const INVITATION_JOINS = `left join lateral (select expires_at, sent_to from links where organization_id = $1 and user_id = u.id
    and purpose in ('invitation', 'first_password') and used_at is null order by created_at desc, id desc limit 1) l on true
  left join lateral (select state, created_at, last_error from mails where organization_id = $1 and user_id = u.id
    and kind in ('invitation', 'invitation_reminder') order by id desc limit 1) m on true`;

/** By user id; ids must be UUIDs. Who is not a user of the organization is not in it. */
export async function invitationsOf(
  ctx: OrganizationCtx,
  userIds: readonly string[],
): Promise<Map<string, Invitation>> {
  const rows = await query<InvitationFacts & { id: string }>(
    `select u.id, ${INVITATION_COLUMNS} from users u ${INVITATION_JOINS}
     where u.organization_id = $1 and u.id = any($2::uuid[])`,
    [ctx.organizationId, userIds],
  );
  return new Map(rows.map((row) => [row.id, invitationOf(row, ctx.now)]));
}

/** What the facts mean at this moment. */
export function invitationOf(row: InvitationFacts, now: Date): Invitation {
  const { expiresAt, mailState: state, mailAt: at, mailError: error } = row;
  return { state: stateOf(row, now), expiresAt, mail: state !== null && at !== null ? { state, at, error } : null };
}

function stateOf({ hasPassword, expiresAt, mailed, mailState }: InvitationFacts, now: Date): InvitationState {
  if (hasPassword) return 'active';
  if (expiresAt === null) return 'none';
  if (expiresAt <= now) return 'expired';
  return mailed === true && (mailState === 'bounced' || mailState === 'failed') ? mailState : 'invited';
}
