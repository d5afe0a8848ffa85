// Whether a person may change what he wants to change in somebody's record: rank for what describes the person, a ceiling
// over all that he holds for what controls his credentials (username, e-mail address), and nothing of what a directory
// owns. One's own record: what describes oneself, and no more. Deactivation and its opposite have checks of their own.
import { isDeepStrictEqual } from 'node:util';
import type { OrganizationCtx } from '../context.ts';
import { queryOne } from '../database/query.ts';
import { checkTouching } from '../entitlements/check-rank.ts';
import type { TouchAct } from '../entitlements/touching.ts';
import { HubError } from '../errors.ts';
import type { Document } from '../provisioning/attribute.ts';
import { refuseWhileActing } from '../support/refuse-while-acting.ts';

/** What a person changes in his own record without being an administrator. */
const OWN_ATTRIBUTES = ['name', 'displayName', 'nickName', 'preferredLanguage', 'locale', 'timezone'];
const ACT_OF: Readonly<Record<string, TouchAct>> = { userName: 'change_username', emails: 'change_email' };

export const directoryOwned = () =>
  new HubError('directory_owned', 'A directory manages this person: only there his details can be changed.');

/**
 * Throws HubError `directory_owned`, `not_permitted`, `rank_too_low`, `target_holds_more`. Call inside the transaction that
 * writes. Directories change what they own, the operator and the hub itself what they like.
 */
export async function checkChange(
  ctx: OrganizationCtx,
  userId: string,
  before: Document,
  after: Document,
): Promise<void> {
  if (ctx.actor.kind !== 'user') return;
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => key !== 'active' && !isDeepStrictEqual(before[key], after[key]),
  );
  if (changed.length === 0) return;
  const row = await queryOne<{ connection_id: string | null }>(
    'select connection_id from users where organization_id = $1 and id = $2',
    [ctx.organizationId, userId],
  );
  if (row && row.connection_id !== null) throw directoryOwned();
  const himself = userId.toLowerCase() === ctx.actor.id.toLowerCase();
  if (himself) refuseWhileActing(ctx);
  if (himself && changed.every((key) => OWN_ATTRIBUTES.includes(key))) return;
  if (himself && changed.includes('emails'))
    throw new HubError('not_permitted', 'One changes the own e-mail address by a link that confirms it.');
  for (const act of new Set(changed.map((key) => ACT_OF[key] ?? 'edit'))) await checkTouching(ctx, userId, act);
}
