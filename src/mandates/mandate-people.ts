// Who acts under a mandate: for the one who gave it, the receiver's people as the receiver lets them be seen (by name or by
// number) and when each last used the application; for the receiver, which of his people hold what for whom.
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { effectiveEntitlements, type EffectiveEntitlement } from '../entitlements/effective.ts';
import { loadMany } from '../entitlements/load-many.ts';
import { PEOPLE_OF_GIVEN } from '../entitlements/people-of-given.ts';
import { readSettings, type StoredSettings } from '../organizations/organization-record.ts';
import type { Document } from '../provisioning/attribute.ts';
import { ENTERPRISE_SCHEMA } from '../provisioning/schemas.ts';
import { isId } from '../users/is-id.ts';
import { nameOf } from '../users/user-row.ts';
import { mandatesBelow } from './mandates-below.ts';
import { findListedMandate, type ListedMandate } from './find-mandate.ts';

export type MandatePerson = {
  /** Of the receiver's own view only. */
  readonly userId?: string;
  /** A name, or "No. 4711" without it: see `byNumber`. */
  readonly shownAs: string;
  readonly byNumber: boolean;
  readonly since: Date;
  /** A day in UTC; null: not yet. */
  readonly lastUsedOn: string | null;
  readonly held: readonly EffectiveEntitlement[];
};

type MandatePeople = {
  readonly mandate: ListedMandate;
  readonly people: readonly MandatePerson[];
  /** Cursor of the page after this one. */
  readonly next: string | null;
  /** Active organizations to which the receiver, or one of those, passed it on. */
  readonly passedOnTo: number;
};

const SIZE = 50;

type Candidate = { id: string; document: Document; used: Record<string, string> | null };

/** Active people who were given anything on the account, in any way; in the order of their ids. */
const candidates = (organizationId: string, accountId: string, after: string | null, now: Date): Promise<Candidate[]> =>
  query<Candidate>(
    `with recursive given(id) as (
      select a.subject_id from assignments a where a.organization_id = $1 and a.ended_at is null and a.customer_account_id = $2
        and (a.valid_until is null or a.valid_until > $4)
      union
      select a.subject_id from assignments a where a.organization_id = $1 and a.ended_at is null and (a.valid_until is null or a.valid_until > $4)
        and a.role_id in (select e.role_id from role_entitlements e where e.organization_id = $1 and e.customer_account_id = $2 and e.ended_at is null)
    ), ${PEOPLE_OF_GIVEN}
    select u.id, u.document, (select jsonb_object_agg(x.application, x.last_used_on::text) from application_uses x
      where x.organization_id = $1 and x.user_id = u.id) as used
    from people p join users u on u.organization_id = $1 and u.id = p.id
    where u.active and u.deleted_at is null and ($3::uuid is null or u.id > $3) order by u.id limit ${SIZE + 1}`,
    [organizationId, accountId, after, now],
  );

/** The number under which the organization itself knows him; without one the end of his id, which says nothing about him. */
function numberOf({ id, document }: Candidate): string {
  const enterprise = document[ENTERPRISE_SCHEMA] as Document | undefined;
  const number = enterprise?.['employeeNumber'];
  return typeof number === 'string' && number.trim() !== '' ? number.trim() : id.slice(-8).toUpperCase();
}

/** `side`: as whom the organization asks. Throws HubError `not_found`. */
export async function mandatePeople(
  ctx: OrganizationCtx,
  id: string,
  side: 'giver' | 'receiver',
  after?: string,
): Promise<MandatePeople> {
  const mandate = await findListedMandate(ctx, id, side);
  const organizationId = mandate.receiverOrganizationId;
  const within: OrganizationCtx = { ...ctx, organizationId };
  const past = after !== undefined && isId(after) ? after : null;
  const found = await candidates(organizationId, mandate.customerAccountId, past, ctx.now);
  const page = found.slice(0, SIZE);
  const { snapshots } = await loadMany(within, { userIds: page.map((one) => one.id) });
  const row = await queryOne<{ settings: StoredSettings }>('select settings from organizations where id = $1', [
    organizationId,
  ]);
  const byNumber = side === 'giver' && readSettings(row?.settings ?? {}).showPeopleBy === 'number';
  const people = page.flatMap((one): MandatePerson[] => {
    const snapshot = snapshots.get(one.id);
    const held = snapshot
      ? effectiveEntitlements(snapshot).effective.filter(({ forOrganization }) =>
          forOrganization?.via.includes(mandate.id),
        )
      : [];
    if (held.length === 0) return [];
    const since = Math.min(...held.flatMap(({ causes }) => causes.map(({ givenAt }) => givenAt)));
    const days = [...new Set(held.map(({ entitlement }) => entitlement.application))].flatMap(
      (key) => one.used?.[key] ?? [],
    );
    return [
      {
        ...(side === 'receiver' ? { userId: one.id } : {}),
        shownAs: byNumber ? numberOf(one) : nameOf(one.document),
        byNumber,
        since: new Date(Math.max(since, mandate.givenAt.getTime())),
        lastUsedOn: days.toSorted().at(-1) ?? null,
        held,
      },
    ];
  });
  const below = await mandatesBelow(mandate.ownerOrganizationId, mandate.id);
  return {
    mandate,
    people,
    next: found.length > SIZE ? (page.at(-1)?.id ?? null) : null,
    passedOnTo: new Set(below.map(({ receiverOrganizationId }) => receiverOrganizationId)).size,
  };
}
