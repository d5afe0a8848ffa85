// Writes a user's password; what its hash was made from and who may set it is decided by the callers in this folder.
import { v7 as uuidv7 } from 'uuid';
import type { Ctx } from '../context.ts';
import { prepared, query, queryOne } from '../database/query.ts';
import { HubError } from '../errors.ts';
import type { Document } from '../provisioning/attribute.ts';
import { emailOf, nameOf } from '../users/user-row.ts';
import { passwordSettings, verifyPassword } from './password-hash.ts';
import {
  brokenRules,
  MOST_REMEMBERED,
  passwordPolicy,
  type PasswordPolicy,
  type PasswordRule,
} from './password-rules.ts';

const UPSERT = prepared(
  'password_store',
  `insert into passwords (organization_id, user_id, hash, temporary, expires_at, changed_at) values ($1, $2, $3, $4, $5, $6)
   on conflict (organization_id, user_id) do update set hash = excluded.hash, temporary = excluded.temporary,
     expires_at = excluded.expires_at, changed_at = excluded.changed_at`,
);

type StoredPassword = {
  organizationId: string;
  userId: string;
  /** From hashPassword. */
  hash: string;
  /** A temporary password ends then and must be changed at the first sign-in. */
  temporaryUntil?: Date;
};

/** In the ambient transaction; writes no audit row and ends no session. */
export async function storePassword(
  ctx: Ctx,
  { organizationId, userId, hash, temporaryUntil }: StoredPassword,
): Promise<void> {
  await query(UPSERT, [organizationId, userId, hash, temporaryUntil !== undefined, temporaryUntil ?? null, ctx.now]);
}

export type PasswordOwner = {
  userName: string;
  personal: string[];
  company: string[];
  policy: PasswordPolicy;
  hash: string | undefined;
  /** Former ones, the youngest first, no more than the organization wants remembered. */
  history: string[];
};

type Row = {
  document: Document;
  settings: Record<string, unknown>;
  names: string[];
  hash: string | null;
  secondFactor: boolean;
  history: string[];
};

const OWNER = prepared(
  'password_owner',
  `select u.document, o.settings, p.hash, array[o.name, (select name from organizations where kind = 'operator' limit 1)] as names,
     (exists (select 1 from totp_factors t where t.organization_id = $1 and t.user_id = $2)
       or exists (select 1 from passkeys k where k.organization_id = $1 and k.user_id = $2)) as "secondFactor",
     array(select h.hash from password_history h where h.organization_id = $1 and h.user_id = $2
       order by h.replaced_at desc, h.id desc limit ${MOST_REMEMBERED}) as history
   from users u join organizations o on o.id = u.organization_id
   left join passwords p on (p.organization_id, p.user_id) = (u.organization_id, u.id)
   where u.organization_id = $1 and u.id = $2 and u.active and u.deleted_at is null and u.kind = 'person' and o.state = 'active'`,
);

/** The active user whose password is to be set. Throws HubError `not_found`. */
export async function findPasswordOwner(organizationId: string, userId: string): Promise<PasswordOwner> {
  const row = await queryOne<Row>(OWNER, [organizationId, userId]);
  if (!row) throw new HubError('not_found', 'There is no such user.');
  const userName = String(row.document['userName']);
  const email = emailOf(row.document);
  const policy = passwordPolicy(passwordSettings().minimum_length, row.settings, row.secondFactor);
  return {
    userName,
    personal: [userName, nameOf(row.document), ...(email === null ? [] : [email])],
    company: row.names.filter((name: string | null) => name !== null),
    policy,
    hash: row.hash ?? undefined,
    history: row.history.slice(0, policy.remembered),
  };
}

/** The rules that a password breaks by its text alone. */
export const brokenBy = ({ personal, company, policy }: PasswordOwner, password: string, current?: string) =>
  brokenRules({ password, personal, company, current }, policy);

const refused = (broken: readonly PasswordRule[]) =>
  new HubError('invalid_input', 'The new password does not meet the rules.', {
    issues: broken.map((code) => ({ path: 'password', code, message: `The password breaks the rule ${code}.` })),
  });

/**
 * Throws HubError `invalid_input`; each of details.issues has the path `password` and the code of a rule. Where the
 * organization has former ones remembered it compares with each of them. Never call it in a transaction.
 */
export async function checkNewPassword(owner: PasswordOwner, password: string, current?: string): Promise<void> {
  const broken = brokenBy(owner, password, current);
  if (broken.length > 0) throw refused(broken);
  if (owner.policy.remembered === 0) return;
  for (const hash of [...(owner.hash === undefined ? [] : [owner.hash]), ...owner.history])
    if ((await verifyPassword(hash, password)).right) throw refused(['not_reused']);
}

/**
 * In the ambient transaction, before a new password is stored: the present one joins the former ones, where the organization
 * wants them remembered, and those beyond its number go. A temporary one was nobody's.
 */
export async function rememberPassword(
  ctx: Ctx,
  { organizationId, userId }: { organizationId: string; userId: string },
): Promise<void> {
  await query(
    `insert into password_history (organization_id, user_id, id, hash, replaced_at)
     select p.organization_id, p.user_id, $3, p.hash, $4 from passwords p join organizations o on o.id = p.organization_id
     where p.organization_id = $1 and p.user_id = $2 and not p.temporary and (o.settings ->> 'password_history')::int > 0`,
    [organizationId, userId, uuidv7(), ctx.now],
  );
  await query(
    `delete from password_history where organization_id = $1 and user_id = $2 and id in (
       select id from password_history where organization_id = $1 and user_id = $2 order by replaced_at desc, id desc
       offset (select coalesce((settings ->> 'password_history')::int, 0) from organizations where id = $1))`,
    [organizationId, userId],
  );
}

/** When a person chose his password, or was given a temporary one; undefined: he has none. */
export async function passwordChangedAt(organizationId: string, userId: string): Promise<Date | undefined> {
  const row = await queryOne<{ changedAt: Date }>(
    'select changed_at as "changedAt" from passwords where organization_id = $1 and user_id = $2',
    [organizationId, userId],
  );
  return row?.changedAt;
}
