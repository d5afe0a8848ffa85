// Reads an organization's roles and what they give.
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { HubError } from '../errors.ts';
import { isId } from '../users/is-id.ts';
import type { Entitlement, Validity } from './box.ts';
import type { Giver } from './snapshot.ts';
import { intersectValidity } from './validity.ts';

export type Role = { readonly id: string; readonly name: string; readonly description: string };

export type RoleEntitlement = {
  readonly id: string;
  readonly roleId: string;
  readonly entitlement: Entitlement;
  readonly givenBy: Giver;
  readonly givenAt: Date;
};

export const roleNotFound = (id: string) => new HubError('not_found', `There is no role ${id}.`);

/** Throws HubError `not_found`, also for another organization's and for one that has ended. `lock`: against a change meanwhile. */
export async function findRole(ctx: OrganizationCtx, id: string, { lock = false } = {}): Promise<Role> {
  const row = isId(id)
    ? await queryOne<Role>(
        `select id, name, description from roles where organization_id = $1 and id = $2 and ended_at is null
         ${lock ? 'for no key update' : ''}`,
        [ctx.organizationId, id],
      )
    : undefined;
  if (!row) throw roleNotFound(id);
  return row;
}

export const listRoles = (ctx: OrganizationCtx): Promise<Role[]> =>
  query<Role>(
    'select id, name, description from roles where organization_id = $1 and ended_at is null order by name_key, id',
    [ctx.organizationId],
  );

type Row = {
  id: string;
  role_id: string;
  application: string;
  customer_account_id: string;
  profile: string | null;
  values: Entitlement['values'];
  valid_from: Date | null;
  valid_until: Date | null;
  given_by: Giver;
  given_at: Date;
};

const ENTITLEMENT_COLUMNS =
  'id, role_id, application, customer_account_id, profile, "values", valid_from, valid_until, given_by, given_at';

/** What the role gives and has not ended, by its end date neither; of the `ended` ones exactly these instead. */
export async function roleEntitlements(
  ctx: OrganizationCtx,
  roleId: string,
  ended?: readonly string[],
): Promise<RoleEntitlement[]> {
  const rows = await query<Row>(
    `select ${ENTITLEMENT_COLUMNS} from role_entitlements
     where organization_id = $1 and role_id = $2 and (valid_until is null or valid_until > $3)
       and (case when $4::uuid[] is null then ended_at is null else id = any($4) end) order by id`,
    [ctx.organizationId, roleId, ctx.now, ended ?? null],
  );
  return rows.map(fromRow);
}

const fromRow = (row: Row): RoleEntitlement => ({
  id: row.id,
  roleId: row.role_id,
  entitlement: {
    application: row.application,
    customerAccount: row.customer_account_id,
    values: row.values,
    validity: { from: row.valid_from?.getTime() ?? null, until: row.valid_until?.getTime() ?? null },
    ...(row.profile === null ? {} : { profile: row.profile }),
  },
  givenBy: row.given_by,
  givenAt: row.given_at,
});

type EndedRoleEntitlement = RoleEntitlement & { readonly endedBy: Giver; readonly endedAt: Date };

/** One that has ended; undefined for any other. */
export async function findEndedRoleEntitlement(
  ctx: OrganizationCtx,
  roleId: string,
  id: string,
): Promise<EndedRoleEntitlement | undefined> {
  if (!isId(id)) return undefined;
  const row = await queryOne<Row & { ended_by: Giver; ended_at: Date }>(
    `select ${ENTITLEMENT_COLUMNS}, ended_by, ended_at from role_entitlements
     where organization_id = $1 and role_id = $2 and id = $3 and ended_at is not null`,
    [ctx.organizationId, roleId, id],
  );
  return row && { ...fromRow(row), endedBy: row.ended_by, endedAt: row.ended_at };
}

type RoleHolders = { readonly users: readonly string[]; readonly groups: readonly string[] };

/** To whom the role has been given and not ended. */
export async function roleHolders(ctx: OrganizationCtx, roleId: string): Promise<RoleHolders> {
  const rows = await query<{ kind: 'user' | 'group'; id: string }>(
    `select distinct subject_kind as kind, subject_id as id from assignments
     where organization_id = $1 and role_id = $2 and ended_at is null and (valid_until is null or valid_until > $3)`,
    [ctx.organizationId, roleId, ctx.now],
  );
  const of = (kind: 'user' | 'group') => rows.flatMap((row) => (row.kind === kind ? [row.id] : []));
  return { users: of('user'), groups: of('group') };
}

/** The entitlements within a span of time; those that do not meet it are left out. */
export const within = (entitlements: readonly Entitlement[], validity: Validity): Entitlement[] =>
  entitlements.flatMap((entitlement) => {
    const common = intersectValidity(entitlement.validity, validity);
    return common === null ? [] : [{ ...entitlement, validity: common }];
  });
