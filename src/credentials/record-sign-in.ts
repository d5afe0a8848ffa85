// Notes that a person signed in: his record's last sign-in and the audit, in one statement, and the browser. One that he
// never used before is news to him.
import { auditSelect, auditValues } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { countActivity } from '../figures/count-activity.ts';
import { prepared, query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { shownPrefix } from './address-prefix.ts';
import { noteDevice } from './known-device.ts';
import { deviceWords } from './user-agent.ts';

const SIGNED_IN = prepared(
  'record_sign_in',
  `with signed_in as (
     update users set last_sign_in_at = $3 where organization_id = $1 and id = $2 returning 1
   ) ${auditSelect(4, 'from signed_in')}`,
);

type SignInRecord = {
  organizationId: string;
  userId: string;
  clientId: string;
  /** The browser, by the id in its device cookie, and where it was. */
  device: { id: string; userAgent: string | undefined; address: string | undefined };
};

export async function recordSignIn(
  ctx: Ctx,
  { organizationId, userId, clientId, device }: SignInRecord,
): Promise<void> {
  const { id: deviceId, ...from } = device;
  const after = { client: clientId, ...deviceWords(from.userAgent), address: shownPrefix(from.address) };
  await transaction(async () => {
    await query(SIGNED_IN, [
      organizationId,
      userId,
      ctx.now,
      ...auditValues(ctx, { action: 'user.signed_in', targetKind: 'user', targetId: userId, organizationId, after }),
    ]);
    await noteDevice(ctx, { organizationId, userId, deviceId, from });
  });
  countActivity('sign_in', ctx.log, organizationId);
}
