// Notes that a person signed in: his record's last sign-in and the audit, in one statement.
import { auditSelect, auditValues } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { prepared, query } from '../database/query.ts';

const SIGNED_IN = prepared(
  'record_sign_in',
  `with signed_in as (
     update users set last_sign_in_at = $3 where organization_id = $1 and id = $2 returning 1
   ) ${auditSelect(4, 'from signed_in')}`,
);

export type SignInRecord = { organizationId: string; userId: string; clientId: string };

export async function recordSignIn(ctx: Ctx, { organizationId, userId, clientId }: SignInRecord): Promise<void> {
  await query(SIGNED_IN, [
    organizationId,
    userId,
    ctx.now,
    ...auditValues(ctx, {
      action: 'user.signed_in',
      targetKind: 'user',
      targetId: userId,
      organizationId,
      after: { client: clientId },
    }),
  ]);
}
