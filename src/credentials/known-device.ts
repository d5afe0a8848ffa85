// The browsers that a person signed in with before, by the hash of their device cookie. One that is new, beside those that
// are known, is news to him: he gets a mail. The very first one is not.
import { createHmac } from 'node:crypto';
import type { Ctx } from '../context.ts';
import { deleteInPortions } from '../database/delete-in-portions.ts';
import { prepared, queryOne } from '../database/query.ts';
import { mailUser } from '../mail/mail-user.ts';
import { shownPrefix } from './address-prefix.ts';
import type { SeenFrom } from './note-session.ts';
import { secrets } from './secrets.ts';
import { deviceWords } from './user-agent.ts';

const KEPT_DAYS = 400;

const SEEN = prepared(
  'known_device_seen',
  `with before as (
     select exists (select 1 from known_devices where organization_id = $1 and user_id = $2) as any,
       exists (select 1 from known_devices where organization_id = $1 and user_id = $2 and device_hash = $3) as this
   ), seen as (
     insert into known_devices (organization_id, user_id, device_hash, first_seen_at, last_seen_at) values ($1, $2, $3, $4, $4)
     on conflict (organization_id, user_id, device_hash) do update set last_seen_at = excluded.last_seen_at
   ) select before.any and not before.this as news from before`,
);

const hashOf = (deviceId: string): Buffer =>
  createHmac('sha256', secrets().derive('throttle'))
    .update(JSON.stringify(['known device', deviceId]))
    .digest();

type DeviceSignIn = {
  readonly organizationId: string;
  readonly userId: string;
  readonly deviceId: string;
  readonly from: SeenFrom;
};

/** In the transaction of the sign-in. */
export async function noteDevice(ctx: Ctx, { organizationId, userId, deviceId, from }: DeviceSignIn): Promise<void> {
  const row = await queryOne<{ news: boolean }>(SEEN, [organizationId, userId, hashOf(deviceId), ctx.now]);
  if (row?.news !== true) return;
  const values = { at: ctx.now, ...deviceWords(from.userAgent), address: shownPrefix(from.address) };
  await mailUser(ctx, { kind: 'new_device', organizationId, userId, values });
}

/** The cookie itself lives a year. Answers how many went. */
export const sweepDevices = (now: Date): Promise<number> =>
  deleteInPortions({
    table: 'known_devices',
    column: 'last_seen_at',
    before: new Date(now.getTime() - KEPT_DAYS * 86_400_000),
  });
