// May a mandate follow on another? A chain runs from the owner of a customer account over each organization that
// passed it on. Pure; which boxes a link holds is judged against the ceiling, elsewhere.
import type { ErrorCode } from '../errors.ts';

export type ChainLink = {
  readonly fromOrganization: string;
  readonly toOrganization: string;
  /** How many further links may follow this one, 0 to 3. */
  readonly onward: number;
};

/**
 * The whole chain, the owner's link first and the new one last.
 * `mandate_cycle`: the path meets an organization twice. `mandate_not_onward`: a link does not let so many follow.
 * `invalid_input`: a link does not begin where the one before it ends. Null: sound; an empty chain is not.
 */
export function checkChain(links: readonly ChainLink[]): ErrorCode | null {
  const first = links[0];
  if (first === undefined) return 'invalid_input';
  const path = [first.fromOrganization, ...links.map((link) => link.toOrganization)];
  if (links.some((link, i) => link.fromOrganization !== path[i])) return 'invalid_input';
  if (new Set(path).size !== path.length) return 'mandate_cycle';
  if (links.some((link, i) => link.onward < links.length - 1 - i)) return 'mandate_not_onward';
  return null;
}

/**
 * The largest `onward` that a mandate following on these links may carry: one less than each link before it leaves.
 * With no link before it (the owner gives) it is 3. Never below 0.
 */
export function mostOnward(before: readonly ChainLink[]): number {
  return Math.max(0, Math.min(3, ...before.map((link, i) => link.onward - (before.length - i))));
}
