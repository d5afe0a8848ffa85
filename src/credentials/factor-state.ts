// Which second factors a person has at this moment, and what his organization asks of him, in one statement. `fingerprint`
// changes with every factor, with a new password and with everything that ends his sessions: what a remembered device is
// bound to.
import { createHash } from 'node:crypto';
import { prepared, queryOne } from '../database/query.ts';
import { IS_ADMINISTRATOR } from '../entitlements/administration-rights-of.ts';
import { secondFactorPolicy, type SecondFactorPolicy } from './second-factor-policy.ts';

export type FactorState = {
  readonly totp: boolean;
  /** How many. */
  readonly passkeys: number;
  /** How many are unused. */
  readonly recoveryCodes: number;
  readonly operatorStaff: boolean;
  readonly administrator: boolean;
  readonly policy: SecondFactorPolicy;
  readonly fingerprint: string;
};

type Row = {
  kind: 'customer' | 'operator';
  settings: Record<string, unknown>;
  valid_from: string;
  /** When it was set. */
  password: string | null;
  totp: string | null;
  passkeys: string[];
  recovery_codes: number;
  administrator: boolean;
};

const STATE = prepared(
  'factor_state',
  `select o.kind, o.settings, u.tokens_valid_from::text as valid_from, w.changed_at::text as password, t.id as totp,
     array(select p.id::text from passkeys p where p.organization_id = u.organization_id and p.user_id = u.id order by p.id) as passkeys,
     (select count(*)::int from recovery_codes r
       where r.organization_id = u.organization_id and r.user_id = u.id and r.used_at is null) as recovery_codes,
     ${IS_ADMINISTRATOR} as administrator
   from users u join organizations o on o.id = u.organization_id
   left join totp_factors t on (t.organization_id, t.user_id) = (u.organization_id, u.id)
   left join passwords w on (w.organization_id, w.user_id) = (u.organization_id, u.id)
   where u.organization_id = $1 and u.id = $2 and u.active and u.deleted_at is null and o.state = 'active'`,
);

/** Undefined for somebody who is not active. */
export async function findFactorState(
  organizationId: string,
  userId: string,
  now: Date,
): Promise<FactorState | undefined> {
  const row = await queryOne<Row>(STATE, [organizationId, userId, now]);
  if (!row) return undefined;
  const { totp, passkeys } = row;
  return {
    totp: totp !== null,
    passkeys: passkeys.length,
    recoveryCodes: row.recovery_codes,
    operatorStaff: row.kind === 'operator',
    administrator: row.administrator,
    policy: secondFactorPolicy(row.settings),
    fingerprint: createHash('sha256')
      .update(JSON.stringify([organizationId, userId, row.valid_from, row.password, totp, passkeys]))
      .digest('base64url'),
  };
}

export const hasFactor = ({ totp, passkeys }: Pick<FactorState, 'totp' | 'passkeys'>): boolean => totp || passkeys > 0;
