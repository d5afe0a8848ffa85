// Tells a person that his access has ended, in the transaction that ends it. Whoever a directory deactivates hears of it
// from his company, unless the organization wants the hub to say so as well.
import type { OrganizationCtx } from '../context.ts';
import { queryOne } from '../database/query.ts';
import { mailUser } from '../mail/mail-user.ts';
import { findAdministrators } from './find-administrators.ts';

export async function tellDeactivated(ctx: OrganizationCtx, userId: string): Promise<void> {
  const { organizationId, actor, now } = ctx;
  if (actor.kind === 'system' || (actor.kind === 'connection' && !(await tellsProvisioned(organizationId)))) return;
  const administrators = await findAdministrators(organizationId, now);
  await mailUser(ctx, { kind: 'account_deactivated', organizationId, userId, values: { administrators } });
}

async function tellsProvisioned(organizationId: string): Promise<boolean> {
  const row = await queryOne<{ tells: boolean }>(
    `select settings -> 'tell_provisioned_deactivation' = 'true' as tells from organizations where id = $1`,
    [organizationId],
  );
  return row?.tells === true;
}
