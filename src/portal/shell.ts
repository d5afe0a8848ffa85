// What the frame around every portal page shows: who one is, and where one can go.
import { administrationRightsOf, rankOf } from '../entitlements/administration-rights-of.ts';
import type { Visitor } from './signed-in.ts';

// `administrators`: only for whoever administers others.
const DESTINATIONS = [
  { key: 'home', href: '/portal', icon: 'home', administrators: false },
  { key: 'my_identification', href: '/portal/details', icon: 'user', administrators: false },
  { key: 'my_accounts', href: '/portal/accounts', icon: 'building', administrators: false },
  { key: 'my_users', href: '/portal/users', icon: 'users', administrators: true },
  { key: 'history', href: '/portal/history', icon: 'history', administrators: false },
] as const;

export type Destination = (typeof DESTINATIONS)[number]['key'];

export async function shellLocals(visitor: Visitor, current: Destination) {
  const { ctx, userId } = visitor;
  const held = (await administrationRightsOf(ctx, [userId])).get(userId) ?? [];
  const administrator = rankOf(held) !== 'none';
  return {
    person: { name: visitor.name, organization: visitor.organizationName, administrator },
    navigation: DESTINATIONS.filter((one) => administrator || !one.administrators).map((one) => ({
      ...one,
      current: one.key === current,
    })),
    signOutAction: '/portal/sign-out',
    changePasswordHref: '/portal/password',
  };
}
