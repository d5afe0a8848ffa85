// What a person must still prove before an application gets a code for him: nothing, a second factor that he has, or one
// that he must set up first. The same question for somebody who has just typed his password and for a session.
import type { IncomingMessage } from 'node:http';
import { findFactorState, hasFactor } from '../credentials/factor-state.ts';
import { mustGiveSecondFactor } from '../credentials/second-factor-policy.ts';
import { levelOf, wantedLevel } from './assurance.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { remembered } from './remembered-cookie.ts';
import { applicationOf } from './rights.ts';

type NextStep = 'second-factor' | 'enrol';

type Proven = {
  readonly organizationId: string;
  readonly userId: string;
  readonly amr: readonly string[];
  readonly clientId: string;
  readonly acrValues: string | undefined;
};

export async function nextStep(
  settings: OidcSettings,
  req: IncomingMessage,
  { organizationId, userId, amr, clientId, acrValues }: Proven,
): Promise<NextStep | undefined> {
  const level = levelOf(amr);
  const wanted = wantedLevel(acrValues) ?? 1;
  if (level >= 2 && level >= wanted) return undefined;
  const state = await findFactorState(organizationId, userId, new Date());
  // Somebody who is not active any more: the check of the account says so.
  if (!state) return undefined;
  if (level === 1 && hasFactor(state))
    return wanted === 1 && remembered(req, state, settings.site) ? undefined : 'second-factor';
  if (wanted > level) return wanted === 3 && state.passkeys > 0 ? 'second-factor' : 'enrol';
  const application = await applicationOf(clientId);
  return mustGiveSecondFactor({ ...state, application }) ? 'enrol' : undefined;
}
