// Who can give something: the active administrators of an organization whose ceiling holds anything in an application.
// For the page "you have no access" and for requests of access.
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import type { Document } from '../provisioning/attribute.ts';
import { emailOf, nameOf } from '../users/user-row.ts';
import { administrationRightsOf, isChief, rankOf } from './administration-rights-of.ts';
import { ceilingOf } from './ceiling.ts';
import { loadSnapshot } from './load-snapshot.ts';

export type Administrator = {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly chief: boolean;
};

/** More are not looked at: a page names a few. */
const MOST = 50;

/**
 * Chiefs first, then by id. `customerAccountId` narrows to those who can give something on that account.
 * An organization whose chiefs are all gone answers an empty list: then it is the operator's turn.
 */
export async function administratorsOf(
  ctx: OrganizationCtx,
  { application, customerAccountId }: { application: string; customerAccountId?: string },
): Promise<Administrator[]> {
  const candidates = await query<{ id: string; document: Document }>(
    `with recursive subjects(id) as (
      select subject_id from administration_rights
      where organization_id = $1 and ended_at is null and (valid_until is null or valid_until > $2)
        and name in ('chief_administrator', 'manage_administrators', 'manage_users')
      union
      select n.child_id from subjects s join group_groups n on n.organization_id = $1 and n.parent_id = s.id
    ), people(id) as (
      select id from subjects union select m.user_id from subjects s join group_users m on m.organization_id = $1 and m.group_id = s.id
    )
    select u.id, u.document from people p join users u on u.organization_id = $1 and u.id = p.id
    where u.active and u.deleted_at is null and u.kind = 'person' order by u.id limit ${MOST}`,
    [ctx.organizationId, ctx.now],
  );
  const held = await administrationRightsOf(
    ctx,
    candidates.map(({ id }) => id),
  );
  const found: Administrator[] = [];
  for (const { id, document } of candidates) {
    const rights = held.get(id) ?? [];
    const chief = isChief(rights);
    const read = await loadSnapshot({
      organizationId: ctx.organizationId,
      userId: id,
      application,
      now: ctx.now,
      ceiling: true,
    });
    const ceiling = read && rankOf(rights) !== 'none' ? ceilingOf(read.snapshot, { chief }) : [];
    const canGive = ceiling.some(
      (box) =>
        box.application === application &&
        (customerAccountId === undefined || box.customerAccount === customerAccountId.toLowerCase()),
    );
    if (canGive) found.push({ id, name: nameOf(document), email: emailOf(document), chief });
  }
  return found.sort((a, b) => Number(b.chief) - Number(a.chief));
}
