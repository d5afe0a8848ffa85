// Who leads an organization: its chief administrators, those whose invitation waits and those who were deactivated too.
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import type { Document } from '../provisioning/attribute.ts';
import { emailOf, nameOf } from '../users/user-row.ts';
import { checkOperator } from './check-operator.ts';

export type Chief = {
  readonly id: string;
  readonly userName: string;
  readonly name: string;
  readonly email: string | null;
  readonly active: boolean;
  readonly hasPassword: boolean;
  readonly lastSignInAt: Date | null;
};
type Row = Omit<Chief, 'userName' | 'name' | 'email'> & { document: Document };

/** Throws HubError `not_permitted` (operator only). */
export async function listChiefs(ctx: OrganizationCtx): Promise<Chief[]> {
  checkOperator(ctx);
  const rows = await query<Row>(
    `select u.id, u.document, u.active, u.last_sign_in_at as "lastSignInAt",
       exists (select 1 from passwords p where (p.organization_id, p.user_id) = (u.organization_id, u.id)) as "hasPassword"
     from administration_rights r join users u on (u.organization_id, u.id) = (r.organization_id, r.subject_id)
     where r.organization_id = $1 and r.name = 'chief_administrator' and r.ended_at is null
       and (r.valid_until is null or r.valid_until > $2) and u.deleted_at is null order by u.user_name_key`,
    [ctx.organizationId, ctx.now],
  );
  return rows.map(({ document, ...row }) => ({
    ...row,
    userName: String(document['userName']),
    name: nameOf(document),
    email: emailOf(document),
  }));
}
