// The attribute `roles` that a directory writes, kept in step with assignments (RFC 7643 section 4.1.2). The document
// holds the directory's own words, and only those; for each of them stands one assignment, given by the connection and
// marked with the word (`provisioned_value`). Both change in one transaction: a new word is an assignment of a role that
// a chief opened to the connection, or the whole change is refused; a word that goes ends its assignment. A word is a
// role's name or id; it stays bound to the role it meant, also when the role is renamed. What administrators give is
// no word of the directory's; what they end stays ended until the directory takes the word away and gives it again.
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { HubError } from '../errors.ts';
import type { Document, Json } from '../provisioning/attribute.ts';
import { fold } from '../provisioning/fold.ts';
import { isId } from '../users/is-id.ts';
import { findAssignment, markEnded } from './assignment-row.ts';
import { assign } from './give-rights.ts';

type Value = { readonly value?: Json };

/** The words of a list, by their folded form. */
function wordsOf(list: Json | undefined): Map<string, string> {
  const values = Array.isArray(list) ? (list as readonly Value[]) : [];
  const words = values.flatMap(({ value }) => (typeof value === 'string' && value.trim() !== '' ? [value] : []));
  return new Map(words.map((word) => [fold(word), word]));
}

const added = (before: Map<string, string>, after: Map<string, string>) =>
  [...after].filter(([key]) => !before.has(key));

/** Whether the change from one document to the other is one of roles; `undefined`: a new user. */
export function changesRoles(before: Document | undefined, after: Document): boolean {
  const [old, words] = [wordsOf(before?.['roles']), wordsOf(after['roles'])];
  return old.size !== words.size || added(old, words).length > 0;
}

function notOpened(word: string): HubError {
  return new HubError(
    'grantor_lacks_right',
    `No chief administrator has opened a role "${word.slice(0, 120)}" to this connection. Nothing was changed. GET /Roles lists what may be assigned.`,
    { attribute: 'roles' },
  );
}

/** The opened role that a word means. */
async function openedRole(ctx: OrganizationCtx, key: string, word: string): Promise<string> {
  const row = await queryOne<{ id: string }>(
    `select r.id from roles r join connection_openings o on o.organization_id = r.organization_id and o.target_id = r.id and o.connection_id = $2
     where r.organization_id = $1 and r.ended_at is null and (r.name_key = $3 or r.id = $4::uuid)
     order by (r.name_key = $3) desc limit 1`,
    [ctx.organizationId, ctx.actor.id, key, isId(word) ? word : null],
  );
  if (!row) throw notOpened(word);
  return row.id;
}

/**
 * Gives and ends assignments so that they are those of the new document. Call in the transaction that writes it.
 * Throws HubError `grantor_lacks_right` for a role that was not opened to the connection.
 */
export async function followRoles(
  ctx: OrganizationCtx,
  userId: string,
  before: Document | undefined,
  after: Document,
): Promise<void> {
  if (ctx.actor.kind !== 'connection') return;
  const [old, words] = [wordsOf(before?.['roles']), wordsOf(after['roles'])];
  const gone = added(words, old).map(([key]) => key);
  const ended = await query<{ id: string }>(
    `select id from assignments where organization_id = $1 and subject_id = $2 and subject_kind = 'user' and ended_at is null
       and provisioned_value = any($3::text[]) order by id`,
    [ctx.organizationId, userId, gone],
  );
  for (const { id } of ended) await markEnded(ctx, await findAssignment(ctx, id));
  for (const [key, word] of added(old, words)) {
    const [given] = await assign(ctx, {
      subject: { kind: 'user', id: userId },
      gifts: [{ roleId: await openedRole(ctx, key, word) }],
    });
    await query('update assignments set provisioned_value = $3 where organization_id = $1 and id = $2', [
      ctx.organizationId,
      given?.id,
      key,
    ]);
  }
}

export type AssignableRole = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Keys of the applications in which it gives something. */
  readonly applications: string[];
};

/** The roles opened to the acting connection, by name; only the one of `id` where it is given. */
export const listOpenedRoles = (ctx: OrganizationCtx, id?: string): Promise<AssignableRole[]> =>
  query<AssignableRole>(
    `select r.id, r.name, r.description, array(
       select distinct e.application from role_entitlements e where e.organization_id = $1 and e.role_id = r.id and e.ended_at is null order by 1
     ) as applications
     from roles r join connection_openings o on o.organization_id = r.organization_id and o.target_id = r.id and o.connection_id = $2
     where r.organization_id = $1 and r.ended_at is null and ($3::uuid is null or r.id = $3) order by r.name_key`,
    [ctx.organizationId, ctx.actor.id, id ?? null],
  );
