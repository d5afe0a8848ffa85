// Reads organizations. Persons and directories see their own; the list is the operator's.
import type { Ctx } from '../context.ts';
import { prepared, query, queryOne } from '../database/query.ts';
import { HubError } from '../errors.ts';
import { isId } from '../users/is-id.ts';
import { checkOperator } from './check-operator.ts';
import {
  ORGANIZATION_COLUMNS,
  organizationRecord,
  type OrganizationRecord,
  type OrganizationRow,
} from './organization-record.ts';

const FIND = prepared('organization_find', `select ${ORGANIZATION_COLUMNS} from organizations o where o.id = $1`);

export const organizationNotFound = (id: string) => new HubError('not_found', `There is no organization ${id}.`);

/** Throws HubError `not_found`, also for an organization that is not the actor's own. */
export async function findOrganization(ctx: Ctx, id: string): Promise<OrganizationRecord> {
  const { actor } = ctx;
  const mayKnow = actor.kind === 'operator' || actor.kind === 'system' || actor.organizationId === id.toLowerCase();
  const row = mayKnow && isId(id) ? await queryOne<OrganizationRow>(FIND, [id]) : undefined;
  if (!row) throw organizationNotFound(id);
  return organizationRecord(row);
}

export type OrganizationPage = { readonly organizations: OrganizationRecord[]; readonly next: string | null };

/**
 * In the order of admission, newest first. `name` keeps those whose name contains it, whatever the case;
 * `before` is the `next` of the page before. Throws HubError `not_permitted`.
 */
export async function listOrganizations(
  ctx: Ctx,
  { name, before, limit = 50 }: { name?: string; before?: string; limit?: number } = {},
): Promise<OrganizationPage> {
  checkOperator(ctx);
  const rows = await query<OrganizationRow>(
    `select ${ORGANIZATION_COLUMNS} from organizations o
     where ($1::uuid is null or o.id < $1) and ($2::text is null or strpos(lower(o.name), lower($2)) > 0)
     order by o.id desc limit $3`,
    [before !== undefined && isId(before) ? before : null, name ?? null, limit + 1],
  );
  const page = rows.slice(0, limit).map(organizationRecord);
  return { organizations: page, next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
}
