// What the frame around every portal page shows: who one is, and where one can go.
import { pageFrame } from '../users/page-frame.ts';
import { sessionClock } from './session-page.ts';
import type { Visitor } from './signed-in.ts';

// `management`: the section for whoever administers others; some of it is shown to more or to fewer (see below).
const DESTINATIONS = [
  { key: 'home', href: '/portal', icon: 'home' },
  { key: 'requests', href: '/portal/requests', icon: 'inbox' },
  { key: 'my_identification', href: '/portal/details', icon: 'user' },
  { key: 'my_accounts', href: '/portal/accounts', icon: 'building' },
  { key: 'security', href: '/portal/security', icon: 'shield' },
  { key: 'my_users', href: '/portal/users', icon: 'users', section: 'management' },
  { key: 'groups', href: '/portal/groups', icon: 'groups', section: 'management' },
  { key: 'roles', href: '/portal/roles', icon: 'check', section: 'management' },
  { key: 'access', href: '/portal/access', icon: 'key', section: 'management' },
  { key: 'routers', href: '/portal/mandates', icon: 'share', section: 'management' },
  { key: 'connections', href: '/portal/connections', icon: 'link', section: 'management' },
  { key: 'policy', href: '/portal/policy', icon: 'lock', section: 'management' },
  { key: 'history', href: '/portal/history', icon: 'history', section: 'management' },
] as const;

const PERSONAL: readonly string[] = ['my_identification', 'security', 'policy'];

type Destination = (typeof DESTINATIONS)[number]['key'];

export async function shellLocals(visitor: Visitor, current: Destination) {
  const { ctx, userId } = visitor;
  const { rank, factorResets, requests, mandates, directories, elsewhere } = await pageFrame(ctx, userId);
  const administrator = rank !== 'none';
  const counts: Partial<Record<Destination, number>> = { my_users: factorResets, requests };
  return {
    person: { name: visitor.name, organization: visitor.organizationName, administrator },
    navigation: DESTINATIONS.filter((one) => {
      // Support in his place finds nothing of his own.
      if (visitor.acting && PERSONAL.includes(one.key)) return false;
      if (one.key === 'policy') return rank === 'chief';
      // Whoever administers people may hand them over to a directory that is there.
      if (one.key === 'connections') return rank === 'chief' || (administrator && directories);
      if (one.key === 'routers') return mandates;
      // Everybody has a history, be it only his own.
      return administrator || one.key === 'history' || !('section' in one);
    }).map((one) => ({
      ...one,
      current: one.key === current,
      ...((counts[one.key] ?? 0) > 0 && { count: counts[one.key] }),
    })),
    session: sessionClock(visitor),
    signOutAction: '/portal/sign-out',
    // Where he is among the destinations is as far as the other organization knows the page.
    ...(elsewhere && !visitor.acting ? { switchHref: `/portal/switch-organization?page=${current}` } : {}),
    ...(visitor.acting ? {} : { changePasswordHref: '/portal/password' }),
  };
}

/** Where a destination is, for a visitor whose menu has it. */
export const destinationHref = (navigation: readonly { key: string; href: string }[], key: unknown): string =>
  navigation.find((one) => one.key === key)?.href ?? '/portal';
