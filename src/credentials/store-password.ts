// Writes a user's password; what its hash was made from and who may set it is decided by the callers in this folder.
import type { Ctx } from '../context.ts';
import { prepared, query, queryOne } from '../database/query.ts';
import { HubError } from '../errors.ts';
import type { Document } from '../provisioning/attribute.ts';
import { emailOf, nameOf } from '../users/user-row.ts';
import { brokenRules, passwordPolicy, type PasswordPolicy } from './password-rules.ts';
import { passwordSettings } from './password-hash.ts';

const UPSERT = prepared(
  'password_store',
  `insert into passwords (organization_id, user_id, hash, temporary, expires_at, changed_at) values ($1, $2, $3, $4, $5, $6)
   on conflict (organization_id, user_id) do update set hash = excluded.hash, temporary = excluded.temporary,
     expires_at = excluded.expires_at, changed_at = excluded.changed_at`,
);

export type StoredPassword = {
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

export type PasswordOwner = { userName: string; personal: string[]; policy: PasswordPolicy; hash: string | undefined };

/** The active user whose password is to be set. Throws HubError `not_found`. */
export async function findPasswordOwner(organizationId: string, userId: string): Promise<PasswordOwner> {
  const row = await queryOne<{ document: Document; settings: Record<string, unknown>; hash: string | null }>(
    `select u.document, o.settings, p.hash from users u join organizations o on o.id = u.organization_id
     left join passwords p on (p.organization_id, p.user_id) = (u.organization_id, u.id)
     where u.organization_id = $1 and u.id = $2 and u.active and u.deleted_at is null and u.kind = 'person' and o.state = 'active'`,
    [organizationId, userId],
  );
  if (!row) throw new HubError('not_found', 'There is no such user.');
  const userName = String(row.document['userName']);
  const email = emailOf(row.document);
  return {
    userName,
    personal: [userName, nameOf(row.document), ...(email === null ? [] : [email])],
    policy: passwordPolicy(passwordSettings().minimum_length, row.settings),
    hash: row.hash ?? undefined,
  };
}

/** Throws HubError `invalid_input`; each of details.issues has the path `password` and the code of a rule. */
export function checkNewPassword(owner: PasswordOwner, password: string, current?: string): void {
  const broken = brokenRules({ password, personal: owner.personal, current }, owner.policy);
  if (broken.length === 0) return;
  throw new HubError('invalid_input', 'The new password does not meet the rules.', {
    issues: broken.map((code) => ({ path: 'password', code, message: `The password breaks the rule ${code}.` })),
  });
}
