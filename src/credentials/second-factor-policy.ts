// Who must give a second factor: administrators and the operator's staff always; everybody else where the organization
// says so, for all applications or for one.
import { findApplication } from '../applications/catalogue.ts';
import { catalogue } from '../applications/current-catalogue.ts';
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { loadActing, notPermitted } from '../entitlements/acting.ts';
import { HubError } from '../errors.ts';
import { refuseWhileActing } from '../support/refuse-while-acting.ts';

export const SECOND_FACTOR_RULES = ['administrators', 'everyone'] as const;
export type SecondFactorRule = (typeof SECOND_FACTOR_RULES)[number];

export type SecondFactorPolicy = {
  readonly rule: SecondFactorRule;
  /** Application by application, over the organization's own rule. */
  readonly applications: Readonly<Record<string, SecondFactorRule>>;
};

const isRule = (value: unknown): value is SecondFactorRule => SECOND_FACTOR_RULES.some((rule) => rule === value);

/** `settings` is the organization's own, as stored: `second_factor` and `second_factor_in`. */
export function secondFactorPolicy(settings: Readonly<Record<string, unknown>>): SecondFactorPolicy {
  const { second_factor: rule, second_factor_in: applications } = settings;
  const each = Object.entries((applications ?? {}) as Record<string, unknown>);
  return {
    rule: isRule(rule) ? rule : 'administrators',
    applications: Object.fromEntries(each.filter((entry): entry is [string, SecondFactorRule] => isRule(entry[1]))),
  };
}

type Asked = {
  readonly operatorStaff: boolean;
  readonly administrator: boolean;
  readonly policy: SecondFactorPolicy;
  /** The application that he is on the way to; absent: whatever the application. */
  readonly application?: string | undefined;
};

export function mustGiveSecondFactor({ operatorStaff, administrator, policy, application }: Asked): boolean {
  const rule = (application === undefined ? undefined : policy.applications[application]) ?? policy.rule;
  return operatorStaff || administrator || rule === 'everyone';
}

export type PolicyChange = {
  readonly rule?: SecondFactorRule;
  /** `null` returns an application to the organization's own rule. */
  readonly applications?: Readonly<Record<string, SecondFactorRule | null>>;
};

/**
 * What is absent stays. For a chief administrator and the operator. It counts from the next page of the portal that anybody
 * opens, and the next time that he comes for a code.
 * Throws HubError `not_permitted`, `invalid_input`, `unknown_application`.
 */
export async function changeSecondFactorPolicy(
  ctx: OrganizationCtx,
  change: PolicyChange,
): Promise<SecondFactorPolicy> {
  refuseWhileActing(ctx);
  const { unbounded } = await loadActing(ctx);
  if (!unbounded) throw notPermitted();
  for (const rule of [change.rule, ...Object.values(change.applications ?? {})]) {
    if (rule === undefined || rule === null || isRule(rule)) continue;
    const message = `Either ${SECOND_FACTOR_RULES.join(' or ')}.`;
    throw new HubError('invalid_input', message, { issues: [{ path: 'second_factor', message }] });
  }
  for (const key of Object.keys(change.applications ?? {})) findApplication(catalogue(), key);
  return transaction(() => store(ctx, change));
}

async function store(ctx: OrganizationCtx, change: PolicyChange): Promise<SecondFactorPolicy> {
  const { organizationId } = ctx;
  const row = await queryOne<{ settings: Record<string, unknown> }>(
    'select settings from organizations where id = $1 for update',
    [organizationId],
  );
  const before = secondFactorPolicy(row?.settings ?? {});
  const merged = Object.entries({ ...before.applications, ...change.applications });
  const after: SecondFactorPolicy = {
    rule: change.rule ?? before.rule,
    applications: Object.fromEntries(merged.filter((entry): entry is [string, SecondFactorRule] => entry[1] !== null)),
  };
  await query('update organizations set settings = settings || $2::jsonb, updated_at = $3 where id = $1', [
    organizationId,
    JSON.stringify({ second_factor: after.rule, second_factor_in: after.applications }),
    ctx.now,
  ]);
  await recordAudit(ctx, {
    action: 'second_factor_policy.changed',
    targetKind: 'organization',
    targetId: organizationId,
    before,
    after,
  });
  return after;
}
