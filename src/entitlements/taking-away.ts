// May a person take rights away from somebody? Removing, shortening, narrowing, by whatever door. A directory, the
// end date set when giving, the withdrawal of a mandate or subscription and a deactivation never come here.
import type { Box } from './box.ts';
import { coverage } from './covers.ts';
import { lackingIn, OK, refuse, type Decision, type Gain } from './giving.ts';

type TakingAway = {
  readonly ceiling: readonly Box[];
  /** Per holder, what has effect now and would not afterwards (`gainOf(after, before)`). */
  readonly losses: readonly Gain[];
  /** The organization's setting, application by application. */
  readonly policy: (application: string) => 'allowed' | 'deactivate_only';
};

/** What has no effect may always go. `revocation_off`, else `grantor_lacks_right` with what the actor does not hold himself. */
export function mayTakeAway({ ceiling, losses, policy }: TakingAway): Decision {
  const effective = losses.filter(({ boxes }) => boxes.length > 0);
  const barred = effective.filter(({ boxes }) => boxes.some((box) => policy(box.application) === 'deactivate_only'));
  if (barred.length > 0) return refuse('revocation_off', barred);
  const missing = lackingIn(coverage(ceiling), effective);
  return missing.length === 0 ? OK : refuse('grantor_lacks_right', missing);
}
