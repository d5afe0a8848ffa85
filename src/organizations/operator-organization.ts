// The operator's own organization: his staff are its users. It has a fixed id, so that each process knows it.
import { auditValues } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { queryOne } from '../database/query.ts';
import { INSERT_ORGANIZATION } from './create-organization.ts';

export const OPERATOR_ORGANIZATION_ID = '00000000-0000-7000-8000-000000000001';

/** Call at each start; makes it at the first. `name` is the operator's brand. */
export async function ensureOperatorOrganization(ctx: Ctx, name: string): Promise<void> {
  await queryOne(INSERT_ORGANIZATION, [
    OPERATOR_ORGANIZATION_ID,
    name,
    'operator',
    '{}',
    '{}',
    ctx.now,
    null,
    ...auditValues(ctx, {
      action: 'organization.created',
      targetKind: 'organization',
      targetId: OPERATOR_ORGANIZATION_ID,
      organizationId: OPERATOR_ORGANIZATION_ID,
      after: { name, kind: 'operator' },
    }),
  ]);
}
