// What a new hub needs from its operator: an account to sign in with and a token for the command line. Both are
// made at the first start; the link is shown until the password is set.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config.ts';
import type { Ctx } from './context.ts';
import { createLink } from './credentials/one-time-link.ts';
import { query, queryOne } from './database/query.ts';
import { transaction } from './database/transaction.ts';
import { createApiToken } from './organizations/api-token.ts';
import { OPERATOR_ORGANIZATION_ID } from './organizations/operator-organization.ts';
import { setStaffRoles } from './organizations/staff-roles.ts';
import { USER_SCHEMA } from './provisioning/schemas.ts';
import { createUser } from './users/create-user.ts';

type Owner = { id: string; has_password: boolean };

const findOwner = () =>
  queryOne<Owner>(
    `select u.id, exists (select 1 from passwords p where p.organization_id = u.organization_id and p.user_id = u.id) as has_password
     from users u where u.organization_id = $1 and u.kind = 'person' and u.deleted_at is null order by u.created_at, u.id limit 1`,
    [OPERATOR_ORGANIZATION_ID],
  );

async function createOwner(ctx: Ctx): Promise<Owner> {
  const document = { schemas: [USER_SCHEMA], userName: 'operator', displayName: 'Operator', active: true };
  const { id } = await createUser({ ...ctx, organizationId: OPERATOR_ORGANIZATION_ID }, { document });
  await setStaffRoles(ctx, id, ['owner']);
  return { id, has_password: false };
}

/** Where the command line on this machine finds its token. */
const operatorTokenFile = (dataDir: string): string => join(dataDir, 'operator-token');

/** A token for the command line, once in the life of a hub: only the file has it. */
async function ensureOperatorToken(ctx: Ctx, dataDir: string): Promise<string[]> {
  if (await queryOne('select 1 from api_tokens limit 1')) return [];
  const { token } = await createApiToken(ctx, { name: 'first token', roles: ['owner'] });
  await mkdir(dataDir, { recursive: true });
  await writeFile(operatorTokenFile(dataDir), `${token}\n`, { mode: 0o600 });
  return [`A token for the command line is in ${operatorTokenFile(dataDir)}.`];
}

/** One hub at a time, of those that start together: two would make two owners' tokens, and only one file is left. */
const FIRST_STEPS_LOCK = 7_301_946;

/**
 * The lines to print; none once everything is done. All or nothing: a folder that cannot be written stops the start, and the
 * next one finds the token still to be made.
 */
export const firstSteps = (ctx: Ctx, config: Config): Promise<string[]> =>
  transaction(async () => {
    await query('select pg_advisory_xact_lock($1)', [FIRST_STEPS_LOCK]);
    return takeFirstSteps(ctx, config);
  });

async function takeFirstSteps(ctx: Ctx, config: Config): Promise<string[]> {
  const owner = (await findOwner()) ?? (await createOwner(ctx));
  const token = await ensureOperatorToken(ctx, config.data_dir);
  if (owner.has_password) return token;
  const link = await createLink(ctx, {
    organizationId: OPERATOR_ORGANIZATION_ID,
    userId: owner.id,
    purpose: 'first_password',
  });
  return [
    `Set the password of the user "operator" within 7 days: ${config.public_url.origin}/welcome/${link.token}`,
    ...token,
  ];
}
