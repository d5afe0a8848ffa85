// Which e-mail address may get a link that opens an account. Whoever controls the address has the account, and a directory
// can write any address into the records it owns: it must not come into people's accounts that way. So an address counts
//   - that the person confirmed by using a link sent to it (users.trusted_email_key), as long as it has not been changed;
//   - that people of the organization set themselves, on a record that no directory owns; one that a directory wrote over
//     another, or an administrator did where the person has a password, counts only once confirmed;
//   - that the directory gave with the record and has not changed since, until somebody has set a password: as an invitation
//     would be sent there.
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';

export type AddressFacts = {
  /** Folded; of the record as it is now. */
  readonly emailKey: string | null;
  readonly trustedEmailKey: string | null;
  /** The address that an administrator or a directory wrote over another, or a directory took away, and nobody confirmed. */
  readonly unconfirmedEmailKey: string | null;
  readonly connectionId: string | null;
  readonly hasPassword: boolean;
};

/** Columns that make AddressFacts, of users `u`. */
export const ADDRESS_COLUMNS = `u.email_key as "emailKey", u.trusted_email_key as "trustedEmailKey",
  u.unconfirmed_email_key as "unconfirmedEmailKey", u.connection_id as "connectionId",
  exists (select 1 from passwords p where p.organization_id = u.organization_id and p.user_id = u.id) as "hasPassword"`;

export function isTrustedAddress(facts: AddressFacts): boolean {
  const { emailKey, trustedEmailKey, unconfirmedEmailKey, connectionId, hasPassword } = facts;
  if (emailKey === null) return false;
  if (trustedEmailKey === emailKey) return true;
  if (unconfirmedEmailKey === emailKey) return false;
  return connectionId === null || (trustedEmailKey === null && !hasPassword);
}

type ConfirmedAddress = { organizationId: string; userId: string; emailKey: string };

/** The person used a link that was sent there. Without effect if his address is another one by now. */
export async function confirmAddress({ organizationId, userId, emailKey }: ConfirmedAddress): Promise<void> {
  await query('update users set trusted_email_key = $3 where organization_id = $1 and id = $2 and email_key = $3', [
    organizationId,
    userId,
    emailKey,
  ]);
}

/** Before records pass to a directory: the addresses that are trusted now stay so, later ones of its making are not. */
export async function keepAddressesTrusted(ctx: OrganizationCtx, userIds: readonly string[]): Promise<void> {
  await query(
    `update users set trusted_email_key = email_key where organization_id = $1 and id = any($2) and connection_id is null
       and unconfirmed_email_key is distinct from email_key`,
    [ctx.organizationId, userIds],
  );
}
