// Who could give somebody something in an application: the active administrators whose ceiling has it, for a page that
// says whom to ask, and for those whom a request reaches. A constant number of reads, whoever they are.
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import type { Document } from '../provisioning/attribute.ts';
import { emailOf, nameOf } from '../users/user-row.ts';
import { administrationRightsOf, holdsRight, isChief, rankOf, type HeldRight } from './administration-rights-of.ts';
import type { Box } from './box.ts';
import { ceilingOf } from './ceiling.ts';
import { loadMany } from './load-many.ts';
import { PEOPLE_OF_GIVEN } from './people-of-given.ts';

export type Administrator = {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly chief: boolean;
};

export type GivingAdministrator = Administrator & {
  /** Limits of what he may give. */
  readonly ceiling: readonly Box[];
};

/** More are not looked at: a page names a few. */
const MOST = 50;

const CANDIDATES = `with recursive given(id) as (
    select subject_id from administration_rights
    where organization_id = $1 and ended_at is null and (valid_until is null or valid_until > $2)
      and name in ('chief_administrator', 'manage_administrators', 'manage_users', 'manage_account_settings')
  ), ${PEOPLE_OF_GIVEN}
  select u.id, u.document from people p join users u on u.organization_id = $1 and u.id = p.id
  where u.active and u.deleted_at is null and u.kind = 'person' order by u.id limit ${MOST}`;

/** He manages users, or holds both settings rights of the customer account. */
const mayGiveOn = (held: readonly HeldRight[], account: string): boolean =>
  rankOf(held) !== 'none' ||
  (holdsRight(held, 'view_account_settings', account) && holdsRight(held, 'manage_account_settings', account));

/** All who may give anything, chiefs first, then by id; with `application` only what concerns that one. */
export async function givingAdministrators(
  ctx: OrganizationCtx,
  { application }: { readonly application?: string } = {},
): Promise<GivingAdministrator[]> {
  const candidates = await query<{ id: string; document: Document }>(CANDIDATES, [ctx.organizationId, ctx.now]);
  const ids = candidates.map(({ id }) => id);
  const held = await administrationRightsOf(ctx, ids);
  const { snapshots } = await loadMany(ctx, { userIds: ids, ...(application === undefined ? {} : { application }) });
  const chiefs = new Map<string, readonly Box[]>();
  const found = candidates.flatMap(({ id, document }): GivingAdministrator[] => {
    const rights = held.get(id) ?? [];
    const snapshot = snapshots.get(id);
    if (!snapshot) return [];
    const chief = isChief(rights);
    // Every chief has the same ceiling: that of the organization.
    const known = chief ? chiefs.get('all') : undefined;
    const whole = known ?? ceilingOf(snapshot, { chief });
    if (chief) chiefs.set('all', whole);
    const ceiling = whole.filter((box) => mayGiveOn(rights, box.customerAccount));
    return ceiling.length === 0 ? [] : [{ id, name: nameOf(document), email: emailOf(document), chief, ceiling }];
  });
  return found.sort((a, b) => Number(b.chief) - Number(a.chief));
}

/** Of those the ones who can give something in an application, on a customer account where one is named. */
export const canGive = ({ ceiling }: GivingAdministrator, application: string, customerAccountId?: string): boolean =>
  ceiling.some(
    (box) =>
      box.application === application &&
      (customerAccountId === undefined || box.customerAccount === customerAccountId.toLowerCase()),
  );

/**
 * Chiefs first, then by id. `customerAccountId` narrows to those who can give something on that account.
 * An organization whose chiefs are all gone answers an empty list: then it is the operator's turn.
 */
export async function administratorsOf(
  ctx: OrganizationCtx,
  { application, customerAccountId }: { application: string; customerAccountId?: string },
): Promise<Administrator[]> {
  const all = await givingAdministrators(ctx, { application });
  return all
    .filter((one) => canGive(one, application, customerAccountId))
    .map(({ id, name, email, chief }) => ({ id, name, email, chief }));
}
