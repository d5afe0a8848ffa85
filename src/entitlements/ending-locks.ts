// Why an actor may not end assignments of many subjects, told before he tries, in a constant number of reads: what locks.ts
// says for one subject. Asks the rules that the act asks.
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import type { ErrorCode } from '../errors.ts';
import { readSettings, revocationPolicy, type StoredSettings } from '../organizations/organization-record.ts';
import { effectivePart, mayAdminister, type Acting } from './acting.ts';
import { administrationRightsOf, rankOf } from './administration-rights-of.ts';
import type { Assignment } from './assignment-row.ts';
import type { Entitlement } from './box.ts';
import { coverage } from './covers.ts';
import { outranks } from './touching.ts';

type EndingSubject = { readonly assignmentId: string } & Pick<
  Assignment,
  'subjectKind' | 'subjectId' | 'roleId' | 'application' | 'customerAccountId' | 'profile' | 'values'
>;

type RoleRow = {
  roleId: string;
  application: string;
  account: string;
  profile: string | null;
  values: Entitlement['values'];
};

const entitlement = (
  application: string,
  customerAccount: string,
  values: Entitlement['values'],
  profile: string | null,
): Entitlement => ({
  application,
  customerAccount,
  values,
  validity: { from: null, until: null },
  ...(profile === null ? {} : { profile }),
});

/** By assignment; null: nothing stands in the way. */
export async function endingLocks(
  ctx: OrganizationCtx,
  acting: Acting,
  rows: readonly EndingSubject[],
): Promise<Map<string, ErrorCode | null>> {
  const users = [...new Set(rows.flatMap(({ subjectKind, subjectId }) => (subjectKind === 'user' ? [subjectId] : [])))];
  const [held, settings, roleRows] = await Promise.all([
    administrationRightsOf(ctx, users),
    queryOne<{ settings: StoredSettings }>('select settings from organizations where id = $1', [ctx.organizationId]),
    query<RoleRow>(
      `select role_id as "roleId", application, customer_account_id as account, profile, "values" from role_entitlements
       where organization_id = $1 and role_id = any($2::uuid[]) and ended_at is null and (valid_until is null or valid_until > $3)`,
      [ctx.organizationId, rows.flatMap(({ roleId }) => roleId ?? []), ctx.now],
    ),
  ]);
  const policy = revocationPolicy(readSettings(settings?.settings ?? {}));
  const roles = Map.groupBy(roleRows, ({ roleId }) => roleId);
  const ceiling = coverage(acting.ceiling);
  const rank = acting.rank === 'none' ? 'users' : acting.rank;
  const codeOf = (row: EndingSubject): ErrorCode | null => {
    const himself = row.subjectId === acting.userId;
    if (row.subjectKind === 'user' && !himself && acting.rank !== 'operator') {
      if (!outranks(rank, rankOf(held.get(row.subjectId) ?? []))) return 'rank_too_low';
    }
    const given =
      row.roleId === null
        ? [entitlement(row.application ?? '', row.customerAccountId ?? '', row.values ?? {}, row.profile)]
        : (roles.get(row.roleId) ?? []).map((one) =>
            entitlement(one.application, one.account, one.values, one.profile),
          );
    const accounts = [...new Set(given.map(({ customerAccount }) => customerAccount))];
    if (!mayAdminister(acting, accounts)) return 'not_permitted';
    const effective = effectivePart(acting, given);
    if (effective.some(({ application }) => policy(application) === 'deactivate_only')) return 'revocation_off';
    return effective.some((box) => ceiling.missing(box).length > 0) ? 'grantor_lacks_right' : null;
  };
  return new Map(rows.map((row) => [row.assignmentId, codeOf(row)]));
}
