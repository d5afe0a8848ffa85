// A decision of the rights model as the error that every edge understands. The missing boxes go into `details.missing`.
import { HubError, type ErrorCode } from '../errors.ts';
import type { Decision } from './giving.ts';

const SENTENCES: Partial<Record<ErrorCode, string>> = {
  grantor_lacks_right:
    'You do not hold all of these rights yourself, so you cannot give or take them. Nothing was changed.',
  outlasts_ceiling: 'You hold these rights for a shorter time than you want to give them. Nothing was changed.',
  not_while_acting: 'Support cannot do this while acting for an administrator.',
  self_assignment: 'Nobody gives rights to himself. Ask another administrator.',
  revocation_off: 'Rights cannot be removed here; deactivate the user instead.',
  target_holds_more: 'This person holds rights that you do not hold, so you cannot do this for him.',
  rank_too_low: 'This person is an administrator, and your own administration rights do not reach him.',
  last_chief:
    'This is the last active chief administrator of the organization. Make somebody else chief administrator first.',
};

/** Throws HubError unless the decision is yes. */
export function orThrow(decision: Decision): void {
  if (decision.ok) return;
  const { code, missing } = decision;
  throw new HubError(code, SENTENCES[code] ?? 'This is not permitted. Nothing was changed.', { missing });
}
