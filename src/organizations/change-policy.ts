// What a chief administrator sets for his own organization: how long sessions last, what passwords must be, when the invited
// are reminded, who gives a second factor, whether rights are taken away. The rest (name, attributes, what concerns others) is the operator's.
import { isDeepStrictEqual } from 'node:util';
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import {
  changeSecondFactorPolicy,
  secondFactorPolicy,
  type PolicyChange as SecondFactorChange,
  type SecondFactorPolicy,
} from '../credentials/second-factor-policy.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { loadActing, notPermitted } from '../entitlements/acting.ts';
import { refuseWhileActing } from '../support/refuse-while-acting.ts';
import { changeStoredSettings, type SettingsChange } from './check-settings.ts';
import { organizationNotFound } from './find-organization.ts';
import { readSettings, type OrganizationSettings, type StoredSettings } from './organization-record.ts';

const OWN = [
  'deactivateOnly',
  'deactivateOnlyIn',
  'username',
  'idleMinutesAdministrators',
  'idleMinutesUsers',
  'sessionHours',
  'passwordPolicy',
  'passwordHistory',
  'invitationReminderDays',
  'tellProvisionedDeactivation',
] as const satisfies readonly (keyof OrganizationSettings)[];
type ChiefSetting = (typeof OWN)[number];

type Policy = Pick<OrganizationSettings, ChiefSetting> & { readonly secondFactor: SecondFactorPolicy };
export type PolicyChange = Pick<SettingsChange, ChiefSetting> & { readonly secondFactor?: SecondFactorChange };

const policyOf = (stored: StoredSettings): Policy => {
  const settings = readSettings(stored);
  const own = Object.fromEntries(OWN.map((key) => [key, settings[key]])) as Pick<OrganizationSettings, ChiefSetting>;
  return { ...own, secondFactor: secondFactorPolicy({ ...stored }) };
};

async function checkChief(ctx: OrganizationCtx): Promise<void> {
  if (!(await loadActing(ctx)).unbounded) throw notPermitted();
}

async function stored(ctx: OrganizationCtx, lock: '' | 'for update' = ''): Promise<StoredSettings> {
  const row = await queryOne<{ settings: StoredSettings }>(`select settings from organizations where id = $1 ${lock}`, [
    ctx.organizationId,
  ]);
  if (!row) throw organizationNotFound(ctx.organizationId);
  return row.settings;
}

/** For a chief administrator and the operator. Throws HubError `not_permitted`, `not_found`. */
export async function readPolicy(ctx: OrganizationCtx): Promise<Policy> {
  await checkChief(ctx);
  return policyOf(await stored(ctx));
}

/** What is absent stays. Throws HubError `not_permitted`, `not_found`, `invalid_input`, `unknown_application`. */
export async function changePolicy(ctx: OrganizationCtx, change: PolicyChange): Promise<Policy> {
  refuseWhileActing(ctx);
  await checkChief(ctx);
  const { secondFactor, ...given } = change;
  const wanted = Object.fromEntries(OWN.flatMap((key) => (given[key] === undefined ? [] : [[key, given[key]]])));
  return transaction(async () => {
    const before = await stored(ctx, 'for update');
    const after = changeStoredSettings(before, wanted);
    if (!isDeepStrictEqual(before, after)) {
      await query('update organizations set settings = $2, updated_at = $3 where id = $1', [
        ctx.organizationId,
        JSON.stringify(after),
        ctx.now,
      ]);
      await recordAudit(ctx, {
        action: 'organization.policy_changed',
        targetKind: 'organization',
        targetId: ctx.organizationId,
        before: changedPart(before, after),
        after: changedPart(after, before),
      });
    }
    if (secondFactor) await changeSecondFactorPolicy(ctx, secondFactor);
    return policyOf(await stored(ctx));
  });
}

const changedPart = (of: StoredSettings, other: StoredSettings) => {
  const others = new Map<string, unknown>(Object.entries(other));
  return Object.fromEntries(Object.entries(of).filter(([key, value]) => !isDeepStrictEqual(value, others.get(key))));
};
