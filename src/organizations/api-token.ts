// Bearer tokens of the management API: `mandate_<256 random bits>`, of which only the SHA-256 is kept. They belong to
// the operator; their acts stand in the audit under the token's name. What a role may do is the API's affair.
import { createHash, randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { auditSelect, auditValues, recordAudit } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { prepared, query, queryOne } from '../database/query.ts';
import { afterCommit, transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { isId } from '../users/is-id.ts';
import { checkOperator } from './check-operator.ts';
import { checkText, invalid } from './check-settings.ts';
import { OPERATOR_ORGANIZATION_ID } from './operator-organization.ts';

export const API_ROLES = ['owner', 'support', 'catalogue', 'security', 'auditor'] as const;
export type ApiRole = (typeof API_ROLES)[number];

export type ApiToken = {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly ApiRole[];
  readonly createdAt: Date;
  /** Null: until it is revoked. */
  readonly expiresAt: Date | null;
  /** To the minute. */
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
};

type NewApiToken = {
  readonly name: string;
  readonly roles: readonly ApiRole[];
  readonly expiresAt?: Date | null;
  /** The part after `mandate_`; made by us when absent. */
  readonly secret?: string;
};

const COLUMNS = `id, name, roles, created_at as "createdAt", expires_at as "expiresAt", last_used_at as "lastUsedAt",
  revoked_at as "revokedAt"`;

const TOKEN = /^mandate_[A-Za-z0-9_-]{43}$/;
const KEPT_MS = 1000;
const MOST_KEPT = 1000;
const TOUCH_MS = 60_000;

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** The token exists only in the answer. Throws HubError `not_permitted` (operator only), `invalid_input`, `uniqueness`. */
export async function createApiToken(ctx: Ctx, input: NewApiToken): Promise<ApiToken & { readonly token: string }> {
  checkOperator(ctx);
  checkText('name', input.name, 200);
  const roles = API_ROLES.filter((role) => input.roles.includes(role));
  if (roles.length === 0) throw invalid('roles', `Name at least one role of ${API_ROLES.join(', ')}.`);
  if (input.expiresAt && input.expiresAt <= ctx.now) throw invalid('expiresAt', 'The end lies in the past.');
  const token = `mandate_${input.secret ?? randomBytes(32).toString('base64url')}`;
  if (!TOKEN.test(token)) throw invalid('secret', 'A secret is 32 bytes in base64url.');
  const id = uuidv7();
  const row = await queryOne<ApiToken>(
    `with created as (
      insert into api_tokens (id, name, roles, secret_hash, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)
      on conflict (secret_hash) do nothing returning *
    ), audited as (${auditSelect(7, 'from created')})
    select ${COLUMNS} from created`,
    [
      id,
      input.name.trim(),
      roles,
      hashOf(token),
      ctx.now,
      input.expiresAt ?? null,
      ...auditValues(ctx, {
        action: 'api_token.created',
        targetKind: 'api_token',
        targetId: id,
        organizationId: OPERATOR_ORGANIZATION_ID,
        after: { name: input.name.trim(), roles, expiresAt: input.expiresAt ?? null },
      }),
    ],
  );
  if (!row) throw new HubError('uniqueness', 'This secret is in use.', { attribute: 'secret' });
  return { ...row, token };
}

type Kept = { readonly found: ApiToken | undefined; readonly until: number };
const kept = new Map<string, Kept>();
const touched = new Map<string, number>();

const FIND = prepared(
  'api_token_find',
  `select ${COLUMNS} from api_tokens
   where secret_hash = $1 and revoked_at is null and (expires_at is null or expires_at > now())`,
);

/** Written at most once a minute and token: the time of last use is for people. */
function touch(id: string, now: number): void {
  if (now - (touched.get(id) ?? 0) < TOUCH_MS) return;
  touched.set(id, now);
  void query('update api_tokens set last_used_at = now() where id = $1', [id]).catch(() => touched.delete(id));
}

/** Undefined for one that is unknown, expired, revoked or malformed. An answer is kept for at most a second, in this process only. */
export async function findApiToken(token: string): Promise<ApiToken | undefined> {
  if (!TOKEN.test(token)) return undefined;
  const now = Date.now();
  const hash = hashOf(token);
  const key = hash.toString('base64url');
  const known = kept.get(key);
  const found = known && known.until > now ? known.found : await queryOne<ApiToken>(FIND, [hash]);
  if (kept.size >= MOST_KEPT) kept.clear();
  if (!known || known.until <= now) kept.set(key, { found, until: now + KEPT_MS });
  if (!found || (found.expiresAt !== null && found.expiresAt.getTime() <= now)) return undefined;
  touch(found.id, now);
  return found;
}

type ApiTokenPage = { readonly tokens: ApiToken[]; readonly next: string | null };

/** Oldest first, revoked and expired ones too; `after` is the `next` of the page before. Throws HubError `not_permitted`. */
export async function listApiTokens(
  ctx: Ctx,
  { after, limit = 50 }: { after?: string; limit?: number } = {},
): Promise<ApiTokenPage> {
  checkOperator(ctx);
  const rows = await query<ApiToken>(
    `select ${COLUMNS} from api_tokens where ($1::uuid is null or id > $1) order by id limit $2`,
    [after !== undefined && isId(after) ? after : null, limit + 1],
  );
  const tokens = rows.slice(0, limit);
  return { tokens, next: rows.length > limit ? (tokens.at(-1)?.id ?? null) : null };
}

/** One revoked already stays as it was. Throws HubError `not_permitted` (operator only), `not_found`. */
export function revokeApiToken(ctx: Ctx, id: string): Promise<void> {
  checkOperator(ctx);
  return transaction(async () => {
    const found = isId(id)
      ? await queryOne<{ name: string; revoked: boolean }>(
          `select name, revoked_at is not null as revoked from api_tokens where id = $1 for update`,
          [id],
        )
      : undefined;
    if (!found) throw new HubError('not_found', `There is no API token ${id}.`);
    if (found.revoked) return;
    await query('update api_tokens set revoked_at = $2 where id = $1', [id, ctx.now]);
    await recordAudit(ctx, {
      action: 'api_token.revoked',
      targetKind: 'api_token',
      targetId: id.toLowerCase(),
      organizationId: OPERATOR_ORGANIZATION_ID,
      before: { name: found.name },
    });
    afterCommit(() => kept.clear());
  });
}
