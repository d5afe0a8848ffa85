// What only the hub's operator does: admit and suspend organizations, set their attributes, accounts and subscriptions.
import type { Ctx } from '../context.ts';
import { HubError } from '../errors.ts';

/** Throws HubError `not_permitted` for everybody but the operator and the hub itself. */
export function checkOperator(ctx: Ctx): void {
  if (ctx.actor.kind === 'operator' || ctx.actor.kind === 'system') return;
  throw new HubError('not_permitted', 'Only the operator of this portal can do this.');
}
