// A person chooses his password with a one-time link: a first one, or a new one after recovery. A wrong try leaves the link
// alive; success consumes it, voids his other links, ends his sessions and confirms the address that the link was sent to.
// It never signs him in.
import type { Actor, Ctx } from '../context.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { replacePassword } from './change-password.ts';
import { readLink, useLink, type LinkPurpose } from './one-time-link.ts';
import { hashPassword } from './password-hash.ts';
import { checkNewPassword, findPasswordOwner } from './store-password.ts';
import { confirmAddress } from './trusted-address.ts';

export const PASSWORD_LINKS: readonly LinkPurpose[] = ['first_password', 'invitation', 'recovery'];

/**
 * Answers whose password it was. Throws HubError `invalid_input` (details.issues), `not_found` for a link that is not valid,
 * `conflict` for one just used.
 */
export async function setPasswordByLink(
  ctx: Ctx,
  { token, password }: { token: string; password: string },
): Promise<{ organizationId: string; userId: string }> {
  const link = await readLink(token, PASSWORD_LINKS, ctx.now);
  if (link.state !== 'valid') throw new HubError('not_found', 'The link cannot be used.');
  const { organizationId, userId, purpose, sentTo } = link;
  const owner = await findPasswordOwner(organizationId, userId);
  await checkNewPassword(owner, password);
  const hash = await hashPassword(password);
  const actor: Actor = { kind: 'user', id: userId, organizationId, label: owner.userName };
  const action = purpose === 'recovery' ? 'password.recovered' : 'password.first_set';
  await transaction(async () => {
    await useLink(token, ctx.now);
    if (sentTo !== null) await confirmAddress({ organizationId, userId, emailKey: sentTo });
    await replacePassword({ ...ctx, organizationId, actor }, { organizationId, userId, hash, action });
  });
  return { organizationId, userId };
}
