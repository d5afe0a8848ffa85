// The organization's rule for usernames: anything, or e-mail addresses only. Asked wherever a username is written, by whom
// ever; what stands there from before the rule stays until somebody changes it. Service users have no mailbox.
import type { OrganizationCtx } from '../context.ts';
import { queryOne } from '../database/query.ts';
import { HubError } from '../errors.ts';
import { isMailable } from '../mail/address.ts';
import type { Document } from '../provisioning/attribute.ts';

/** Throws HubError `invalid_input` with an issue at `userName`. `userId`: of the person whose name changes, not of a new one. */
export async function checkUserName(
  ctx: OrganizationCtx,
  userId: string | undefined,
  before: Document | undefined,
  after: Document,
): Promise<void> {
  const userName = String(after['userName']);
  // A directory that gives addresses anyway, as most do, costs no look at the rule.
  if (before?.['userName'] === after['userName'] || isMailable(userName)) return;
  const rule = await queryOne<{ username: string | null }>(
    `select o.settings ->> 'username' as username from organizations o where o.id = $1
       and not exists (select 1 from users u where u.organization_id = $1 and u.id = $2 and u.kind = 'service')`,
    [ctx.organizationId, userId ?? null],
  );
  if (rule?.username !== 'email') return;
  const message = `In this organization a userName is an e-mail address; "${userName}" is none.`;
  throw new HubError('invalid_input', message, { issues: [{ path: 'userName', code: 'not_email_name', message }] });
}
