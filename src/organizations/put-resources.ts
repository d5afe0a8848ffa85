// Writes contracts and billing addresses of a customer account, as the operator's order system knows them, and closes
// them. A closed one drops out of every right that names it, at once, and comes back if it is opened again.
import { auditSelect, auditValues } from '../audit/record.ts';
import { RESOURCE_DIMENSIONS, type ResourceDimension } from '../applications/application.ts';
import type { OrganizationCtx } from '../context.ts';
import { prepared, query, queryOne } from '../database/query.ts';
import { HubError } from '../errors.ts';
import { checkOperator } from './check-operator.ts';
import { checkText, invalid } from './check-settings.ts';
import { findCustomerAccount, type ResourceRecord } from './find-customer-account.ts';

/** What is absent is: active, no master, no address, all services. */
export type NewResource = Pick<ResourceRecord, 'kind' | 'number' | 'label'> & Partial<ResourceRecord>;

const MOST = 5000;

const PUT = prepared(
  'resources_put',
  `with given as (
    select * from jsonb_to_recordset($3::jsonb)
      as r(kind text, number text, label text, address text, state text, master boolean, services jsonb)
  ), changed as (
    insert into resources as old (organization_id, customer_account_id, kind, number, label, address, state, master, services)
    select $1, $2, kind, number, label, address, state, master, services from given
    on conflict (organization_id, customer_account_id, kind, number) do update
      set label = excluded.label, address = excluded.address, state = excluded.state, master = excluded.master,
        services = excluded.services
      where (old.label, old.address, old.state, old.master, old.services)
        is distinct from (excluded.label, excluded.address, excluded.state, excluded.master, excluded.services)
    returning 1
  ), audited as (${auditSelect(4, 'where exists (select 1 from changed)')})
  select count(*)::int as changed from changed`,
);

/**
 * Adds or replaces these, leaves the others alone; answers how many rows differ from before.
 * Throws HubError `not_permitted` (operator only), `not_found`, `invalid_input`, `too_many`.
 */
export async function putResources(
  ctx: OrganizationCtx,
  { customerAccountId, resources }: { customerAccountId: string; resources: readonly NewResource[] },
): Promise<number> {
  checkOperator(ctx);
  const account = await findCustomerAccount(ctx, customerAccountId);
  if (resources.length > MOST) throw new HubError('too_many', `At most ${MOST} resources can be written at once.`);
  const rows = resources.map((resource, i) => checked(resource, i));
  const names = new Set(rows.map(({ kind, number }) => `${kind} ${number}`));
  if (names.size < rows.length) throw invalid('resources', 'A resource stands twice in the list.');
  const row = await queryOne<{ changed: number }>(PUT, [
    ctx.organizationId,
    account.id,
    JSON.stringify(rows),
    ...auditValues(ctx, { action: 'resources.put', targetKind: 'customer_account', targetId: account.id, after: rows }),
  ]);
  return row?.changed ?? 0;
}

function checked(resource: NewResource, index: number): ResourceRecord {
  const { kind, number, label, address = '', state = 'active', master = false, services = [] } = resource;
  const path = `resources.${index}`;
  if (!RESOURCE_DIMENSIONS.includes(kind)) throw invalid(`${path}.kind`, `"${kind}" is no kind of resource.`);
  // "*" would be read as "all" wherever a list of numbers may stand.
  if (number === '*') throw invalid(`${path}.number`, 'A resource cannot have the number "*".');
  checkText(`${path}.number`, number, 64);
  checkText(`${path}.label`, label, 300);
  return { kind, number, label, address, state, master, services: [...new Set(services)].sort() };
}

/** Answers how many were active. Throws HubError `not_permitted` (operator only), `not_found`. */
export async function closeResources(
  ctx: OrganizationCtx,
  input: { customerAccountId: string; kind: ResourceDimension; numbers: readonly string[] },
): Promise<number> {
  checkOperator(ctx);
  const account = await findCustomerAccount(ctx, input.customerAccountId);
  const closed = await query<{ number: string }>(
    `with changed as (
      update resources set state = 'closed'
      where organization_id = $1 and customer_account_id = $2 and kind = $3 and number = any($4) and state = 'active'
      returning number
    ), audited as (${auditSelect(5, 'where exists (select 1 from changed)')})
    select number from changed`,
    [
      ctx.organizationId,
      account.id,
      input.kind,
      input.numbers,
      ...auditValues(ctx, {
        action: 'resources.closed',
        targetKind: 'customer_account',
        targetId: account.id,
        after: { kind: input.kind, numbers: input.numbers },
      }),
    ],
  );
  return closed.length;
}
