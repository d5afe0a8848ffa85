// Why an actor may not change or end what stands, told before he tries: a screen locks with it what a save would be
// refused for. Asks the rules that the save asks.
import type { OrganizationCtx } from '../context.ts';
import { queryOne } from '../database/query.ts';
import { HubError, type ErrorCode } from '../errors.ts';
import { readSettings, revocationPolicy, type StoredSettings } from '../organizations/organization-record.ts';
import { effectivePart, mayAdminister, type Acting } from './acting.ts';
import type { Box, Entitlement } from './box.ts';
import { checkRank } from './check-rank.ts';
import { coverage } from './covers.ts';
import type { Holder } from './holder.ts';

export type Lock = {
  readonly code: ErrorCode;
  /** What the actor does not hold himself; empty where that is not the reason. */
  readonly missing: readonly Box[];
};

export type Locks = {
  /** On everything of the subject: its rank. */
  readonly subject: Lock | null;
  /** On giving the subject anything on a customer account. */
  readonly giving: (customerAccount: string) => Lock | null;
  /** On changing an entitlement of the subject. */
  readonly changing: (entitlement: Entitlement) => Lock | null;
  /** On ending it. */
  readonly ending: (entitlement: Entitlement) => Lock | null;
  /** Whether a person may take rights in the application away at all. */
  readonly takingAway: (application: string) => 'allowed' | 'deactivate_only';
};

const lock = (code: ErrorCode, missing: readonly Box[] = []): Lock => ({ code, missing });

export async function locksOn(ctx: OrganizationCtx, acting: Acting, subject: Holder): Promise<Locks> {
  const onSubject = await rankLock(ctx, acting, subject);
  const row = await queryOne<{ settings: StoredSettings }>('select settings from organizations where id = $1', [
    ctx.organizationId,
  ]);
  const takingAway = revocationPolicy(readSettings(row?.settings ?? {}));
  const ceiling = coverage(acting.ceiling);
  const touching = (customerAccount: string): Lock | null =>
    onSubject ?? (mayAdminister(acting, [customerAccount]) ? null : lock('not_permitted'));
  const self = subject.kind === 'user' && subject.id.toLowerCase() === acting.userId && !acting.unbounded;
  const changing = (entitlement: Entitlement): Lock | null => {
    const missing = effectivePart(acting, [entitlement]).flatMap((box) => ceiling.missing(box));
    return touching(entitlement.customerAccount) ?? (missing.length > 0 ? lock('grantor_lacks_right', missing) : null);
  };
  return {
    subject: onSubject,
    takingAway,
    changing,
    giving: (customerAccount) => touching(customerAccount) ?? (self ? lock('self_assignment') : null),
    ending: (entitlement) => {
      const barred = takingAway(entitlement.application) === 'deactivate_only';
      const effective = barred && effectivePart(acting, [entitlement]).length > 0;
      return touching(entitlement.customerAccount) ?? (effective ? lock('revocation_off') : changing(entitlement));
    },
  };
}

async function rankLock(ctx: OrganizationCtx, acting: Acting, { kind, id }: Holder): Promise<Lock | null> {
  if (kind !== 'user') return null;
  try {
    await checkRank(ctx, acting, [id], acting.rank === 'none' ? 'users' : acting.rank);
    return null;
  } catch (error) {
    if (error instanceof HubError && error.code === 'rank_too_low') return lock(error.code);
    throw error;
  }
}
