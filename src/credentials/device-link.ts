// The way in for the owner of a name on which a hundred wrong passwords were tried: a mailed link makes the browser in which
// it is used one that knows him, where his password is tried apart from everybody else's. The door answers nothing, and
// whether somebody has that name is looked up by the job alone, as in recovery.
import type { Logger } from 'pino';
import { recordAudit } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { enqueue, type JobHandler } from '../database/jobs.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { mailableAddress, mailUser } from '../mail/mail-user.ts';
import type { Document } from '../provisioning/attribute.ts';
import { fold } from '../provisioning/fold.ts';
import { createLink, LINK_MINUTES, readLink, useLink, type LinkState } from './one-time-link.ts';
import { countRecovery } from './recovery-throttle.ts';
import { secrets } from './secrets.ts';
import { rememberPersons, type Device } from './sign-in-throttle.ts';
import { ADDRESS_COLUMNS, isTrustedAddress, type AddressFacts } from './trusted-address.ts';

export const MAIL_DEVICE_LINK = 'mail-device-link';
const LABEL = 'device link request';
/** So many stay alive of a user (one-time-link.ts), and for a day: nobody's mailbox gets more. */
const MOST_LIVE_LINKS = 3;

/** Takes what was typed; too many requests are dropped in silence. */
export async function requestDeviceLink(ctx: Ctx, identifier: string): Promise<void> {
  const name = fold(identifier.trim());
  if (!(await countRecovery([{ by: 'identifier', value: `device ${name}` }], ctx.now))) return;
  await enqueue(MAIL_DEVICE_LINK, { request: secrets().seal(Buffer.from(name), LABEL).toString('base64') });
}

type Person = AddressFacts & {
  readonly organizationId: string;
  readonly userId: string;
  readonly document: Document;
  readonly liveLinks: number;
};

const FIND = `
  select u.organization_id as "organizationId", u.id as "userId", u.document, ${ADDRESS_COLUMNS},
    (select count(*)::int from links l where l.organization_id = u.organization_id and l.user_id = u.id and l.purpose = 'device'
      and l.used_at is null and l.expires_at > $2) as "liveLinks"
  from sign_in_names n
  join users u on (u.organization_id, u.id) = (n.organization_id, n.user_id)
  join organizations o on o.id = n.organization_id
  where n.name_key = $1 and u.active and u.deleted_at is null and u.kind = 'person' and o.state = 'active'
  order by u.last_sign_in_at desc nulls last, u.organization_id, u.id limit 3`;

export const mailDeviceLinks = (log: Logger): JobHandler => ({
  run: async ({ request }) => {
    const ctx: Ctx = {
      actor: { kind: 'system', id: 'device-link', label: 'Sign-in' },
      requestId: 'device-link',
      now: new Date(),
      log,
    };
    const name = secrets()
      .open(Buffer.from(String(request), 'base64'), LABEL)
      .toString();
    await transaction(async () => {
      for (const person of await query<Person>(FIND, [name, ctx.now])) await mail(ctx, person);
    });
  },
});

async function mail(ctx: Ctx, person: Person): Promise<void> {
  const { organizationId, userId, document, liveLinks, hasPassword } = person;
  const to = mailableAddress(document);
  if (to === undefined || !hasPassword || !isTrustedAddress(person) || liveLinks >= MOST_LIVE_LINKS) return;
  const { token, expiresAt } = await createLink(ctx, { organizationId, userId, purpose: 'device', sentTo: fold(to) });
  const link = { path: `/confirm-device/${token}`, expiresAt, minutes: LINK_MINUTES.device };
  await mailUser(ctx, { kind: 'device_link', organizationId, userId, values: { link }, usefulUntil: expiresAt });
}

export const readDeviceLink = (token: string, now: Date): Promise<LinkState> => readLink(token, ['device'], now);

/** Answers the device as it is to be remembered. Throws HubError `not_found`, `conflict` for a link just used. */
export async function confirmDevice(ctx: Ctx, token: string, device: Device | undefined): Promise<Device> {
  const link = await readDeviceLink(token, ctx.now);
  if (link.state !== 'valid') throw new HubError('not_found', 'The link cannot be used.');
  const { organizationId, userId } = link;
  await transaction(async () => {
    await useLink(token, ctx.now);
    await recordAudit(ctx, {
      action: 'sign_in.device_confirmed',
      targetKind: 'user',
      targetId: userId,
      organizationId,
    });
  });
  return rememberPersons(device, [{ organizationId, userId }]);
}
