// What follows when another e-mail address is written into somebody's record: it is not trusted for recovery until the person
// has confirmed it. Where an administrator or the operator wrote it, the former address hears of it and can undo it, unless
// there is no password yet and so nothing that hangs on the address; a directory does as it likes with what it owns.
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import type { Document } from '../provisioning/attribute.ts';
import { fold } from '../provisioning/fold.ts';
import { emailOf } from '../users/user-row.ts';
import { announceEmailChange } from './announce-email-change.ts';
import { ADDRESS_COLUMNS, isTrustedAddress, type AddressFacts } from './trusted-address.ts';

type Row = AddressFacts & { organization: string };

/** In the transaction that has written the new document. */
export async function followEmailChange(
  ctx: OrganizationCtx,
  { userId, before, after }: { userId: string; before: Document; after: Document },
): Promise<void> {
  if (ctx.actor.kind === 'connection') return noteUnconfirmed(ctx, userId, before, after);
  if (ctx.actor.kind !== 'user' && ctx.actor.kind !== 'operator') return;
  const row = await queryOne<Row>(
    `select o.name as organization, ${ADDRESS_COLUMNS} from users u join organizations o on o.id = u.organization_id
     where u.organization_id = $1 and u.id = $2 and u.kind = 'person'`,
    [ctx.organizationId, userId],
  );
  const email = emailOf(after);
  if (!row || row.connectionId !== null || !row.hasPassword || email === null) return;
  const former = emailOf(before);
  const trusted = former !== null && isTrustedAddress({ ...row, emailKey: fold(former) });
  await noteUnconfirmed(ctx, userId, before, after);
  await announceEmailChange(ctx, {
    userId,
    document: before,
    organization: row.organization,
    former: former === null ? undefined : { email: former, trusted },
    email,
    applied: true,
  });
}

/** A directory's first address counts as given with the record; not so the one that follows another that it took away. */
async function noteUnconfirmed(ctx: OrganizationCtx, userId: string, before: Document, after: Document): Promise<void> {
  const former = emailOf(before);
  const noted = emailOf(after) ?? former;
  if (noted === null) return;
  await query(
    `update users set unconfirmed_email_key = $3 where organization_id = $1 and id = $2
       and ($4::boolean or unconfirmed_email_key is not null)`,
    [ctx.organizationId, userId, fold(noted), ctx.actor.kind !== 'connection' || former !== null],
  );
}
