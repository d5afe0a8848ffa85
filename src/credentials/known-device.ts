// The browsers that a person signed in with before, by the hash of their device cookie. One that is new, beside those that
// are known, is news to him: he gets a mail. The very first one is not.
import type { Ctx } from '../context.ts';
import { deleteInPortions } from '../database/delete-in-portions.ts';
import { mailUser } from '../mail/mail-user.ts';
import { throttleTag } from './throttle-tag.ts';
import type { deviceWords } from './user-agent.ts';

const KEPT_DAYS = 400;

export const deviceHash = (deviceId: string): Buffer => throttleTag(['known device', deviceId]);

type NewDevice = {
  readonly organizationId: string;
  readonly userId: string;
  readonly from: ReturnType<typeof deviceWords> & { readonly address: string | null };
};

/** In the transaction of the sign-in. */
export async function announceDevice(ctx: Ctx, { organizationId, userId, from }: NewDevice): Promise<void> {
  await mailUser(ctx, { kind: 'new_device', organizationId, userId, values: { at: ctx.now, ...from } });
}

/** The cookie itself lives a year. Answers how many went. */
export const sweepDevices = (now: Date): Promise<number> =>
  deleteInPortions({
    table: 'known_devices',
    column: 'last_seen_at',
    before: new Date(now.getTime() - KEPT_DAYS * 86_400_000),
  });
