// Notes, in the transaction of the change, that somebody's rights were changed by a person, so that the one they belong to
// hears of it. What a directory changes his company tells by itself; what a date ends was announced before. Whoever changes
// his own knows already.
import { v7 as uuidv7 } from 'uuid';
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { chosenDelivery, nextMorning } from './topics.ts';

type RightsChange = {
  readonly change: 'given' | 'ended';
  /** One of the three. */
  readonly roleId?: string | null;
  readonly application?: string | null;
  readonly administrationRight?: string;
  readonly customerAccountId?: string | null;
  readonly validUntil?: Date | null;
};

/** A role gives more, less, or something else than before to whoever has it. */
export type RoleChange = 'role_extended' | 'role_narrowed' | 'role_changed';

/** What a notice holds: names as they are at that moment. */
export type RightItem = {
  readonly kind: 'right';
  readonly change: 'given' | 'ended' | 'joined' | 'left' | RoleChange;
  readonly role: string | null;
  readonly application: string | null;
  readonly administrationRight: string | null;
  readonly account: string | null;
  /** ISO 8601. */
  readonly until: string | null;
  /** The user's id; null: the operator. */
  readonly by: string | null;
  /** The group by which it reaches him. */
  readonly group: string | null;
};

type Subjects = { readonly kind: 'user' | 'group'; readonly ids: readonly string[] };

export async function noteRightsChange(
  ctx: OrganizationCtx,
  { kind, ids }: Subjects,
  change: RightsChange,
): Promise<void> {
  const { organizationId, actor, now } = ctx;
  if (actor.kind !== 'user' && actor.kind !== 'operator') return;
  const others = ids.filter((id) => id !== actor.id);
  if (others.length === 0) return;
  const { roleId = null, application = null, administrationRight = null, customerAccountId = null } = change;
  await query(
    `with item as (
       select jsonb_build_object('kind', 'right', 'change', $6::text,
         'role', (select name from roles where organization_id = $1 and id = $7::uuid), 'application', $8::text,
         'administrationRight', $9::text, 'account', (select number from customer_account_numbers where customer_account_id = $10::uuid),
         'until', $11::text, 'by', $12::text) as item
     ), subjects as (
       select s.id, s.subject_id, case when $4 = 'group' then 'at_once' else ${chosenDelivery('rights', '$1::uuid', 's.subject_id')} end as delivery
       from unnest($2::uuid[], $3::uuid[]) as s(id, subject_id)
     )
     insert into pending_notices (organization_id, id, subject_kind, subject_id, topic, item, noted_at, due_at)
     select $1::uuid, s.id, $4::text, s.subject_id, 'rights',
       item.item || jsonb_build_object('group', (select g.display_name from groups g
         where $4 = 'group' and g.organization_id = $1 and g.id = s.subject_id)),
       $5::timestamptz, case s.delivery when 'at_once' then $5::timestamptz else $13::timestamptz end
     from subjects s, item where s.delivery <> 'never'`,
    [
      organizationId,
      others.map(() => uuidv7()),
      others,
      kind,
      now,
      change.change,
      roleId,
      application,
      administrationRight,
      customerAccountId,
      change.validUntil?.toISOString() ?? null,
      actor.kind === 'operator' ? null : actor.id,
      nextMorning(now),
    ],
  );
}

export type ChangedEntitlement = { readonly application: string; readonly customerAccountId: string };

/**
 * What a role gives was changed; whoever has it hears of it, however many they are: it is shared out among them when it is due.
 * A role that nobody has is nobody's news.
 */
export async function noteRoleChange(
  ctx: OrganizationCtx,
  roleId: string,
  change: RoleChange,
  entitlements: readonly ChangedEntitlement[],
): Promise<void> {
  const { organizationId, actor, now } = ctx;
  if (!isPerson(ctx) || entitlements.length === 0) return;
  await query(
    `insert into pending_notices (organization_id, id, subject_kind, subject_id, topic, item, noted_at, due_at)
     select $1::uuid, e.id, 'role', r.id, 'rights', jsonb_build_object('kind', 'right', 'change', $3::text, 'role', r.name,
       'application', e.application, 'administrationRight', null, 'account', n.number, 'until', null, 'by', $4::text, 'group', null),
       $5::timestamptz, $5::timestamptz
     from unnest($6::uuid[], $7::text[], $8::uuid[]) as e(id, application, account)
     join roles r on r.organization_id = $1 and r.id = $2
     left join customer_account_numbers n on n.customer_account_id = e.account
     where exists (select 1 from assignments a where a.organization_id = $1 and a.role_id = $2 and a.ended_at is null)`,
    [
      organizationId,
      roleId,
      change,
      actor.kind === 'operator' ? null : actor.id,
      now,
      entitlements.map(() => uuidv7()),
      entitlements.map(({ application }) => application),
      entitlements.map(({ customerAccountId }) => customerAccountId),
    ],
  );
}

/** Who of them is in the group now; what is read before a change and again after it says who came and who went. */
export async function membersAmong(ctx: OrganizationCtx, groupId: string, ids: readonly string[]): Promise<string[]> {
  const rows = await query<{ id: string }>(
    'select user_id as id from group_users where organization_id = $1 and group_id = $2 and user_id = any($3::uuid[])',
    [ctx.organizationId, groupId, ids],
  );
  return rows.map(({ id }) => id);
}

export const isPerson = ({ actor }: OrganizationCtx): boolean => actor.kind === 'user' || actor.kind === 'operator';

/** People came into a group or left it; they hear of it where the group, or one that it is in, gives something. */
export async function noteMembership(
  ctx: OrganizationCtx,
  groupId: string,
  change: 'joined' | 'left',
  userIds: readonly string[],
): Promise<void> {
  const { organizationId, actor, now } = ctx;
  const others = userIds.filter((id) => id !== actor.id);
  if (!isPerson(ctx) || others.length === 0) return;
  await query(
    `with recursive up(id) as (
       select $2::uuid union
       select n.parent_id from up join group_groups n on n.organization_id = $1 and n.child_id = up.id
     ), item as (
       select jsonb_build_object('kind', 'right', 'change', $5::text, 'role', null, 'application', null, 'administrationRight', null,
         'account', null, 'until', null, 'by', $6::text, 'group', g.display_name) as item
       from groups g where g.organization_id = $1 and g.id = $2 and (
         exists (select 1 from up join assignments a on a.organization_id = $1 and a.subject_id = up.id and a.ended_at is null)
         or exists (select 1 from up join administration_rights r on r.organization_id = $1 and r.subject_id = up.id and r.ended_at is null))
     ), subjects as (
       select s.id, s.user_id, ${chosenDelivery('rights', '$1::uuid', 's.user_id')} as delivery
       from unnest($3::uuid[], $4::uuid[]) as s(id, user_id)
     )
     insert into pending_notices (organization_id, id, subject_kind, subject_id, topic, item, noted_at, due_at)
     select $1::uuid, s.id, 'user', s.user_id, 'rights', item.item, $7::timestamptz,
       case s.delivery when 'at_once' then $7::timestamptz else $8::timestamptz end
     from subjects s, item where s.delivery <> 'never'`,
    [
      organizationId,
      groupId,
      others.map(() => uuidv7()),
      others,
      change,
      actor.kind === 'operator' ? null : actor.id,
      now,
      nextMorning(now),
    ],
  );
}
