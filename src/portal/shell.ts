// What the frame around every portal page shows: who one is, and where one can go.
import { administrationRightsOf, rankOf } from '../entitlements/administration-rights-of.ts';
import type { Visitor } from './signed-in.ts';

const DESTINATIONS = [{ key: 'home', href: '/portal', icon: 'home' }] as const;

export type Destination = (typeof DESTINATIONS)[number]['key'];

export async function shellLocals(visitor: Visitor, current: Destination) {
  const { ctx, userId } = visitor;
  const held = (await administrationRightsOf(ctx, [userId])).get(userId) ?? [];
  return {
    person: { name: visitor.name, organization: visitor.organizationName, administrator: rankOf(held) !== 'none' },
    navigation: DESTINATIONS.map((one) => ({ ...one, current: one.key === current })),
    signOutAction: '/portal/sign-out',
    changePasswordHref: '/portal/password',
  };
}
