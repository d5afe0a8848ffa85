// What a session owes before our own pages open: terms of use that are to be accepted, or a second factor that has become
// due since it began. Applications ask when a code is asked for (oidc/interaction-policy.ts); our pages are opened by the
// session itself and ask here.
import type { OrganizationCtx } from '../context.ts';
import { findFactorState, hasFactor } from './factor-state.ts';
import { mustGiveSecondFactor } from './second-factor-policy.ts';
import type { SessionAliases } from './session-limits.ts';
import { termsToAccept } from './terms.ts';

/**
 * For the statement that loads a session, so that those who owe nothing cost nothing: true for everybody who owes, and for
 * somebody whose right to administer was taken a moment ago. `user`: alias of users.
 */
export const mayOwe = ({ artefact: a, session: s, organization: o, user: u }: SessionAliases & { user: string }) => `(
  exists (select 1 from terms t where t.organization_id = ${u}.organization_id
    and not exists (select 1 from terms_acceptances c where c.organization_id = t.organization_id and c.user_id = ${u}.id and c.version = t.version)
    and not exists (select 1 from terms n where n.organization_id = t.organization_id and n.version > t.version))
  or (not coalesce(${a}.payload -> 'amr', '[]') ? 'mfa'
    and (coalesce(${s}.administrator, false) or ${o}.kind = 'operator' or ${o}.settings ->> 'second_factor' = 'everyone')
    and not exists (select 1 from totp_factors f where f.organization_id = ${u}.organization_id and f.user_id = ${u}.id)
    and not exists (select 1 from passkeys p where p.organization_id = ${u}.organization_id and p.user_id = ${u}.id)))`;

/** `amr`: what the session proved (RFC 8176). Whoever has a second factor gave it when he signed in, or on a remembered device. */
export async function owesFirst(
  ctx: OrganizationCtx,
  { userId, amr }: { readonly userId: string; readonly amr: readonly string[] },
): Promise<boolean> {
  if (await termsToAccept(ctx.organizationId, userId)) return true;
  if (amr.includes('mfa')) return false;
  const state = await findFactorState(ctx.organizationId, userId, ctx.now);
  return state !== undefined && !hasFactor(state) && mustGiveSecondFactor(state);
}
