// What the frame around every portal page shows: who one is, and where one can go.
import { administrationRightsOf, rankOf } from '../entitlements/administration-rights-of.ts';
import { countFactorResets } from '../credentials/reset-factors.ts';
import { sessionClock } from './session-page.ts';
import { concernsMandates } from '../mandates/concerns-mandates.ts';
import { countInbox } from '../requests/inbox.ts';
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

export type Destination = (typeof DESTINATIONS)[number]['key'];

export async function shellLocals(visitor: Visitor, current: Destination) {
  const { ctx, userId } = visitor;
  const held = (await administrationRightsOf(ctx, [userId])).get(userId) ?? [];
  const rank = rankOf(held);
  const administrator = rank !== 'none';
  const waiting = administrator ? await countFactorResets(ctx) : 0;
  const [requests, mandates] = await Promise.all([countInbox(ctx), concernsMandates(ctx, userId, rank)]);
  const counts: Partial<Record<Destination, number>> = { my_users: waiting, requests };
  return {
    person: { name: visitor.name, organization: visitor.organizationName, administrator },
    navigation: DESTINATIONS.filter((one) => {
      if (one.key === 'policy' || one.key === 'connections') return rank === 'chief';
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
    changePasswordHref: '/portal/password',
  };
}
