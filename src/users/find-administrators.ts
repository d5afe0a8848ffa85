// Who in an organization can give access: its active chief administrators and administrators of users, by name.
import { prepared, query } from '../database/query.ts';
import { PEOPLE_OF_GIVEN } from '../entitlements/people-of-given.ts';
import type { Document } from '../provisioning/attribute.ts';
import { emailOf, nameOf } from './user-row.ts';

export type Administrator = { id: string; name: string; email?: string };

const MOST_SHOWN = 20;

const FIND = prepared(
  'administrators_find',
  `with recursive given(id) as (
     select subject_id from administration_rights where organization_id = $1 and ended_at is null
       and (valid_until is null or valid_until > $2)
       and name in ('chief_administrator', 'manage_administrators', 'manage_users')
   ), ${PEOPLE_OF_GIVEN}
   select u.id, u.document from people p join users u on u.organization_id = $1 and u.id = p.id
   where u.active and u.deleted_at is null and u.kind = 'person' order by u.display_name_key, u.id limit ${MOST_SHOWN}`,
);

export async function findAdministrators(organizationId: string, now: Date): Promise<Administrator[]> {
  const rows = await query<{ id: string; document: Document }>(FIND, [organizationId, now]);
  return rows.map(({ id, document }) => {
    const email = emailOf(document);
    return { id, name: nameOf(document), ...(email !== null && { email }) };
  });
}
