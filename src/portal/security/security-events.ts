// What happened to one's own account, in sentences: what opened it, what its keys are, what was refused.
import { listEvents, type AuditedEvent } from '../../audit/list-events.ts';
import { shownEvents, type Telling } from '../../web/event-sentences.ts';
import type { Visitor } from '../signed-in.ts';
import { deviceLabel } from './device-label.ts';

const SIZE = 20;

/** The last word on a person's own security; what he did to others is on the page History. */
const SECURITY_ACTIONS: readonly string[] = [
  'user.signed_in',
  'user.stepped_up',
  'user.changed',
  'user.deactivated',
  'user.reactivated',
  'sign_in.password_refused',
  'sign_in.second_factor_refused',
  'sign_in.passkey_refused',
  'sign_in.throttled_refused',
  'sign_in.restricted',
  'sign_in.device_confirmed',
  'password.changed',
  'password.first_set',
  'password.recovered',
  'password.recovery_sent',
  'password.link_made',
  'password.recovery_refused',
  'password.temporary_given',
  'email_change.requested',
  'email_change.resent',
  'email_change.cancelled',
  'email_change.confirmed',
  'email_change.undone',
  'second_factor.enrolled',
  'second_factor.renamed',
  'second_factor.removed',
  'second_factor.reset',
  'second_factor.reset_requested',
  'second_factor.reset_denied',
  'recovery_codes.made',
  'recovery_code.used',
  'session.ended',
  'session.others_ended',
  'session.all_ended',
  'invitation.sent',
  'invitation.copied',
  'terms.accepted',
];

const textIn = (value: unknown, key: string): string | null => {
  const found = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  return typeof found === 'string' ? found : null;
};

/** "Firefox on Windows, 192.0.2.0/24", where the event knows it. */
function whereOf({ after }: AuditedEvent, { t }: Telling): string | undefined {
  const [browser, platform, address] = [textIn(after, 'browser'), textIn(after, 'platform'), textIn(after, 'address')];
  if (browser === null && platform === null && address === null) return undefined;
  // Of what was refused nothing is kept but the address.
  if (browser === null && platform === null) return address ?? undefined;
  return [deviceLabel({ browser, platform }, t), ...(address === null ? [] : [address])].join(' · ');
}

export async function securityEvents(visitor: Visitor, telling: Telling, asked: { after?: string; before?: string }) {
  const page = await listEvents(visitor.ctx, {
    userId: visitor.userId,
    actions: SECURITY_ACTIONS,
    size: SIZE,
    ...asked,
  });
  const own = page.events.filter(({ targetId }) => targetId === visitor.userId);
  const shown = await shownEvents(visitor.ctx, own, telling);
  const where = new Map(own.map((event) => [event.id, whereOf(event, telling)]));
  return {
    events: shown.map((event) => ({ ...event, where: where.get(event.id) })),
    next: page.next,
    previous: page.previous,
  };
}
