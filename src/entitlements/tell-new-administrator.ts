// Tells the other chief administrators, in the transaction of the act, that somebody became an administrator: who may make
// people and give them rights is never a surprise to those who answer for the organization.
import type { OrganizationCtx } from '../context.ts';
import { queryOne } from '../database/query.ts';
import { mailUser } from '../mail/mail-user.ts';
import type { AdministrationRight } from './administration-rights-of.ts';
import { activeChiefs } from './check-deactivation.ts';
import type { Subject } from './find-subject.ts';

const MOST_TOLD = 50;
const MAKE_ADMINISTRATORS: readonly AdministrationRight[] = [
  'chief_administrator',
  'manage_administrators',
  'manage_users',
];

export async function tellNewAdministrator(
  ctx: OrganizationCtx,
  subject: Subject,
  right: AdministrationRight,
): Promise<void> {
  if (!MAKE_ADMINISTRATORS.includes(right)) return;
  const { organizationId, actor, now } = ctx;
  // For whom support acted, did not do it himself.
  const knows = actor.kind === 'user' && actor.actedBy ? undefined : actor.id;
  const told = (await activeChiefs(ctx)).filter((id) => id !== knows && id !== subject.id).slice(0, MOST_TOLD);
  if (told.length === 0) return;
  const row = await queryOne<{ name: string }>(
    subject.kind === 'user'
      ? `select coalesce(document ->> 'displayName', user_name) as name from users where organization_id = $1 and id = $2`
      : 'select display_name as name from groups where organization_id = $1 and id = $2',
    [organizationId, subject.id],
  );
  const values = {
    who: row?.name ?? '',
    right,
    by: actor.kind === 'operator' ? '' : actor.label,
    at: now,
    path: `/portal/${subject.kind === 'user' ? 'users' : 'groups'}/${subject.id}`,
  };
  for (const userId of told) await mailUser(ctx, { kind: 'new_administrator', organizationId, userId, values });
}
