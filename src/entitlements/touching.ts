// May one person act on another's record? Rank first; and since whoever controls a person's credentials has his rights,
// acts on credentials also need a ceiling over all that the person holds or would hold again.
import type { Box } from './box.ts';
import { coverage } from './covers.ts';
import { lackingIn, OK, refuse, type Decision } from './giving.ts';

/** Lowest first. `users` holds manage_users, `administrators` holds manage_administrators. */
export const RANKS = ['none', 'users', 'administrators', 'chief', 'operator'] as const;
export type Rank = (typeof RANKS)[number];

/** `send_link`: a recovery or invitation link to the confirmed address. `edit`: personal data but none below. */
export const RANK_ACTS = ['edit', 'send_link', 'end_sessions', 'deactivate'] as const;
export const CREDENTIAL_ACTS = [
  'set_temporary_password',
  'copy_link',
  'change_email',
  'change_username',
  'reset_second_factor',
  'reactivate',
] as const;
export type TouchAct = (typeof RANK_ACTS)[number] | (typeof CREDENTIAL_ACTS)[number];

/** The two that make a rank are told by it; `recover_password` is about oneself and gives nothing over others. */
const NOT_COMPARED: readonly string[] = ['manage_users', 'manage_administrators', 'recover_password'];

export type Touching = {
  readonly act: TouchAct;
  /** Administration rights by key; those of a customer account as `<key>@<customer account>`. */
  readonly actor: {
    readonly rank: Rank;
    readonly ceiling: readonly Box[];
    readonly administrationRights: readonly string[];
  };
  readonly target: {
    readonly rank: Rank;
    /** All that he holds, or would hold again after this act (`heldOrHeldAgain`). */
    readonly holds: readonly Box[];
    readonly administrationRights: readonly string[];
  };
};

/** `rank_too_low`, or for an act on credentials `target_holds_more` with the boxes beyond the ceiling. The operator has no ceiling. */
export function mayTouch({ act, actor, target }: Touching, targetUserId: string): Decision {
  if (!outranks(actor.rank, target.rank)) return refuse('rank_too_low');
  if (actor.rank === 'operator' || !(CREDENTIAL_ACTS as readonly string[]).includes(act)) return OK;
  const beyond = lackingIn(coverage(actor.ceiling), [{ receiverUserId: targetUserId, boxes: target.holds }]);
  const rights = target.administrationRights.filter(
    (right) => !NOT_COMPARED.includes(right) && !actor.administrationRights.includes(right),
  );
  if (beyond.length === 0 && (actor.rank === 'chief' || rights.length === 0)) return OK;
  return refuse('target_holds_more', beyond);
}

/** A plain user is touched by any administrator, an administrator by manage_administrators, a chief by a chief, all by the operator. */
export function outranks(actor: Rank, target: Rank): boolean {
  const needed: Rank = target === 'none' ? 'users' : target === 'users' ? 'administrators' : target;
  return RANKS.indexOf(actor) >= RANKS.indexOf(needed);
}

export type Chief = { readonly userId: string; readonly active: boolean; readonly until: number | null };

/**
 * Before a person deactivates, demotes or sets an end date to a chief: `last_chief` when no other active one would remain.
 * A directory, an end date reached and erasure do not ask.
 */
export function mayLoseChief(chiefs: readonly Chief[], userId: string, at: number): Decision {
  const isChiefNow = (chief: Chief): boolean => chief.active && (chief.until === null || chief.until > at);
  const target = chiefs.find((chief) => chief.userId === userId);
  if (target === undefined || !isChiefNow(target)) return OK;
  return chiefs.some((chief) => chief.userId !== userId && isChiefNow(chief)) ? OK : refuse('last_chief');
}
