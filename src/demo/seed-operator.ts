// The operator's side of the demonstration: his colleagues with their roles, companies that ask to be admitted, and figures as
// a hub has them after some months of work.
import type { Ctx } from '../context.ts';
import { hashPassword } from '../credentials/password-hash.ts';
import { storePassword } from '../credentials/store-password.ts';
import { enrolTotp } from '../credentials/totp.ts';
import { query } from '../database/query.ts';
import { countActivity, flushActivity, type ActivityKind } from '../figures/count-activity.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import { setStaffRoles } from '../organizations/staff-roles.ts';
import { listMails } from '../mail/list-mails.ts';
import { confirmRegistration } from '../registrations/confirm-registration.ts';
import { requestRegistration } from '../registrations/request-registration.ts';
import { createUser } from '../users/create-user.ts';
import type { DemoRegistration, DemoStaff } from './demo-data.ts';
import { demoPassword, demoTotpSeed } from './demo-secrets.ts';
import { personDocument } from './seed-organization.ts';

/** Hashing is not for transactions. */
export const hashStaffPasswords = async (staff: readonly DemoStaff[]): Promise<ReadonlyMap<string, string>> =>
  new Map(
    await Promise.all(
      staff.map(async ({ user_name: name }) => [name, await hashPassword(demoPassword('operator', name))] as const),
    ),
  );

export async function seedStaff(
  ctx: Ctx,
  staff: readonly DemoStaff[],
  hashes: ReadonlyMap<string, string>,
): Promise<void> {
  const home = { ...ctx, organizationId: OPERATOR_ORGANIZATION_ID };
  for (const { roles, ...person } of staff) {
    const { id: userId } = await createUser(home, { document: personDocument(person) });
    const keys = { organizationId: OPERATOR_ORGANIZATION_ID, userId };
    await setStaffRoles(ctx, userId, roles);
    await enrolTotp(home, { ...keys, seed: demoTotpSeed('operator', person.user_name) });
    await storePassword(home, { ...keys, hash: hashes.get(person.user_name) ?? '' });
  }
}

/** As people register: the form, and the link of the mail that it sends. */
export async function seedRegistrations(ctx: Ctx, registrations: readonly DemoRegistration[]): Promise<void> {
  for (const {
    customer_number: customerNumber,
    given_name: givenName,
    family_name: familyName,
    ...rest
  } of registrations) {
    await requestRegistration(ctx, { ...rest, customerNumber, givenName, familyName }, '127.0.0.1');
    const mail = (await listMails(20)).find(
      ({ to, kind }) => to === rest.email && kind === 'registration_confirmation',
    );
    const token = /\/register\/confirm\/([\w.-]+)/.exec(mail?.text ?? '')?.[1];
    // With a mail server the mails are not kept here; then the registrations wait for a click, as anybody's do.
    if (token !== undefined) await confirmRegistration(ctx, token);
  }
}

const DAYS = 90;
const HOUR_MS = 3_600_000;

/** How busy an hour of the week is, from 0 to 1: offices work from eight to six, and Tuesday is the day of the mailings. */
function busy(at: Date): number {
  const [day, hour] = [at.getUTCDay(), at.getUTCHours()];
  if (hour < 6 || hour > 18) return 0.02;
  const week = [0.05, 0.8, 1, 0.85, 0.8, 0.7, 0.08][day] ?? 0;
  return week * (1 - Math.abs(hour - 11) / 14);
}

/** Always the same for the same hour. */
const noise = (at: Date, salt: number): number =>
  0.75 + ((Math.floor(at.getTime() / HOUR_MS) * 7919 + salt * 104_729) % 1000) / 2000;

export async function seedFigures(ctx: Ctx): Promise<void> {
  const directories = await query<{ id: string }>(
    'select distinct organization_id as id from provisioning_connections where ended_at is null order by 1',
  );
  const begin = ctx.now.getTime() - DAYS * 24 * HOUR_MS;
  for (let time = begin; time < ctx.now.getTime(); time += HOUR_MS) {
    const at = new Date(time);
    const count = (kind: ActivityKind, most: number, salt: number, organizationId?: string) => {
      const times = Math.round(most * busy(at) * noise(at, salt));
      if (times > 0) countActivity(kind, ctx.log, organizationId, { at, times });
    };
    count('sign_in', 140, 1);
    count('sign_in_failed', 9, 2);
    count('token', 620, 3);
    count('token_refused', 12, 4);
    directories.forEach(({ id }, i) => {
      count('provisioning', 90 / (i + 1), 5 + i, id);
      count('provisioning_failed', 4 / (i + 1), 25 + i, id);
    });
  }
  await flushActivity(ctx.log);
}
