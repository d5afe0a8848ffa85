// Reads the audit for people: an administrator what happened in his organization, everybody what happened to himself.
// Newest first, a page at a time, begun after (or ended before) an event: ids are UUIDv7, so their order is that of time.
import type { ActedBy, OrganizationCtx } from '../context.ts';
import { REFUSALS_AS_EVENTS } from '../credentials/note-refusals.ts';
import { preparedText, query } from '../database/query.ts';
import { checkAdministers } from '../entitlements/check-administers.ts';
import { isId } from '../users/is-id.ts';

/** What is asked for together, by the nouns of the actions. `sign_in` is the one action user.signed_in. */
export const EVENT_KINDS = {
  sign_in: [],
  users: ['user', 'invitation', 'email_change', 'import', 'bulk_act'],
  passwords: [
    'password',
    'sign_in',
    'second_factor',
    'second_factor_policy',
    'recovery_codes',
    'recovery_code',
    'session',
  ],
  rights: ['assignment', 'role', 'request', 'substitution', 'review'],
  administration: ['administration_right'],
  groups: ['group'],
  mandates: ['mandate', 'subscription'],
  directory: ['connection', 'provisioning_token', 'setup_link'],
  organization: ['organization', 'keys', 'customer_account', 'resources', 'client', 'terms', 'support'],
} as const satisfies Record<string, readonly string[]>;
export type EventKind = keyof typeof EVENT_KINDS;

export type EventFilter = {
  /** What was done to him, and what he did. */
  readonly userId?: string;
  readonly kind?: EventKind;
  /** What was done to it. */
  readonly groupId?: string;
  /** What concerned it: rights given and taken, subscriptions. */
  readonly application?: string;
  /** What support did in this visit. */
  readonly visitId?: string;
  /** Only these. */
  readonly actions?: readonly string[];
  readonly from?: Date;
  /** Not included. */
  readonly until?: Date;
};
type EventQuery = EventFilter & { readonly size: number; readonly after?: string; readonly before?: string };

export type AuditedEvent = {
  readonly id: string;
  readonly at: Date;
  readonly actor: {
    readonly kind: string;
    readonly id: string;
    readonly label: string;
    readonly setupLink?: string;
    /** The operator's support in the place of the actor. */
    readonly actedBy?: ActedBy;
  };
  /** What a person who acted is called now. */
  readonly actorName: string | null;
  readonly action: string;
  readonly targetKind: string;
  readonly targetId: string;
  /** What it is called now; null for what is not kept under a name. */
  readonly targetName: string | null;
  /** Of an event about rights: the role's name, the customer account's number. */
  readonly roleName: string | null;
  readonly accountNumber: string | null;
  readonly before: unknown;
  readonly after: unknown;
  readonly requestId: string;
};
type EventPage = {
  readonly events: AuditedEvent[];
  readonly next: string | null;
  readonly previous: string | null;
};

/** The least UUIDv7 of a moment. An event's id is made up to a few seconds after the moment it tells. */
const idAt = (at: Date, slackMs: number): string => {
  const hex = Math.max(0, at.getTime() + slackMs)
    .toString(16)
    .padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7000-8000-000000000000`;
};
const SLACK_MS = 600_000;

function conditions(
  { userId, kind, actions, from, until, groupId, application, visitId }: EventFilter,
  add: (value: unknown) => string,
): string[] {
  const where = ['e.organization_id = $1'];
  if (kind === 'sign_in') where.push(`e.action = 'user.signed_in'`);
  else if (kind !== undefined)
    where.push(
      `split_part(e.action, '.', 1) = any(${add(EVENT_KINDS[kind])}::text[]) and e.action <> 'user.signed_in'`,
    );
  if (actions) where.push(`e.action = any(${add(actions)}::text[])`);
  if (from) where.push(`e.at >= ${add(from)} and e.id >= ${add(idAt(from, -SLACK_MS))}`);
  if (until) where.push(`e.at < ${add(until)} and e.id < ${add(idAt(until, SLACK_MS))}`);
  if (groupId !== undefined) where.push(`e.target_id = ${add(groupId.toLowerCase())} and e.target_kind = 'group'`);
  if (visitId !== undefined) where.push(`e.actor #>> '{actedBy,visit}' = ${add(visitId.toLowerCase())}`);
  if (application !== undefined) where.push(`${APPLICATION} = ${add(application)}`);
  if (userId !== undefined) where.push(`e.id in (${ofUser(add(isId(userId) ? userId.toLowerCase() : ''))})`);
  return where;
}

/** As the index has it. */
const APPLICATION = `coalesce(coalesce(e.after, e.before) -> 'entitlement' ->> 'application', coalesce(e.after, e.before) ->> 'application')`;

const ofUser = (id: string): string => `select id from audit_events where organization_id = $1 and target_id = ${id}
  union select id from audit_events where organization_id = $1 and actor ->> 'id' = ${id} and actor ->> 'kind' = 'user'`;

const COLUMNS = `e.id, e.at, e.actor, e.action, e.target_kind as "targetKind", e.target_id as "targetId", e.before, e.after, e.request_id as "requestId",
  coalesce(u.document ->> 'displayName', u.user_name, g.display_name, r.name, c.name, a.number || ' ' || a.name, mr.name) as "targetName",
  coalesce(au.document ->> 'displayName', au.user_name) as "actorName",
  ro.name as "roleName", ca.number as "accountNumber"`;

/** The text as an id that an index can look up; what is none is null. */
const uuid = (text: string) =>
  `case when ${text} ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then (${text})::uuid end`;

const named = (table: string, alias: string, kind: string) =>
  `left join ${table} ${alias} on e.target_kind = '${kind}' and ${alias}.organization_id = $1 and ${alias}.id = ${uuid('e.target_id')}`;

const FACTS = '(coalesce(e.after, e.before))';
const ACCOUNT = `coalesce(${FACTS} -> 'entitlement' ->> 'customerAccount', ${FACTS} ->> 'customerAccountId')`;

const STORED =
  'e.organization_id, e.id, e.at, e.actor, e.action, e.target_kind, e.target_id, e.before, e.after, e.request_id';

/** What was refused to somebody who tried to sign in as him is his own to know, and nobody else's. */
const concernsRefusals = ({ actor }: OrganizationCtx, { userId, kind, groupId, application, visitId }: EventFilter) =>
  actor.kind === 'user' &&
  actor.actedBy === undefined &&
  userId?.toLowerCase() === actor.id.toLowerCase() &&
  (kind === undefined || kind === 'passwords') &&
  groupId === undefined &&
  application === undefined &&
  visitId === undefined;

const ofRefusals = (
  userId: string,
  { actions, from, until }: EventFilter,
  add: (value: unknown) => string,
): string[] => [
  'e.organization_id = $1',
  `e.target_id = ${add(userId.toLowerCase())}`,
  ...(actions ? [`e.action = any(${add(actions)}::text[])`] : []),
  ...(from ? [`e.at >= ${add(from)}`] : []),
  ...(until ? [`e.at < ${add(until)}`] : []),
];

async function read(
  ctx: OrganizationCtx,
  asked: EventFilter,
  past: { id: string; newer: boolean } | undefined,
  limit: number,
): Promise<AuditedEvent[]> {
  const values: unknown[] = [ctx.organizationId];
  const add = (value: unknown) => `$${values.push(value)}`;
  const where = conditions(asked, add);
  const beyond = past ? `e.id ${past.newer ? '>' : '<'} ${add(past.id)}` : 'true';
  const ordered = `order by e.id ${past?.newer === true ? 'asc' : 'desc'} limit ${limit}`;
  const audited = `select ${STORED} from audit_events e where ${where.join(' and ')} and ${beyond} ${ordered}`;
  const refused = concernsRefusals(ctx, asked)
    ? `select ${STORED} from (${REFUSALS_AS_EVENTS}) e where ${ofRefusals(ctx.actor.id, asked, add).join(' and ')} and ${beyond} ${ordered}`
    : undefined;
  const page = refused ? `select * from ((${audited}) union all (${refused})) e ${ordered}` : audited;
  return query<AuditedEvent>(
    preparedText(`with page as materialized (${page})
    select ${COLUMNS} from page e
    ${named('users', 'u', 'user')} ${named('groups', 'g', 'group')} ${named('roles', 'r', 'role')}
    ${named('provisioning_connections', 'c', 'connection')} ${named('customer_accounts', 'a', 'customer_account')}
    left join organizations mr on mr.id = case e.target_kind when 'mandate' then ${uuid(`(${FACTS} ->> 'receiverOrganizationId')`)}
      when 'received_mandate' then ${uuid(`(${FACTS} ->> 'giverOrganizationId')`)} end
    left join users au on e.actor ->> 'kind' = 'user' and au.organization_id = $1 and au.id = ${uuid("(e.actor ->> 'id')")}
    left join roles ro on ro.organization_id = $1 and ro.id = ${uuid(`(${FACTS} ->> 'role')`)}
    left join customer_account_numbers ca on ca.customer_account_id = ${uuid(ACCOUNT)}
    order by e.id desc`),
    values,
  );
}

/** Himself anybody may ask about; for others and for the whole organization one must administer. */
async function checkAsked(ctx: OrganizationCtx, { userId }: EventFilter): Promise<void> {
  if (ctx.actor.kind === 'user' && userId !== undefined && userId.toLowerCase() === ctx.actor.id.toLowerCase()) return;
  await checkAdministers(ctx);
}

/** Throws HubError `not_permitted`. */
export async function listEvents(ctx: OrganizationCtx, asked: EventQuery): Promise<EventPage> {
  await checkAsked(ctx, asked);
  const { after, before, size } = asked;
  const newer = after === undefined && before !== undefined && isId(before);
  const id = [after, before].find((one) => one !== undefined && isId(one));
  const found = await read(ctx, asked, id === undefined ? undefined : { id, newer }, size + 1);
  const more = found.length > size;
  const events = newer && more ? found.slice(1) : found.slice(0, size);
  const [first, last] = [events[0], events.at(-1)];
  return {
    events,
    next: last && (newer || more) ? last.id : null,
    previous: first && (newer ? more : id !== undefined) ? first.id : null,
  };
}

const CHUNK = 500;

/** All of them in chunks, for an export. Throws HubError `not_permitted`. */
export async function* eachEvent(ctx: OrganizationCtx, filter: EventFilter): AsyncGenerator<AuditedEvent[]> {
  await checkAsked(ctx, filter);
  for (let id: string | undefined; ;) {
    const found = await read(ctx, filter, id === undefined ? undefined : { id, newer: false }, CHUNK);
    if (found.length > 0) yield found;
    if (found.length < CHUNK) return;
    id = found.at(-1)?.id;
  }
}
