// The link of the mail was used: the address is his. A customer number that nobody has goes to the operator. One that an
// organization has goes to its administrators, by mail; the asker is told the same, so the form says nothing of customers.
import { recordAudit } from '../audit/record.ts';
import { catalogue } from '../applications/current-catalogue.ts';
import type { Ctx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { mailUser } from '../mail/mail-user.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import { isId } from '../users/is-id.ts';
import { REGISTRATION_COLUMNS, type Registration } from './registration.ts';
import { registrationHash } from './request-registration.ts';

const MOST_TOLD = 10;

/** What a link opens; undefined for one that is unknown, used too late or malformed. One that was used already opens still. */
export async function findByLink(ctx: Ctx, token: string): Promise<Registration | undefined> {
  const [id = '', secret = ''] = token.split('.');
  if (!isId(id) || secret.length !== 43) return undefined;
  return queryOne<Registration>(
    `select ${REGISTRATION_COLUMNS} from registrations where organization_id = $1 and id = $2 and secret_hash = $3
       and (state <> 'unconfirmed' or expires_at > $4) for update`,
    [OPERATOR_ORGANIZATION_ID, id, registrationHash(secret), ctx.now],
  );
}

/** Again is the same as once. Throws HubError `not_found`. */
export function confirmRegistration(ctx: Ctx, token: string): Promise<void> {
  return transaction(async () => {
    const found = await findByLink(ctx, token);
    if (!found) throw new HubError('not_found', 'This link is not valid any more.');
    if (found.state !== 'unconfirmed') return;
    const owner = await queryOne<{ organization_id: string }>(
      'select organization_id from customer_account_numbers where number = $1',
      [found.customerNumber],
    );
    const asked = owner === undefined && !(await isAskedAlready(found));
    const state = asked ? 'pending' : 'forwarded';
    await query('update registrations set state = $3, confirmed_at = $4 where organization_id = $1 and id = $2', [
      OPERATOR_ORGANIZATION_ID,
      found.id,
      state,
      ctx.now,
    ]);
    if (owner) await tellAdministrators(ctx, found, owner.organization_id);
    await recordAudit(ctx, {
      action: 'registration.confirmed',
      targetKind: 'registration',
      targetId: found.id,
      organizationId: OPERATOR_ORGANIZATION_ID,
      after: { name: found.company, customerNumber: found.customerNumber, state },
    });
  });
}

/** Holds the number for this transaction, so that two at once do not both become the open one. */
async function isAskedAlready({ customerNumber }: Registration): Promise<boolean> {
  await query('select pg_advisory_xact_lock(hashtextextended($1, 14))', [customerNumber]);
  const open = await queryOne(
    `select 1 from registrations where organization_id = $1 and customer_number = $2 and state = 'pending'`,
    [OPERATOR_ORGANIZATION_ID, customerNumber],
  );
  return open !== undefined;
}

async function tellAdministrators(ctx: Ctx, found: Registration, organizationId: string): Promise<void> {
  const told = await query<{ id: string }>(
    `select u.id from users u where u.organization_id = $1 and u.active and u.deleted_at is null and u.kind = 'person' and exists (
       select 1 from administration_rights r where r.organization_id = $1 and r.ended_at is null and r.subject_id = u.id
         and (r.valid_until is null or r.valid_until > $2) and r.name in ('chief_administrator', 'manage_administrators', 'manage_users'))
     order by u.id limit ${MOST_TOLD}`,
    [organizationId, ctx.now],
  );
  const labels = found.applications.flatMap((key) => catalogue().get(key)?.label ?? []);
  for (const { id: userId } of told) {
    await mailUser(ctx, {
      kind: 'registration_notice',
      organizationId,
      userId,
      values: {
        asker: `${found.givenName} ${found.familyName}`,
        email: found.email,
        customerNumber: found.customerNumber,
        applications: labels,
      },
    });
  }
}
