// Makes many people at once, by the rules of create-person.ts: one statement for all of them, each with the names he signs
// in with and an audit row of his own.
import { v7 as uuidv7 } from 'uuid';
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { checkManagesUsers } from '../entitlements/acting.ts';
import { checkDetails, newDocument, trimmed, type PersonDetails } from './person-details.ts';
import { userRow } from './user-row.ts';

const INSERT = `with given as (
    select * from jsonb_to_recordset($2::jsonb) as r(id uuid, user_name text, user_name_key text, display_name_key text, email_key text,
      work_email_key text, document jsonb, folded jsonb, names text[], audit_id uuid)
  ), created as (
    insert into users (organization_id, id, kind, active, user_name, user_name_key, display_name_key, email_key, work_email_key,
      document, folded, created_by, created_at, updated_at)
    select $1::uuid, id, 'person', true, user_name, user_name_key, display_name_key, email_key, work_email_key, document, folded, $3::jsonb, $4::timestamptz, $4::timestamptz
    from given
    on conflict (organization_id, user_name_key) where deleted_at is null do nothing
    returning id
  ), named as (
    insert into sign_in_names (name_key, organization_id, user_id)
    select unnest(g.names), $1::uuid, g.id from given g join created c on c.id = g.id
  ), audited as (
    insert into audit_events (organization_id, id, at, actor, action, target_kind, target_id, after, request_id)
    select $1::uuid, g.audit_id, $4::timestamptz, $3::jsonb, 'user.created', 'user', g.id::text, g.document, $5::text from given g join created c on c.id = g.id
  )
  select id from created`;

/**
 * The new users' ids in the order of the people; null for one whose username somebody has already. Throws HubError
 * `not_permitted`, `invalid_input` (see checkDetails).
 */
export async function createPeople(
  ctx: OrganizationCtx,
  people: readonly PersonDetails[],
  usernames: 'free' | 'email',
): Promise<(string | null)[]> {
  await checkManagesUsers(ctx);
  const given = people.map((details) => {
    const clean = trimmed(details);
    checkDetails(clean, usernames);
    const row = userRow(newDocument(clean));
    return {
      id: uuidv7(),
      user_name: row.userName,
      user_name_key: row.userNameKey,
      display_name_key: row.displayNameKey,
      email_key: row.emailKey,
      work_email_key: row.workEmailKey,
      document: JSON.parse(row.document) as unknown,
      folded: JSON.parse(row.folded) as unknown,
      names: row.signInNames,
      audit_id: uuidv7(),
    };
  });
  const created = await query<{ id: string }>(INSERT, [
    ctx.organizationId,
    JSON.stringify(given),
    JSON.stringify(ctx.actor),
    ctx.now,
    ctx.requestId,
  ]);
  const made = new Set(created.map(({ id }) => id));
  return given.map(({ id }) => (made.has(id) ? id : null));
}
