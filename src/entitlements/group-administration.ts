// The administration rights that a group carries: a chief's own, separate act, since whoever joins administers others.
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { readSettings, type StoredSettings } from '../organizations/organization-record.ts';
import { loadActing, notPermitted } from './acting.ts';
import type { AdministrationRight } from './administration-rights-of.ts';
import { checkAdministers } from './check-administers.ts';
import { endAdministrationRight, giveAdministrationRight } from './give-administration-right.ts';
import type { Giver } from './snapshot.ts';

/** Those of one customer account are given on its page; a chief is a person, never a group. */
export const GROUP_RIGHTS = [
  'manage_administrators',
  'manage_users',
  'recover_password',
  'ftp_access',
] as const satisfies readonly AdministrationRight[];
type GroupRight = (typeof GROUP_RIGHTS)[number];

type CarriedRight = {
  readonly id: string;
  readonly name: AdministrationRight;
  readonly accountNumber: string | null;
  readonly givenBy: Giver;
  readonly givenAt: Date;
  readonly validUntil: Date | null;
};

/** The group's own, in the order in which they were given. Throws HubError `not_permitted`. */
export async function administrationRightsOfGroup(ctx: OrganizationCtx, groupId: string): Promise<CarriedRight[]> {
  await checkAdministers(ctx);
  return query<CarriedRight>(
    `select r.id, r.name, a.number as "accountNumber", r.given_by as "givenBy", r.given_at as "givenAt", r.valid_until as "validUntil"
     from administration_rights r left join customer_accounts a on a.organization_id = $1 and a.id = r.customer_account_id
     where r.organization_id = $1 and r.subject_id = $2 and r.subject_kind = 'group' and r.ended_at is null
       and (r.valid_until is null or r.valid_until > $3) order by r.id`,
    [ctx.organizationId, groupId, ctx.now],
  );
}

/** Whether the organization may give access to the file server. */
export async function hasFileServer(ctx: OrganizationCtx): Promise<boolean> {
  const [row] = await query<{ settings: StoredSettings }>('select settings from organizations where id = $1', [
    ctx.organizationId,
  ]);
  return readSettings(row?.settings ?? {}).ftp;
}

/**
 * Gives and takes what differs, in one transaction. Only a chief or the operator does it on this page. Throws HubError
 * `not_permitted`, `group_not_opened` (a directory fills it and `consent` is not ticked), and what giving and ending throw.
 */
export function setGroupAdministration(
  ctx: OrganizationCtx,
  groupId: string,
  { rights, consent }: { readonly rights: readonly GroupRight[]; readonly consent: boolean },
): Promise<void> {
  return transaction(async () => {
    if (!(await loadActing(ctx)).unbounded)
      throw notPermitted('Only a chief administrator decides about administration rights of a group.');
    const held = (await administrationRightsOfGroup(ctx, groupId)).filter(
      ({ accountNumber }) => accountNumber === null,
    );
    for (const name of GROUP_RIGHTS) {
      const own = held.filter((right) => right.name === name);
      const wanted = rights.includes(name);
      if (wanted && own.length === 0)
        await giveAdministrationRight(ctx, { subject: { kind: 'group', id: groupId }, name, consent });
      if (!wanted) for (const { id } of own) await endAdministrationRight(ctx, id);
    }
  });
}
