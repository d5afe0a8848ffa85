// What people are told about besides their own security, and how soon. Mails about passwords, sign-ins, second factors,
// addresses and who is administrator are no topic: they always go out at once.
import type { MailKind } from '../mail/letters.ts';

export const TOPICS = ['rights', 'ends', 'requests', 'mandates', 'imports', 'reviews'] as const;

/** Of the operator's staff beside: what came into a queue of theirs. */
export const STAFF_TOPICS = [
  'staff_registrations',
  'staff_requests',
  'staff_chiefs',
  'staff_approvals',
  'staff_failures',
] as const;
export type StaffTopic = (typeof STAFF_TOPICS)[number];
export type Topic = (typeof TOPICS)[number] | StaffTopic;

export const DELIVERIES = ['at_once', 'daily', 'never'] as const;
export type Delivery = (typeof DELIVERIES)[number];

/** For whoever chose nothing. Rights change in bursts, so they are gathered. */
export const USUAL: Readonly<Record<(typeof TOPICS)[number], Delivery>> = {
  rights: 'daily',
  ends: 'at_once',
  requests: 'at_once',
  mandates: 'at_once',
  imports: 'at_once',
  reviews: 'at_once',
};
export const USUAL_OF_STAFF: Readonly<Record<StaffTopic, Delivery>> = {
  staff_registrations: 'daily',
  staff_requests: 'daily',
  staff_chiefs: 'at_once',
  staff_approvals: 'at_once',
  staff_failures: 'at_once',
};

/** Where a mail that somebody wants in his daily one leads to. */
const OF_KIND = {
  rights_ending: { topic: 'ends', page: '/portal/users' },
  own_rights_ending: { topic: 'ends', page: '/portal/my-rights' },
  access_requested: { topic: 'requests', page: '/portal/requests' },
  access_decided: { topic: 'requests', page: '/portal/requests?view=mine' },
  mandate_received: { topic: 'mandates', page: '/portal/mandates/received' },
  mandate_changed: { topic: 'mandates', page: '/portal/mandates/received' },
  mandate_withdrawn: { topic: 'mandates', page: '/portal/mandates/received' },
  mandate_given_ending: { topic: 'mandates', page: '/portal/mandates/given' },
  mandate_received_ending: { topic: 'mandates', page: '/portal/mandates/received' },
  import_finished: { topic: 'imports', page: '/portal/users' },
  review_reminder: { topic: 'reviews', page: '/portal/reviews' },
} as const satisfies Partial<Record<MailKind, { topic: Topic; page: string }>>;

/** Undefined: a mail that always goes out at once. */
export const topicOf = (kind: MailKind): { readonly topic: Topic; readonly page: string } | undefined =>
  (OF_KIND as Partial<Record<MailKind, { topic: Topic; page: string }>>)[kind];

/** Six in the morning, UTC: what is gathered until then goes out together. */
const MORNING = 6;

export function nextMorning(now: Date): Date {
  const morning = new Date(now);
  morning.setUTCHours(MORNING, 0, 0, 0);
  if (morning <= now) morning.setUTCDate(morning.getUTCDate() + 1);
  return morning;
}

const ALL: Readonly<Record<Topic, Delivery>> = { ...USUAL, ...USUAL_OF_STAFF };
export const usualOf = (topic: Topic): Delivery => ALL[topic];

/** SQL for what a person chose for a topic. `user`: columns of his organization and id. */
export const chosenDelivery = (topic: Topic, organization: string, user: string): string =>
  `coalesce((select p.delivery from notice_preferences p where p.organization_id = ${organization} and p.user_id = ${user}
     and p.topic = '${topic}'), '${usualOf(topic)}')`;
