// Takes the public form: keeps it and mails a link to the address that it names. Nobody else hears of it before that link
// is used, so a stranger's form reaches nobody but the mailbox, and that three times an hour at most.
import { createHash, randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Ctx } from '../context.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { queueMail } from '../mail/queue-mail.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import { fold } from '../provisioning/fold.ts';
import { checkRegistration, cleanRegistration } from './check-registration.ts';
import { countRegistration } from './registration-throttle.ts';
import type { RegistrationDetails } from './registration.ts';

export const CONFIRM_HOURS = 24;

export const registrationHash = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** `address`: the visitor's IP address. Throws HubError `invalid_input` (details.issues), `throttled`. */
export async function requestRegistration(ctx: Ctx, given: RegistrationDetails, address: string): Promise<void> {
  const details = cleanRegistration(given);
  checkRegistration(details);
  const counted = [
    { by: 'address', value: address },
    { by: 'mailbox', value: fold(details.email) },
  ] as const;
  await countRegistration(counted, ctx.now);
  const [id, secret] = [uuidv7(), randomBytes(32).toString('base64url')];
  const expiresAt = new Date(ctx.now.getTime() + CONFIRM_HOURS * 3_600_000);
  await transaction(async () => {
    await query(
      `insert into registrations (organization_id, id, company, customer_number, proof, given_name, family_name, email, email_key, phone,
         language, applications, state, secret_hash, created_at, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'unconfirmed', $13, $14, $15)`,
      [
        OPERATOR_ORGANIZATION_ID,
        id,
        details.company,
        details.customerNumber,
        details.proof,
        details.givenName,
        details.familyName,
        details.email,
        fold(details.email),
        details.phone,
        details.language,
        details.applications,
        registrationHash(secret),
        ctx.now,
        expiresAt,
      ],
    );
    await queueMail(ctx, {
      kind: 'registration_confirmation',
      to: details.email,
      language: details.language,
      organizationId: OPERATOR_ORGANIZATION_ID,
      values: {
        name: `${details.givenName} ${details.familyName}`,
        company: details.company,
        link: { path: `/register/confirm/${id}.${secret}`, expiresAt, minutes: CONFIRM_HOURS * 60 },
      },
      usefulUntil: expiresAt,
    });
  });
}
