// The one decision behind every door by which rights are given: what each receiver would gain must be covered by
// the actor's ceiling, and nobody but a chief gives to himself. Pure; the doors work out the gains.
import type { ErrorCode } from '../errors.ts';
import type { Box } from './box.ts';
import { coverage } from './covers.ts';
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
  /** What the actor's ceiling lacks, per receiver. */
  readonly missing: readonly Gain[];
};
export type Decision = { readonly ok: true } | Refusal;

export const OK: Decision = { ok: true };
export const refuse = (code: ErrorCode, missing: readonly Gain[] = []): Refusal => ({ ok: false, code, missing });

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
  const missing = future.flatMap(({ receiverUserId, boxes }): Gain[] => {
    const lacking = boxes.flatMap((box) => held.missing(box));
    return lacking.length === 0 ? [] : [{ receiverUserId, boxes: lacking }];
  });
  if (missing.length === 0) return OK;
  const thisInstant = { from: at, until: at + 1 };
  const onlyTooLong = future.every(({ boxes }) => boxes.every((box) => held.covers({ ...box, validity: thisInstant })));
  return refuse(onlyTooLong ? 'outlasts_ceiling' : 'grantor_lacks_right', missing);
}

/** What `after` allows that `before` does not. */
export function gainOf(before: readonly Box[], after: readonly Box[]): Box[] {
  const held = coverage(before);
  return after.flatMap((box) => held.missing(box));
}
