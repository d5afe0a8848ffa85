// Recovery codes for whoever has lost his second factor: ten, shown once, each good once (NIST SP 800-63B-4 section 3.1.2,
// look-up secrets). 60 random bits each; kept as an HMAC under the secrets key, so a copy of the table opens nothing.
import { createHmac, randomInt } from 'node:crypto';
import { recordAudit } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { mailUser } from '../mail/mail-user.ts';
import { refuseWhileActing } from '../support/refuse-while-acting.ts';
import { allPeppers } from './former-peppers.ts';
import { lockUser } from './lock-user.ts';
import { secrets } from './secrets.ts';

export const RECOVERY_CODES = 10;
const GROUPS = 3;
const GROUP_LENGTH = 4;
// 32 characters; none that is confused with another when it is read from paper.
const LEGIBLE = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

type Owner = { organizationId: string; userId: string };

function makeCode(): string {
  const group = () => Array.from({ length: GROUP_LENGTH }, () => LEGIBLE[randomInt(LEGIBLE.length)]).join('');
  return Array.from({ length: GROUPS }, group).join('-');
}

/** However it was typed: capitals or not, with or without the hyphens. */
const bare = (code: string) => code.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');

const hashOf = ({ organizationId, userId }: Owner, code: string, pepper = secrets().derive('pepper')): Buffer =>
  createHmac('sha256', pepper)
    .update(JSON.stringify(['recovery code', organizationId, userId, bare(code)]))
    .digest();

/** Ten new codes in place of those there were, of which the person is told by mail. They exist in the answer only. */
export async function makeRecoveryCodes(ctx: Ctx, owner: Owner): Promise<string[]> {
  refuseWhileActing(ctx);
  const { organizationId, userId } = owner;
  const codes = Array.from({ length: RECOVERY_CODES }, makeCode);
  await transaction(async () => {
    // Two who make them at once must not leave twenty.
    await lockUser(owner);
    const former = await query('delete from recovery_codes where organization_id = $1 and user_id = $2 returning 1', [
      organizationId,
      userId,
    ]);
    await query(
      `insert into recovery_codes (organization_id, user_id, code_hash, created_at)
       select $1, $2, code_hash, $4 from unnest($3::bytea[]) as code_hash`,
      [organizationId, userId, codes.map((code) => hashOf(owner, code)), ctx.now],
    );
    await recordAudit(ctx, {
      action: 'recovery_codes.made',
      targetKind: 'user',
      targetId: userId,
      organizationId,
      after: { count: codes.length },
    });
    if (former.length === 0) return;
    await mailUser(ctx, { kind: 'recovery_codes', organizationId, userId, values: { at: ctx.now, left: null } });
  });
  return codes;
}

const label = ({ organizationId, userId }: Owner) => `recovery codes ${organizationId} ${userId}`;

/** Codes just made, for the few minutes until the person has seen them. */
export const sealRecoveryCodes = (owner: Owner, codes: readonly string[]): string =>
  secrets()
    .seal(Buffer.from(JSON.stringify(codes)), label(owner))
    .toString('base64url');

export const openRecoveryCodes = (owner: Owner, sealed: string): string[] =>
  JSON.parse(secrets().open(Buffer.from(sealed, 'base64url'), label(owner)).toString()) as string[];

/** True if it is an unused one of the person's; it is spent then. In the transaction that counts attempts. */
export async function spendRecoveryCode(ctx: Ctx, owner: Owner, code: string): Promise<boolean> {
  const { organizationId, userId } = owner;
  const spent = await queryOne(
    `update recovery_codes set used_at = $4
     where organization_id = $1 and user_id = $2 and code_hash = any($3) and used_at is null returning 1`,
    [organizationId, userId, allPeppers().map((pepper) => hashOf(owner, code, pepper)), ctx.now],
  );
  if (!spent) return false;
  await recordAudit(ctx, { action: 'recovery_code.used', targetKind: 'user', targetId: userId, organizationId });
  const row = await queryOne<{ left: number }>(
    'select count(*)::int as "left" from recovery_codes where organization_id = $1 and user_id = $2 and used_at is null',
    [organizationId, userId],
  );
  const values = { at: ctx.now, left: row?.left ?? 0 };
  await mailUser(ctx, { kind: 'recovery_codes', organizationId, userId, values });
  return true;
}
