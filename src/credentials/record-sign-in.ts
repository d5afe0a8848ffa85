// Notes that a person signed in: his record's last sign-in, the audit and the browser, in one statement. A browser that he
// never used before is news to him: then he is told by mail, in the same transaction.
import { auditSelect, auditValues } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { countActivity } from '../figures/count-activity.ts';
import { prepared, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { shownPrefix } from './address-prefix.ts';
import { announceDevice, deviceHash } from './known-device.ts';
import type { SeenFrom } from './note-session.ts';
import { deviceWords } from './user-agent.ts';

/** $5: also where the browser is news; otherwise nothing is written then, and the answer says so. */
const SIGNED_IN = prepared(
  'record_sign_in',
  `with known as (
     select exists (select 1 from known_devices where organization_id = $1 and user_id = $2) as any,
       exists (select 1 from known_devices where organization_id = $1 and user_id = $2 and device_hash = $4) as this
   ), told as (
     select known.any and not known.this as news from known
   ), seen as (
     insert into known_devices (organization_id, user_id, device_hash, first_seen_at, last_seen_at)
     select $1, $2, $4, $3, $3 from told where $5 or not news
     on conflict (organization_id, user_id, device_hash) do update set last_seen_at = excluded.last_seen_at
   ), signed_in as (
     update users set last_sign_in_at = $3 from told where organization_id = $1 and id = $2 and ($5 or not news) returning 1
   ), audited as (
     ${auditSelect(6, 'from signed_in')}
   ) select news from told`,
);

type SignInRecord = {
  organizationId: string;
  userId: string;
  clientId: string;
  /** The browser, by the id in its device cookie, and where it was. */
  device: SeenFrom & { id: string };
};

export async function recordSignIn(ctx: Ctx, record: SignInRecord): Promise<void> {
  const { organizationId, userId, clientId, device } = record;
  const from = { ...deviceWords(device.userAgent), address: shownPrefix(device.address) };
  const after = { client: clientId, ...from };
  const audit = auditValues(ctx, {
    action: 'user.signed_in',
    targetKind: 'user',
    targetId: userId,
    organizationId,
    after,
  });
  const write = (evenIfNews: boolean) =>
    queryOne<{ news: boolean }>(SIGNED_IN, [
      organizationId,
      userId,
      ctx.now,
      deviceHash(device.id),
      evenIfNews,
      ...audit,
    ]);
  if ((await write(false))?.news === true)
    await transaction(async () => {
      await write(true);
      await announceDevice(ctx, { organizationId, userId, from });
    });
  countActivity('sign_in', ctx.log, organizationId);
}
