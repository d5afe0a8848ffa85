// The person to whom an administrator sends or copies a link, and whether he may: a link to an address that can be trusted
// needs rank only; one to an address that cannot, or one that is shown, is as good as the person's password.
import type { OrganizationCtx } from '../context.ts';
import { queryOne } from '../database/query.ts';
import { checkTouching } from '../entitlements/check-rank.ts';
import { HubError } from '../errors.ts';
import { mailSettings } from '../mail/mail-settings.ts';
import { mailableAddress, storedLanguage } from '../mail/mail-user.ts';
import type { Document } from '../provisioning/attribute.ts';
import { findUser } from '../users/find-user.ts';
import { nameOf } from '../users/user-row.ts';
import type { Language } from '../applications/application.ts';
import { ADDRESS_COLUMNS, isTrustedAddress, type AddressFacts } from './trusted-address.ts';

export type LinkReceiver = {
  readonly userId: string;
  readonly name: string;
  readonly username: string;
  readonly organization: string;
  readonly language: Language;
  /** Undefined: he has no address that can be written to. */
  readonly to: string | undefined;
  readonly hasPassword: boolean;
};

type Row = AddressFacts & { document: Document; organization: string; usable: boolean };

/**
 * For an active person of the organization. Throws HubError `not_found`, `invalid_input` (nobody who could use a link),
 * `not_permitted`, `rank_too_low`, `target_holds_more`. Call inside the transaction of the act.
 */
export async function findLinkReceiver(ctx: OrganizationCtx, id: string, how: 'mail' | 'copy'): Promise<LinkReceiver> {
  const { id: userId } = await findUser(ctx, id);
  const row = await queryOne<Row>(
    `select u.document, o.name as organization, (u.active and u.kind = 'person' and o.state = 'active') as usable, ${ADDRESS_COLUMNS}
     from users u join organizations o on o.id = u.organization_id where u.organization_id = $1 and u.id = $2`,
    [ctx.organizationId, userId],
  );
  if (!row?.usable) throw unusable('userId', 'Only an active person of an active organization can use a link.');
  await checkTouching(ctx, userId, how === 'mail' && isTrustedAddress(row) ? 'send_link' : 'copy_link');
  const { document, organization, hasPassword } = row;
  return {
    userId,
    name: nameOf(document),
    username: String(document['userName']),
    organization,
    language: storedLanguage(document) ?? mailSettings().defaultLanguage,
    to: mailableAddress(document),
    hasPassword,
  };
}

/** The address, or HubError `invalid_input`. */
export function addressOf({ to }: LinkReceiver): string {
  if (to === undefined) throw unusable('email', 'This person has no e-mail address that can be written to.');
  return to;
}

const unusable = (path: string, message: string) =>
  new HubError('invalid_input', message, { issues: [{ path, message }] });
