// The one decision behind every door by which rights are given: what each receiver would gain must be covered by
// the actor's ceiling, and nobody but a chief gives to himself. Pure; the doors work out the gains.
import type { ErrorCode } from '../errors.ts';
import type { Box } from './box.ts';
import { coverage, type Coverage } from './covers.ts';
import { clip } from './limits-above.ts';

/** More at once are refused with `too_many`. */
export const MAX_PER_SAVE = 64;

/**
 * What one user would hold as assigned afterwards and does not now, parent groups included (see `gainOf`). Uncut by subscriptions and mandates:
 * what has no effect today may come to have it.
 */
export type Gain = { readonly receiverUserId: string; readonly boxes: readonly Box[] };

export type Giving = {
  /** Epoch milliseconds; the past of a box is not asked. */
  readonly at: number;
  readonly ceiling: readonly Box[];
  /** Absent: a provisioning connection, which is never a receiver. */
  readonly actorUserId?: string;
  readonly chief: boolean;
  readonly gains: readonly Gain[];
};

export type Refusal = {
  readonly ok: false;
  readonly code: ErrorCode;
  /** What the actor's ceiling lacks, per receiver; the first MAX_NAMED boxes or so. Nothing beyond them is decided by it. */
  readonly missing: readonly Gain[];
};

/** Nobody reads more, and naming them all can cost more than the decision. */
const MAX_NAMED = 50;
export type Decision = { readonly ok: true } | Refusal;

export const OK: Decision = { ok: true };
export const refuse = (code: ErrorCode, missing: readonly Gain[] = []): Refusal => ({ ok: false, code, missing });

/** Who gives, as acting.ts loads him; `unbounded`: a chief, or the operator. */
type Giver = { readonly ceiling: readonly Box[]; readonly unbounded: boolean; readonly userId: string | null };

/** What somebody may give from an instant on (epoch milliseconds), asked for one set of gains after the other. */
export const givingBy =
  ({ ceiling, unbounded, userId }: Giver, at: number) =>
  (...gains: readonly Gain[]): Decision =>
    mayGive({ at, ceiling, chief: unbounded, gains, ...(userId === null ? {} : { actorUserId: userId }) });

/**
 * `self_assignment`: the actor gains and is no chief. `outlasts_ceiling`: the ceiling holds all of it at this
 * moment, but not as long. `grantor_lacks_right`: it does not. One refusal is for the whole act.
 */
export function mayGive({ at, ceiling, actorUserId, chief, gains }: Giving): Decision {
  const fromNow = { from: at, until: null };
  const future = gains
    .map((gain) => ({ ...gain, boxes: clip(gain.boxes, fromNow) }))
    .filter(({ boxes }) => boxes.length > 0);
  if (!chief && actorUserId !== undefined) {
    const own = future.filter(({ receiverUserId }) => receiverUserId === actorUserId);
    if (own.length > 0) return refuse('self_assignment', own);
  }
  const held = coverage(ceiling);
  const missing = lackingIn(held, future);
  if (missing.length === 0) return OK;
  const thisInstant = { from: at, until: at + 1 };
  const onlyTooLong = future.every(({ boxes }) => boxes.every((box) => held.covers({ ...box, validity: thisInstant })));
  return refuse(onlyTooLong ? 'outlasts_ceiling' : 'grantor_lacks_right', missing);
}

/** What the union does not hold of these, in the order given, until enough is named. */
export function lackingIn(held: Coverage, gains: readonly Gain[]): Gain[] {
  const lacking: Gain[] = [];
  let named = 0;
  for (const { receiverUserId, boxes } of gains) {
    const own: Box[] = [];
    for (const box of boxes) {
      if (named < MAX_NAMED && !held.covers(box)) {
        const found = held.missing(box).slice(0, MAX_NAMED);
        named += found.length;
        own.push(...found);
      }
    }
    if (own.length > 0) lacking.push({ receiverUserId, boxes: own });
  }
  return lacking;
}

/** What `after` allows that `before` does not. */
export function gainOf(before: readonly Box[], after: readonly Box[]): Box[] {
  const held = coverage(before);
  return after.flatMap((box) => held.missing(box));
}
