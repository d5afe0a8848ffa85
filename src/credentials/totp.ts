// Codes of an authenticator app (TOTP, RFC 6238): SHA-1, 30 seconds, six digits, which every app knows. One step of drift
// to either side. The seed is kept encrypted. Whether a code may be tried now is decided in verify-second-factor.ts.
import { Secret, TOTP } from 'otpauth';
import { v7 as uuidv7 } from 'uuid';
import { recordAudit } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { mailUser } from '../mail/mail-user.ts';
import { refuseWhileActing } from '../support/refuse-while-acting.ts';
import { secrets } from './secrets.ts';

const CODE = { algorithm: 'SHA1', digits: 6, period: 30 } as const;
const LEAST_SEED_BYTES = 16;
const DRIFT_STEPS = 1;

type Owner = { organizationId: string; userId: string };

const label = ({ organizationId, userId }: Owner) => `totp ${organizationId} ${userId}`;

/** Bytes as a seed is written. */
export const totpSeedOf = (bytes: Uint8Array): string => new Secret({ buffer: new Uint8Array(bytes).buffer }).base32;

/** The address that an authenticator app reads from a QR code. */
export const totpUri = (seed: string, { issuer, account }: { issuer: string; account: string }): string =>
  new TOTP({ ...CODE, issuer, label: account, secret: Secret.fromBase32(seed) }).toString();

/** The step (30 seconds since 1970) whose code this is, among those around now; compared in constant time. */
export function matchingStep(seed: string, code: string, now: Date): number | undefined {
  const digits = code.replaceAll(/\s/g, '');
  if (!/^\d{6}$/.test(digits)) return undefined;
  const timestamp = now.getTime();
  const delta = TOTP.validate({
    ...CODE,
    token: digits,
    secret: Secret.fromBase32(seed),
    window: DRIFT_STEPS,
    timestamp,
  });
  return delta === null ? undefined : TOTP.counter({ period: CODE.period, timestamp }) + delta;
}

type TotpEnrolment = Owner & {
  /** Base32, at least 16 bytes. */
  readonly seed: string;
  /** The step whose code proved that the app has the seed; that code is spent. */
  readonly lastStep?: number;
};

/** Gives a person an authenticator app in place of the one he had. Throws HubError `invalid_input` for a seed that is none. */
export async function enrolTotp(
  ctx: Ctx,
  { organizationId, userId, seed, lastStep = 0 }: TotpEnrolment,
): Promise<void> {
  refuseWhileActing(ctx);
  const owner = { organizationId, userId };
  await transaction(async () => {
    await query(
      `insert into totp_factors (organization_id, user_id, id, seed, secrets_key_id, last_step, created_at)
       values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (organization_id, user_id) do update set id = excluded.id, seed = excluded.seed, last_step = excluded.last_step,
         secrets_key_id = excluded.secrets_key_id, created_at = excluded.created_at, last_used_at = null`,
      [
        organizationId,
        userId,
        uuidv7(),
        secrets().seal(seedBytes(seed), label(owner)),
        secrets().keyId,
        lastStep,
        ctx.now,
      ],
    );
    await recordAudit(ctx, {
      action: 'second_factor.enrolled',
      targetKind: 'user',
      targetId: userId,
      organizationId,
      after: { kind: 'totp' },
    });
  });
}

/** The same for a person who types the first code; he is told by mail. Throws HubError `invalid_credentials` when it is not the seed's. */
export async function confirmTotp(ctx: Ctx, input: Owner & { seed: string; code: string }): Promise<void> {
  const lastStep = matchingStep(input.seed, input.code, ctx.now);
  if (lastStep === undefined) throw new HubError('invalid_credentials', 'The code is not right.');
  const { organizationId, userId } = input;
  await transaction(async () => {
    await enrolTotp(ctx, { ...input, lastStep });
    const values = { at: ctx.now, change: 'app_added' } as const;
    await mailUser(ctx, { kind: 'second_factor_changed', organizationId, userId, values });
  });
}

/** True if the code is the person's and was not used before; it is spent then. In the transaction that counts attempts. */
export async function spendTotpCode(ctx: Ctx, owner: Owner, code: string): Promise<boolean> {
  const factor = await queryOne<{ seed: Buffer }>(
    'select seed from totp_factors where organization_id = $1 and user_id = $2 for update',
    [owner.organizationId, owner.userId],
  );
  if (!factor) return false;
  const step = matchingStep(totpSeedOf(secrets().open(factor.seed, label(owner))), code, ctx.now);
  if (step === undefined) return false;
  const spent = await queryOne(
    `update totp_factors set last_step = $3, last_used_at = $4
     where organization_id = $1 and user_id = $2 and last_step < $3 returning 1`,
    [owner.organizationId, owner.userId, step, ctx.now],
  );
  return spent !== undefined;
}

function seedBytes(seed: string): Uint8Array {
  const bytes = /^[A-Z2-7]+=*$/.test(seed) ? Secret.fromBase32(seed).bytes : new Uint8Array();
  if (bytes.length >= LEAST_SEED_BYTES) return bytes;
  const message = `A seed is at least ${LEAST_SEED_BYTES} bytes in base32.`;
  throw new HubError('invalid_input', message, { issues: [{ path: 'seed', message }] });
}
