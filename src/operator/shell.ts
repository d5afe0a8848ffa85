// The frame around every operator's page: who one is, and the destinations that one's roles allow.
import type { Request, Response } from 'express';
import { openApprovals } from '../approvals/list-approvals.ts';
import type { Permission } from '../organizations/permissions.ts';
import { pendingRegistrations } from '../registrations/list-registrations.ts';
import { countOperatorQueue } from '../requests/operator-queue.ts';
import { translatorOf } from '../web/render.ts';
import type { OperatorSettings } from './operator-settings.ts';
import { staffOf } from './staff.ts';

const DESTINATIONS = [
  { key: 'overview', href: '/operator', icon: 'home', needs: 'overview.read' },
  { key: 'registrations', href: '/operator/registrations', icon: 'inbox', needs: 'registrations.read' },
  { key: 'requests', href: '/operator/requests', icon: 'lock', needs: 'rights.read' },
  { key: 'organizations', href: '/operator/organizations', icon: 'building', needs: 'organizations.read' },
  { key: 'applications', href: '/operator/applications', icon: 'app', needs: 'applications.read' },
  { key: 'approvals', href: '/operator/approvals', icon: 'check', needs: 'approvals.read' },
  { key: 'clients', href: '/operator/clients', icon: 'code', needs: 'clients.read' },
  { key: 'keys', href: '/operator/keys', icon: 'key', needs: 'keys.read' },
  { key: 'mails', href: '/operator/mails', icon: 'mail', needs: 'mails.read' },
  { key: 'jobs', href: '/operator/jobs', icon: 'clock', needs: 'jobs.read' },
  { key: 'news', href: '/operator/news', icon: 'info', needs: 'news.read' },
  { key: 'staff', href: '/operator/staff', icon: 'users', needs: 'staff.read' },
] as const satisfies readonly { key: string; href: string; icon: string; needs: Permission }[];

type Destination = (typeof DESTINATIONS)[number]['key'];

const NOTICES = ['saved', 'created', 'ended', 'asked', 'decided', 'invited', 'retried'] as const;

/** `?done=saved` after a form says that it was done. */
export async function shellLocals({ site }: OperatorSettings, req: Request, res: Response, current: Destination) {
  const { ctx, name, roles, may } = staffOf(req);
  const t = translatorOf(site, res);
  const [registrations, requests, approvals] = await Promise.all([
    pendingRegistrations(ctx),
    countOperatorQueue(ctx),
    openApprovals(ctx),
  ]);
  const counts: Partial<Record<Destination, number>> = { registrations, requests, approvals };
  const done = NOTICES.find((one) => one === req.query['done']);
  return {
    person: {
      name,
      organization: t('operator:roles_of', { roles: roles.map((role) => t(`operator:role.${role}`)).join(', ') }),
      administrator: false,
    },
    navigation: DESTINATIONS.filter(({ needs }) => may(needs)).map(({ key, href, icon }) => ({
      key,
      href,
      icon,
      label: t(`operator:navigation.${key}`),
      current: key === current,
      count: counts[key] ?? 0,
    })),
    signOutAction: '/operator/sign-out',
    changePasswordHref: '/portal/password',
    may,
    ...(done === undefined ? {} : { notice: { kind: 'ok', text: t(`operator:done.${done}`) } }),
  };
}
