// The administration rights of one person as a screen offers them: each with whether he holds it, by whom, and whether the
// actor may switch it. The reasons come from the functions that refuse, so the screen promises nothing that the server denies.
import type { OrganizationCtx } from '../context.ts';
import { mayRecover, setRecoveryRight } from '../credentials/recovery-right.ts';
import { transaction } from '../database/transaction.ts';
import { HubError, type ErrorCode } from '../errors.ts';
import { listCustomerAccounts } from '../organizations/find-customer-account.ts';
import { findOrganization } from '../organizations/find-organization.ts';
import { loadActing, notPermitted, type Acting } from './acting.ts';
import {
  ACCOUNT_RIGHTS,
  administrationRightsOf,
  rankOf,
  type AdministrationRight,
  type HeldRight,
} from './administration-rights-of.ts';
import { checkRightGiven } from './check-giving.ts';
import { checkLastChief } from './check-deactivation.ts';
import { checkRank } from './check-rank.ts';
import { checkTaker, endAdministrationRight, giveAdministrationRight } from './give-administration-right.ts';
import { outranks } from './touching.ts';

export type RightChoice = {
  readonly name: AdministrationRight;
  /** Of the two that concern one customer account. */
  readonly account: { readonly id: string; readonly number: string; readonly name: string } | null;
  readonly held: boolean;
  /** Given to the person himself; else it comes from a group, or from chief administrator. */
  readonly own: boolean;
  readonly until: Date | null;
  /** Why the actor cannot switch it. */
  readonly code: ErrorCode | null;
};

export type WantedRight = {
  readonly name: AdministrationRight;
  readonly customerAccountId?: string;
  readonly on: boolean;
};

const ORGANIZATION_RIGHTS = [
  'chief_administrator',
  'manage_administrators',
  'manage_users',
  'recover_password',
  'ftp_access',
] as const;

/** The code of the refusal; null when there is none. */
export async function refusalCode(check: () => unknown): Promise<ErrorCode | null> {
  try {
    await check();
    return null;
  } catch (error) {
    if (error instanceof HubError) return error.code;
    throw error;
  }
}

type Asking = {
  acting: Acting;
  userId: string | null;
  himself: boolean;
  ftp: boolean;
  rank: ErrorCode | null;
  /** The right to recover is switched as a detail of the person, by rank alone. */
  edit: ErrorCode | null;
};

async function givingCode(
  ctx: OrganizationCtx,
  asking: Asking,
  name: AdministrationRight,
  customerAccountId: string | null,
) {
  const { acting, himself, ftp, rank, edit } = asking;
  if (name === 'ftp_access' && !ftp) return 'operator_feature_off';
  if (name === 'recover_password') {
    if (edit !== null) return edit;
    const may =
      acting.unbounded || acting.userId === null || (await mayRecover(ctx, [acting.userId])).has(acting.userId);
    return may ? null : 'grantor_lacks_right';
  }
  if (rank !== null) return rank;
  if (himself && !acting.unbounded) return 'self_assignment';
  return refusalCode(() => checkRightGiven(acting, { name, customerAccountId, validUntil: null }));
}

async function takingCode(
  ctx: OrganizationCtx,
  { acting, userId, rank, edit }: Asking,
  name: AdministrationRight,
  customerAccountId: string | null,
) {
  if (name === 'recover_password') return edit;
  if (rank !== null) return rank;
  const code = await refusalCode(() => checkTaker(acting, { name, customer_account_id: customerAccountId }));
  if (code !== null || name !== 'chief_administrator' || userId === null) return code;
  return refusalCode(() => checkLastChief(ctx, userId));
}

/**
 * In the order of the screen. `userId` null: of somebody who is still to be made. The two settings rights are listed
 * for each customer account of the organization. Throws HubError `not_permitted` for somebody who administers nobody.
 */
export async function administrationRightChoices(ctx: OrganizationCtx, userId: string | null): Promise<RightChoice[]> {
  const acting = await loadActing(ctx);
  if (acting.rank === 'none') throw notPermitted();
  const { settings } = await findOrganization(ctx, ctx.organizationId);
  const held: HeldRight[] =
    userId === null ? [] : ((await administrationRightsOf(ctx, [userId])).get(userId.toLowerCase()) ?? []);
  const rank = userId === null ? null : await refusalCode(() => checkRank(ctx, acting, [userId]));
  const edit = userId === null || outranks(acting.rank, rankOf(held)) ? null : 'rank_too_low';
  const asking: Asking = {
    acting,
    userId,
    himself: userId !== null && userId.toLowerCase() === acting.userId,
    ftp: settings.ftp,
    rank,
    edit,
  };
  const recovers = userId === null || (await mayRecover(ctx, [userId])).has(userId.toLowerCase());

  const choice = async (name: AdministrationRight, account: RightChoice['account']): Promise<RightChoice> => {
    const accountId = account?.id ?? null;
    const rows = held.filter((right) => right.name === name && right.customerAccountId === accountId);
    const direct = rows.find(({ groupId }) => groupId === null);
    const on = name === 'recover_password' ? recovers : rows.length > 0;
    const own = name === 'recover_password' ? !rows.some(({ groupId }) => groupId !== null) : direct !== undefined;
    const code = on
      ? own
        ? await takingCode(ctx, asking, name, accountId)
        : null
      : await givingCode(ctx, asking, name, accountId);
    return { name, account, held: on, own: on && own, until: (direct ?? rows[0])?.validUntil ?? null, code };
  };

  const choices: RightChoice[] = [];
  for (const name of ORGANIZATION_RIGHTS) choices.push(await choice(name, null));
  for (const { id, number, name } of await listCustomerAccounts(ctx)) {
    for (const right of ACCOUNT_RIGHTS) choices.push(await choice(right, { id, number, name }));
  }
  return choices;
}

/** Gives and takes what differs, in one transaction. Throws what giving, ending and the right to recover throw. */
export function changeAdministrationRights(
  ctx: OrganizationCtx,
  userId: string,
  wanted: readonly WantedRight[],
): Promise<void> {
  return transaction(async () => {
    const held = (await administrationRightsOf(ctx, [userId])).get(userId.toLowerCase()) ?? [];
    for (const { name, customerAccountId, on } of wanted) {
      if (name === 'recover_password') {
        if ((await mayRecover(ctx, [userId])).has(userId.toLowerCase()) !== on)
          await setRecoveryRight(ctx, { userId, allowed: on });
        continue;
      }
      const same = held.filter(
        (right) => right.name === name && right.customerAccountId === (customerAccountId ?? null),
      );
      const direct = same.find(({ groupId }) => groupId === null);
      if (on && same.length === 0) {
        await giveAdministrationRight(ctx, {
          subject: { kind: 'user', id: userId },
          name,
          ...(customerAccountId && { customerAccountId }),
        });
      }
      if (!on && direct) await endAdministrationRight(ctx, direct.id);
    }
  });
}
