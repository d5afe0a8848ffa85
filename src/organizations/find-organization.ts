// Reads organizations. Persons and directories see their own; the list is the operator's.
import type { Ctx } from '../context.ts';
import { prepared, query, queryOne } from '../database/query.ts';
import { HubError } from '../errors.ts';
import { WITHOUT_CHIEF } from './without-chief.ts';
import { isId } from '../users/is-id.ts';
import { checkOperator } from './check-operator.ts';
import {
  ORGANIZATION_COLUMNS,
  organizationRecord,
  type OrganizationRecord,
  type OrganizationRow,
  type OrganizationState,
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

type OrganizationPage = { readonly organizations: OrganizationRecord[]; readonly next: string | null };

type OrganizationListing = {
  /** A part of the name, whatever the case. */
  readonly name?: string;
  /** The whole number of one of its customer accounts. */
  readonly number?: string;
  readonly state?: OrganizationState;
  readonly withoutChief?: boolean;
  /** The `next` of the page before. */
  readonly before?: string;
  readonly limit?: number;
};

/** In the order of admission, newest first. Throws HubError `not_permitted`. */
export async function listOrganizations(
  ctx: Ctx,
  { name, number, state, withoutChief = false, before, limit = 50 }: OrganizationListing = {},
): Promise<OrganizationPage> {
  checkOperator(ctx);
  const rows = await query<OrganizationRow>(
    `select ${ORGANIZATION_COLUMNS} from organizations o
     where $1::timestamptz is not null and ($2::uuid is null or o.id < $2)
       and ($3::text is null or strpos(lower(o.name), lower($3)) > 0)
       and ($4::text is null or o.id in (select organization_id from customer_account_numbers where number = $4))
       and ($5::text is null or o.state = $5) ${withoutChief ? `and ${WITHOUT_CHIEF}` : ''}
     order by o.id desc limit $6`,
    [
      ctx.now,
      before !== undefined && isId(before) ? before : null,
      name ?? null,
      number ?? null,
      state ?? null,
      limit + 1,
    ],
  );
  const page = rows.slice(0, limit).map(organizationRecord);
  return { organizations: page, next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
}
