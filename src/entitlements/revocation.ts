// What a person may take away: the part that has effect must lie within his ceiling, and the organization's rule that
// rights are not removed (`deactivate_only`) must not stand against it. What has no effect may always go.
import type { OrganizationCtx } from '../context.ts';
import { queryOne } from '../database/query.ts';
import { readSettings, revocationPolicy, type StoredSettings } from '../organizations/organization-record.ts';
import { mayAdminister, notPermitted, type Acting } from './acting.ts';
import type { Gain } from './giving.ts';
import { orThrow } from './refusal.ts';
import { mayTakeAway } from './taking-away.ts';

/** `losses`: what has effect now and would not afterwards. Throws HubError `not_permitted`, `revocation_off`, `grantor_lacks_right`. */
export async function checkTakingAway(ctx: OrganizationCtx, acting: Acting, losses: readonly Gain[]): Promise<void> {
  const accounts = losses.flatMap(({ boxes }) => boxes.map(({ customerAccount }) => customerAccount));
  if (!mayAdminister(acting, [...new Set(accounts)]))
    throw notPermitted('You do not have the right to take rights away.');
  const row = await queryOne<{ settings: StoredSettings }>('select settings from organizations where id = $1', [
    ctx.organizationId,
  ]);
  const policy = revocationPolicy(readSettings(row?.settings ?? {}));
  orThrow(
    mayTakeAway({ ceiling: acting.ceiling, losses, policy: ctx.actor.kind === 'system' ? () => 'allowed' : policy }),
  );
}
