// Existing persons whom a directory lately tried to create and was refused, because the organization made them itself: matched by
// userName or e-mail address, only to be proposed. Who passes is for an administrator to tick (hand-over.ts).
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { fold } from './fold.ts';
import type { HandoverCandidate } from './hand-over.ts';

const MOST_REQUESTS = 1000;
const MOST_SHOWN = 200;
/** A kept body may be cut off, so it is read by pattern and not parsed. */
const NAMES = /"(?:userName|value)"\s*:\s*"((?:[^"\\]|\\.)*)"/g;

function namesIn(body: string): string[] {
  return [...body.matchAll(NAMES)].flatMap(([, quoted]) => {
    try {
      return [fold(String(JSON.parse(`"${quoted ?? ''}"`)))];
    } catch {
      return [];
    }
  });
}

/** In the order of their userNames, at most 200. The caller has found the connection. */
export async function findWantedUsers(ctx: OrganizationCtx, connectionId: string): Promise<HandoverCandidate[]> {
  const refused = await query<{ body: string | null }>(
    `select body from provisioning_requests where organization_id = $1 and connection_id = $2 and status >= 400
       and status = 409 and method = 'POST' and path ~ '^/Users' order by id desc limit ${MOST_REQUESTS}`,
    [ctx.organizationId, connectionId],
  );
  const names = [...new Set(refused.flatMap(({ body }) => (body === null ? [] : namesIn(body))))];
  if (names.length === 0) return [];
  return query<HandoverCandidate>(
    `select id, user_name as "userName", coalesce(document ->> 'displayName',
       nullif(concat_ws(' ', document #>> '{name,givenName}', document #>> '{name,familyName}'), '')) as name, email_key as email, active
     from users where organization_id = $1 and deleted_at is null and kind = 'person' and connection_id is null and id in (
       select id from users where organization_id = $1 and deleted_at is null and user_name_key = any($2::text[])
       union select id from users where organization_id = $1 and deleted_at is null and email_key = any($2::text[]))
     order by user_name_key limit ${MOST_SHOWN}`,
    [ctx.organizationId, names],
  );
}
