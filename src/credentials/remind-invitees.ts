// Reminds people of an invitation that is about to expire, once: by a mail with a new link, as though the inviter had sent it
// again. Each in a transaction of his own, so that one who cannot be written to holds nobody up.
import type { Logger } from 'pino';
import type { Actor, Ctx } from '../context.ts';
import type { JobHandler } from '../database/jobs.ts';
import { query } from '../database/query.ts';
import { HubError } from '../errors.ts';
import { INVITATION_REMINDER_DAYS } from '../organizations/organization-record.ts';
import { inviteUser } from './invite-user.ts';

const PORTION = 500;
const ACTOR: Actor = { kind: 'system', id: 'remind-invitees', label: 'Mandate' };

type Due = { organizationId: string; userId: string; invitedBy: Actor };

// The youngest live link counts; one that the reminder itself made ends the matter. Who asks twice has been seen already.
const DUE = `
  select distinct on (l.organization_id, l.user_id) l.organization_id as "organizationId", l.user_id as "userId", l.created_by as "invitedBy"
  from links l
  join users u on (u.organization_id, u.id) = (l.organization_id, l.user_id)
  join organizations o on o.id = l.organization_id
  where l.purpose = 'invitation' and l.used_at is null and l.sent_to is not null and l.expires_at > $1
    and l.expires_at <= $1::timestamptz + make_interval(days => coalesce((o.settings ->> 'invitation_reminder_days')::int, ${INVITATION_REMINDER_DAYS}))
    and l.created_by ->> 'id' <> '${ACTOR.id}' and l.sent_to = u.email_key and l.created_at >= u.tokens_valid_from
    and u.active and u.deleted_at is null and u.kind = 'person' and o.state = 'active'
    and not exists (select 1 from passwords p where (p.organization_id, p.user_id) = (l.organization_id, l.user_id))
    and not exists (select 1 from links y where (y.organization_id, y.user_id) = (l.organization_id, l.user_id)
      and y.purpose = 'invitation' and y.created_at > l.created_at)
    and (l.organization_id, l.user_id) > ($2, $3)
  order by l.organization_id, l.user_id, l.created_at desc limit ${PORTION}`;

const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Whoever is due at that moment; returns how many were reminded. */
export async function remindInvitees(now: Date, log: Logger): Promise<number> {
  let reminded = 0;
  let [organization, user] = [NOBODY, NOBODY];
  for (;;) {
    const due = await query<Due>(DUE, [now, organization, user]);
    for (const one of due) if (await remind({ actor: ACTOR, requestId: ACTOR.id, now, log }, one)) reminded += 1;
    const last = due.at(-1);
    if (!last || due.length < PORTION) return reminded;
    [organization, user] = [last.organizationId, last.userId];
  }
}

async function remind(ctx: Ctx, { organizationId, userId, invitedBy }: Due): Promise<boolean> {
  try {
    const inviter = invitedBy.kind === 'user' ? invitedBy.label : null;
    await inviteUser({ ...ctx, organizationId }, { userId, inviter });
    return true;
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    ctx.log.info({ userId, code: error.code }, 'an invitation was not reminded of');
    return false;
  }
}

export const remindInviteesJob = (log: Logger): JobHandler => ({
  cron: '41 6 * * *',
  run: async () => {
    const reminded = await remindInvitees(new Date(), log);
    if (reminded > 0) log.info({ reminded }, 'people were reminded of their invitation');
  },
});
