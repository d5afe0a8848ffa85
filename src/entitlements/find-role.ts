// Reads an organization's roles and what they give.
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { HubError } from '../errors.ts';
import { isId } from '../users/is-id.ts';
import type { Entitlement, Validity } from './box.ts';
import { intersectValidity } from './validity.ts';

export type Role = { readonly id: string; readonly name: string; readonly description: string };

export type RoleEntitlement = {
  readonly id: string;
  readonly roleId: string;
  readonly entitlement: Entitlement;
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
};

/** What the role gives and has not ended, by its end date neither; of the `ended` ones exactly these instead. */
export async function roleEntitlements(
  ctx: OrganizationCtx,
  roleId: string,
  ended?: readonly string[],
): Promise<RoleEntitlement[]> {
  const rows = await query<Row>(
    `select id, role_id, application, customer_account_id, profile, "values", valid_from, valid_until from role_entitlements
     where organization_id = $1 and role_id = $2 and (valid_until is null or valid_until > $3)
       and (case when $4::uuid[] is null then ended_at is null else id = any($4) end) order by id`,
    [ctx.organizationId, roleId, ctx.now, ended ?? null],
  );
  return rows.map((row) => ({
    id: row.id,
    roleId: row.role_id,
    entitlement: {
      application: row.application,
      customerAccount: row.customer_account_id,
      values: row.values,
      validity: { from: row.valid_from?.getTime() ?? null, until: row.valid_until?.getTime() ?? null },
      ...(row.profile === null ? {} : { profile: row.profile }),
    },
  }));
}

/** The entitlements within a span of time; those that do not meet it are left out. */
export const within = (entitlements: readonly Entitlement[], validity: Validity): Entitlement[] =>
  entitlements.flatMap((entitlement) => {
    const common = intersectValidity(entitlement.validity, validity);
    return common === null ? [] : [{ ...entitlement, validity: common }];
  });
