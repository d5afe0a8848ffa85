// Who acts, as the rules of giving see him: his rank, his administration rights and the ceiling of what he may give.
// The operator and the hub itself are bounded by the organization's limits; a directory has a ceiling of its own kind
// (see carried-rights.ts) and never comes here.
import type { OrganizationCtx } from '../context.ts';
import { HubError } from '../errors.ts';
import { administrationRightsOf, holdsRight, isChief, rankOf, type HeldRight } from './administration-rights-of.ts';
import { ALWAYS, type Box, type Entitlement } from './box.ts';
import { ceilingOf } from './ceiling.ts';
import { assignedIn, effectiveEntitlements } from './effective.ts';
import { gainOf } from './giving.ts';
import { loadSnapshot } from './load-snapshot.ts';
import type { RightsSnapshot } from './snapshot.ts';
import type { Rank } from './touching.ts';

export type Acting = {
  /** Null: the operator or the hub itself. */
  readonly userId: string | null;
  readonly rank: Rank;
  /** Bounded by the organization's limits only: a chief, the operator, the hub itself. */
  readonly unbounded: boolean;
  readonly held: readonly HeldRight[];
  readonly ceiling: readonly Box[];
  /** Holds every customer account that the organization may act on. */
  readonly snapshot: RightsSnapshot;
};

export const notPermitted = (message = 'You do not have the right to do this.') =>
  new HubError('not_permitted', message);

/** Throws HubError `not_permitted` for a directory, for somebody of another organization and for one who is not active. */
export async function loadActing(ctx: OrganizationCtx): Promise<Acting> {
  const { actor, organizationId } = ctx;
  if (actor.kind === 'connection') throw notPermitted('A directory cannot do this.');
  const person = actor.kind === 'user' ? actor.id : undefined;
  if (actor.kind === 'user' && actor.organizationId !== organizationId) throw notPermitted();
  const read = await loadSnapshot({
    organizationId,
    now: ctx.now,
    ceiling: true,
    ...(person === undefined ? {} : { userId: person }),
  });
  if (!read) throw notPermitted();
  const { snapshot } = read;
  if (person === undefined) {
    return {
      userId: null,
      rank: 'operator',
      unbounded: true,
      held: [],
      ceiling: ceilingOf(snapshot, { chief: true }),
      snapshot,
    };
  }
  if (!snapshot.user.active || snapshot.user.organization.state !== 'active') throw notPermitted();
  const held = (await administrationRightsOf(ctx, [person])).get(person.toLowerCase()) ?? [];
  const chief = isChief(held);
  return {
    userId: person.toLowerCase(),
    rank: rankOf(held),
    unbounded: chief,
    held,
    ceiling: ceilingOf(snapshot, { chief }),
    snapshot,
  };
}

/** For acts that give nothing, such as creating a user or a group. Throws HubError `not_permitted` for a person without manage_users. */
export async function checkManagesUsers(ctx: OrganizationCtx): Promise<void> {
  if (ctx.actor.kind !== 'user') return;
  if ((await loadActing(ctx)).rank === 'none') throw notPermitted();
}

/** Holder of manage_users, or of both settings rights of each of these customer accounts. */
export function mayAdminister(acting: Acting, customerAccounts: readonly string[] = []): boolean {
  if (acting.rank !== 'none') return true;
  return (
    customerAccounts.length > 0 &&
    customerAccounts.every(
      (id) =>
        holdsRight(acting.held, 'view_account_settings', id) && holdsRight(acting.held, 'manage_account_settings', id),
    )
  );
}

/** What the entitlements give a user of the organization at this moment, under all that stands above them. */
export function effectivePart({ snapshot }: Pick<Acting, 'snapshot'>, entitlements: readonly Entitlement[]): Box[] {
  // One by one, so that two profiles that meet do not withhold each other: either may be the one that counts.
  return entitlements.flatMap((entitlement) =>
    effectiveEntitlements({
      ...snapshot,
      user: { ...snapshot.user, active: true },
      roles: new Map(),
      assignments: [
        {
          id: '',
          gives: { kind: 'entitlements', entitlements: [entitlement] },
          givenBy: { kind: 'system', id: '', label: '' },
          givenAt: snapshot.at,
          validity: ALWAYS,
          groupPath: [],
        },
      ],
    }).effective.map(({ entitlement: { application, customerAccount, values, validity } }) => ({
      application,
      customerAccount,
      values,
      validity,
    })),
  );
}

/**
 * What the ceiling must cover when something that exists reaches somebody else: all that has effect, and of what has none at
 * this moment (a closed contract, a lapsed subscription) what the actor does not hold as dormant himself. Without that, one
 * retired value in a group would bar everybody from it.
 */
export function toBeCovered(acting: Acting, entitlements: readonly Entitlement[]): Box[] {
  const effective = effectivePart(acting, entitlements);
  if (acting.unbounded) return effective;
  const dormant = gainOf(effective, entitlements);
  const own = assignedIn(acting.snapshot).map(({ entitlement }) => entitlement);
  return [...effective, ...gainOf(own, dormant)];
}
