// Recovery of a username or a password, behind the door (request-recovery.ts): finds the people whom the typed name may
// mean, over all organizations, and sends one mail to each address, with every username and a link for each. Who may not
// recover himself, or whose address cannot be trusted, is told which administrators can help.
import type { Logger } from 'pino';
import type { Language } from '../applications/application.ts';
import { recordAudit } from '../audit/record.ts';
import type { Ctx, OrganizationCtx } from '../context.ts';
import type { JobHandler } from '../database/jobs.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import type { Recoverable, Unrecoverable } from '../mail/recovery-letters.ts';
import { mailableAddress, storedLanguage } from '../mail/mail-user.ts';
import { queueMail } from '../mail/queue-mail.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import type { Document } from '../provisioning/attribute.ts';
import { fold } from '../provisioning/fold.ts';
import { findAdministrators } from '../users/find-administrators.ts';
import { createLink, LINK_MINUTES } from './one-time-link.ts';
import { mayRecover } from './recovery-right.ts';
import { countRecovery } from './recovery-throttle.ts';
import { readRecoveryRequest } from './request-recovery.ts';
import { ADDRESS_COLUMNS, isTrustedAddress, type AddressFacts } from './trusted-address.ts';

/** Usernames in one mail; a shared mailbox may have more. */
const MOST_IN_A_MAIL = 10;
const MOST_FOUND = 50;
/** So many stay alive of a user (one-time-link.ts): another one would kill a link that he may just have opened. */
const MOST_LIVE_LINKS = 3;
const MOST_NAMED = 5;

type Person = AddressFacts & {
  readonly organizationId: string;
  readonly userId: string;
  readonly organization: string;
  readonly document: Document;
  readonly liveLinks: number;
};
type Candidate = Person & { readonly to: string; readonly allowed: boolean };

const FIND = `
  select u.organization_id as "organizationId", u.id as "userId", o.name as organization, u.document, ${ADDRESS_COLUMNS},
    (select count(*)::int from links l where l.organization_id = u.organization_id and l.user_id = u.id and l.purpose = 'recovery'
      and l.used_at is null and l.expires_at > $2 and l.created_at >= u.tokens_valid_from) as "liveLinks"
  from sign_in_names n
  join users u on (u.organization_id, u.id) = (n.organization_id, n.user_id)
  join organizations o on o.id = n.organization_id
  where n.name_key = $1 and u.active and u.deleted_at is null and u.kind = 'person' and o.state = 'active'
  order by u.last_sign_in_at desc nulls last, u.organization_id, u.id limit ${MOST_FOUND}`;

export const recoverAccess = (log: Logger): JobHandler => ({
  run: async (data) => {
    const { identifier, language } = readRecoveryRequest(data);
    const ctx: Ctx = {
      actor: { kind: 'system', id: 'recovery', label: 'Recovery' },
      requestId: 'recovery',
      now: new Date(),
      log,
    };
    await recover(ctx, identifier, language);
  },
});

/** All in one transaction: a job that comes again sends nothing twice. */
const recover = (ctx: Ctx, identifier: string, language: Language): Promise<void> =>
  transaction(async () => {
    const people = await query<Person>(FIND, [fold(identifier), ctx.now]);
    // As they are written: two that fold alike may be two people's.
    const mailboxes = Map.groupBy(await candidates(ctx, people), ({ to }) => to);
    for (const mailbox of mailboxes.values()) await sendTo(ctx, mailbox, language);
  });

async function candidates(ctx: Ctx, people: readonly Person[]): Promise<Candidate[]> {
  const may = new Set<string>();
  for (const [organizationId, own] of Map.groupBy(people, (person) => person.organizationId)) {
    const ids = own.map(({ userId }) => userId);
    for (const id of await mayRecover({ ...ctx, organizationId }, ids)) may.add(id);
  }
  return people.flatMap((person) => {
    const to = mailableAddress(person.document);
    return to === undefined ? [] : [{ ...person, to, allowed: may.has(person.userId) && isTrustedAddress(person) }];
  });
}

async function sendTo(ctx: Ctx, mailbox: readonly Candidate[], pageLanguage: Language): Promise<void> {
  const [first] = mailbox;
  if (!first || !(await countRecovery([{ by: 'mailbox', value: fold(first.to) }], ctx.now))) return;
  const allowed = mailbox.filter((person) => person.allowed);
  const linked = allowed.slice(0, MOST_IN_A_MAIL).filter(({ liveLinks }) => liveLinks < MOST_LIVE_LINKS);
  // Whoever has three links that work needs no fourth.
  if (allowed.length > 0 && linked.length === 0) return;
  const refused = mailbox.filter((person) => !person.allowed).slice(0, MOST_IN_A_MAIL);
  // One after the other: they share the transaction's connection.
  const recoverable: Recoverable[] = [];
  for (const person of linked) recoverable.push(await withLink(ctx, person));
  const unrecoverable: Unrecoverable[] = [];
  for (const person of refused) unrecoverable.push(await withAdministrators(ctx, person));
  const [account, ...accounts] = recoverable;
  const [other, ...others] = unrecoverable;
  const single = mailbox.length === 1;
  const shared = {
    to: first.to,
    language:
      mailbox.map(({ document }) => storedLanguage(document)).find((stored) => stored !== undefined) ?? pageLanguage,
    // A mail about people of several organizations belongs to none of them.
    organizationId: mailbox.every(({ organizationId }) => organizationId === first.organizationId)
      ? first.organizationId
      : OPERATOR_ORGANIZATION_ID,
    ...(single && { userId: first.userId }),
  };
  if (account) {
    const values = {
      by: null,
      accounts: [account, ...accounts],
      others: unrecoverable,
      more: allowed.length > MOST_IN_A_MAIL,
    } as const;
    await queueMail(ctx, { ...shared, kind: 'recovery', values, usefulUntil: account.link.expiresAt });
  } else if (other) {
    await queueMail(ctx, { ...shared, kind: 'recovery_without_right', values: { accounts: [other, ...others] } });
  }
  for (const { organizationId, userId } of linked)
    await audit({ ...ctx, organizationId }, userId, 'password.recovery_sent');
  for (const { organizationId, userId } of refused)
    await audit({ ...ctx, organizationId }, userId, 'password.recovery_refused');
}

async function withLink(ctx: Ctx, person: Candidate): Promise<Recoverable> {
  const { organizationId, userId, organization, hasPassword, to } = person;
  const { token, expiresAt } = await createLink(ctx, { organizationId, userId, purpose: 'recovery', sentTo: fold(to) });
  const path = `${hasPassword ? '/new-password' : '/welcome'}/${token}`;
  return {
    username: String(person.document['userName']),
    organization,
    hasPassword,
    link: { path, expiresAt, minutes: LINK_MINUTES.recovery },
  };
}

async function withAdministrators(ctx: Ctx, person: Candidate): Promise<Unrecoverable> {
  const found = await findAdministrators(person.organizationId, ctx.now);
  const others = found.filter(({ email }) => email === undefined || fold(email) !== fold(person.to));
  return {
    username: String(person.document['userName']),
    organization: person.organization,
    administrators: others.slice(0, MOST_NAMED),
  };
}

const audit = (ctx: OrganizationCtx, userId: string, action: string) =>
  recordAudit(ctx, { action, targetKind: 'user', targetId: userId });
