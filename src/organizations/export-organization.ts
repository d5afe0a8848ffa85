// All that the hub keeps about an organization, for itself before it is closed (GDPR article 20): a JSON text in pieces, each
// list read a portion at a time. No password, secret or token is in it.
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { checkOperator } from './check-operator.ts';
import { findOrganization } from './find-organization.ts';

const PORTION = 500;

/** Name of the list, table, what of a row goes out, and the columns of its place in the order. */
const LISTS: readonly (readonly [name: string, table: string, columns: string, order: readonly string[]])[] = [
  ['customerAccounts', 'customer_accounts', 'id, number, name, address, created_at, moved_at', ['id']],
  [
    'resources',
    'resources',
    'customer_account_id, kind, number, label, address, state, master, services',
    ['customer_account_id', 'kind', 'number'],
  ],
  [
    'subscriptions',
    'subscriptions',
    'id, customer_account_id, application, "values", valid_from, valid_until, ended_at',
    ['id'],
  ],
  [
    'users',
    'users',
    'id, kind, connection_id, active, document, created_at, deactivated_at, deleted_at, last_sign_in_at',
    ['id'],
  ],
  ['groups', 'groups', 'id, connection_id, document, created_at, deleted_at', ['id']],
  ['groupUsers', 'group_users', 'group_id, user_id', ['group_id', 'user_id']],
  ['groupGroups', 'group_groups', 'parent_id, child_id', ['parent_id', 'child_id']],
  ['roles', 'roles', 'id, name, description, created_at, ended_at', ['id']],
  [
    'roleEntitlements',
    'role_entitlements',
    'id, role_id, application, customer_account_id, profile, "values", valid_from, valid_until, ended_at',
    ['id'],
  ],
  [
    'assignments',
    'assignments',
    'id, subject_kind, subject_id, role_id, application, customer_account_id, profile, "values", valid_from, valid_until, given_by, given_at, ended_at, ended_by',
    ['id'],
  ],
  [
    'administrationRights',
    'administration_rights',
    'id, subject_kind, subject_id, name, customer_account_id, valid_until, given_by, given_at, ended_at',
    ['id'],
  ],
  [
    'mandates',
    'mandates',
    'id, customer_account_id, giver_organization_id, receiver_organization_id, boxes, onward, valid_from, valid_until, given_at, ended_at',
    ['id'],
  ],
  [
    'supportConsents',
    'support_consents',
    'id, administrator_id, given_by, given_at, expires_at, withdrawn_at, withdrawn_by',
    ['id'],
  ],
  ['supportVisits', 'support_visits', 'id, consent_id, staff_id, reason, started_at, ended_at, outcome', ['id']],
  ['connections', 'provisioning_connections', 'id, name, created_at, ended_at', ['id']],
  ['history', 'audit_events', 'id, at, actor, action, target_kind, target_id, before, after, request_id', ['id']],
];

async function* rowsOf(
  organizationId: string,
  [, table, columns, order]: (typeof LISTS)[number],
): AsyncGenerator<string[]> {
  const keys = order.map((column) => `${column}::text`).join(', ');
  for (let past: string[] | undefined; ;) {
    const beyond = past === undefined ? '' : `and (${keys}) > (${order.map((_, i) => `$${i + 2}`).join(', ')})`;
    const rows = await query<{ row: string; place: string[] }>(
      `select (select to_jsonb(r) from (select ${columns}) r)::text as row, array[${keys}] as place from ${table}
       where organization_id = $1 ${beyond} order by ${keys} limit ${PORTION}`,
      [organizationId, ...(past ?? [])],
    );
    if (rows.length > 0) yield rows.map(({ row }) => row);
    if (rows.length < PORTION) return;
    past = rows.at(-1)?.place;
  }
}

/** The first piece comes once the right to it is known. Throws HubError `not_permitted` (operator only), `not_found`. */
export async function* exportOrganization(ctx: OrganizationCtx): AsyncGenerator<string> {
  checkOperator(ctx);
  const organization = await findOrganization(ctx, ctx.organizationId);
  await recordAudit(ctx, { action: 'organization.exported', targetKind: 'organization', targetId: organization.id });
  yield `{"exportedAt":${JSON.stringify(ctx.now)},"organization":${JSON.stringify(organization)}`;
  for (const list of LISTS) {
    yield `,\n"${list[0]}":[`;
    let first = true;
    for await (const rows of rowsOf(organization.id, list)) {
      yield `${first ? '' : ','}${rows.join(',\n')}`;
      first = false;
    }
    yield ']';
  }
  yield '}\n';
}
