// Reads mandates: those an organization gave and those it received. An organization sees no link of a chain but its own.
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import type { LimitValues } from '../entitlements/check-limit.ts';
import { HubError } from '../errors.ts';
import { isId } from '../users/is-id.ts';
import type { ChainLink } from './check-chain.ts';

export type MandateBox = { readonly application: string; readonly values: LimitValues };

export type Mandate = {
  readonly id: string;
  /** Who owns the customer account; not always who gave the mandate. */
  readonly ownerOrganizationId: string;
  readonly customerAccountId: string;
  readonly giverOrganizationId: string;
  readonly receiverOrganizationId: string;
  /** The mandate that this one passes on; null: the owner gave it. */
  readonly parentId: string | null;
  readonly boxes: readonly MandateBox[];
  readonly onward: number;
  readonly validFrom: Date | null;
  readonly validUntil: Date | null;
  readonly givenAt: Date;
  /** Counts changes of the terms. */
  readonly version: number;
};

/** With what a list shows: names of both sides, and of the account. */
export type ListedMandate = Mandate & {
  readonly customerNumber: string;
  readonly customerAccountName: string;
  readonly giverName: string;
  readonly receiverName: string;
};

const COLUMNS = `m.id, m.organization_id as "ownerOrganizationId", m.customer_account_id as "customerAccountId",
  m.giver_organization_id as "giverOrganizationId", m.receiver_organization_id as "receiverOrganizationId", m.parent_id as "parentId",
  m.boxes, m.onward, m.valid_from as "validFrom", m.valid_until as "validUntil", m.given_at as "givenAt", m.version`;

const LIST = `select ${COLUMNS}, a.number as "customerNumber", a.name as "customerAccountName", g.name as "giverName", r.name as "receiverName"
  from mandates m join customer_accounts a on a.organization_id = m.organization_id and a.id = m.customer_account_id
  join organizations g on g.id = m.giver_organization_id join organizations r on r.id = m.receiver_organization_id
  where m.ended_at is null and (m.valid_until is null or m.valid_until > $2)`;

export const listGivenMandates = (ctx: OrganizationCtx): Promise<ListedMandate[]> =>
  query<ListedMandate>(`${LIST} and m.giver_organization_id = $1 order by m.id`, [ctx.organizationId, ctx.now]);

export const listReceivedMandates = (ctx: OrganizationCtx): Promise<ListedMandate[]> =>
  query<ListedMandate>(`${LIST} and m.receiver_organization_id = $1 order by m.id`, [ctx.organizationId, ctx.now]);

export const mandateNotFound = (id: string) => new HubError('not_found', `There is no mandate ${id}.`);

async function find(ctx: OrganizationCtx, id: string, side: 'giver' | 'receiver', lock: string): Promise<Mandate> {
  const row = isId(id)
    ? await queryOne<Mandate>(
        `select ${COLUMNS} from mandates m
         where m.${side}_organization_id = $1 and m.id = $2 and m.ended_at is null ${lock}`,
        [ctx.organizationId, id],
      )
    : undefined;
  if (!row) throw mandateNotFound(id);
  return row;
}

/** One that the organization gave; locked. Throws HubError `not_found`, also for one that was withdrawn. */
export const findGivenMandate = (ctx: OrganizationCtx, id: string): Promise<Mandate> =>
  find(ctx, id, 'giver', 'for no key update');

/** One of either side with the names that a page shows. Throws HubError `not_found`. */
export async function findListedMandate(
  ctx: OrganizationCtx,
  id: string,
  side: 'giver' | 'receiver',
): Promise<ListedMandate> {
  const row = isId(id)
    ? await queryOne<ListedMandate>(`${LIST} and m.${side}_organization_id = $1 and m.id = $3`, [
        ctx.organizationId,
        ctx.now,
        id,
      ])
    : undefined;
  if (!row) throw mandateNotFound(id);
  return row;
}

/** Throws HubError `not_found`. */
export const findReceivedMandate = (ctx: OrganizationCtx, id: string): Promise<Mandate> =>
  find(ctx, id, 'receiver', '');

/** The links from the owner's down to this mandate; shorter where one above was withdrawn. */
export async function linksTo(mandate: Mandate): Promise<ChainLink[]> {
  const rows = await query<ChainLink & { depth: number }>(
    `with recursive chain as (
      select m.*, 0 as depth from mandates m where m.organization_id = $1 and m.id = $2
      union all
      select p.*, c.depth + 1 from chain c join mandates p on p.organization_id = $1 and p.id = c.parent_id and p.ended_at is null
      where c.depth < 5
    )
    select giver_organization_id as "fromOrganization", receiver_organization_id as "toOrganization", onward, depth
    from chain order by depth desc`,
    [mandate.ownerOrganizationId, mandate.id],
  );
  return rows.map(({ fromOrganization, toOrganization, onward }) => ({ fromOrganization, toOrganization, onward }));
}
