// Who in an organization can give access: its active chief administrators and administrators of users, by name.
import { query } from '../database/query.ts';
import type { Document } from '../provisioning/attribute.ts';
import { emailOf, nameOf } from './user-row.ts';

export type Administrator = { name: string; email?: string };

const MOST_SHOWN = 20;

export async function findAdministrators(organizationId: string, now: Date): Promise<Administrator[]> {
  const rows = await query<{ document: Document }>(
    `select u.document from users u where u.organization_id = $1 and u.active and u.deleted_at is null and u.kind = 'person' and exists (
       select 1 from administration_rights r where r.organization_id = $1 and r.ended_at is null
         and (r.valid_until is null or r.valid_until > $2)
         and r.name in ('chief_administrator', 'manage_administrators', 'manage_users')
         and (r.subject_id = u.id or r.subject_id in (select group_id from group_users g where g.organization_id = $1 and g.user_id = u.id)))
     order by u.display_name_key, u.id limit ${MOST_SHOWN}`,
    [organizationId, now],
  );
  return rows.map(({ document }) => {
    const email = emailOf(document);
    return { name: nameOf(document), ...(email !== null && { email }) };
  });
}
