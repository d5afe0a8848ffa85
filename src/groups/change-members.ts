// Adds and removes members of a group, touching only the rows that change. One statement: nothing is done
// unless every id names a user or group that the actor sees. Groups join only where nesting is allowed for: under
// the organization's nesting lock, so that depth (at most 10) and cycles are judged on what really stands.
import { auditValues, auditSelect } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { prepared, query, queryOne } from '../database/query.ts';
import { HubError } from '../errors.ts';
import { isPerson, membersAmong, noteMembership } from '../notices/note-rights-change.ts';
import { eachInTurns, startPace } from '../provisioning/turns.ts';
import { owningConnection, visibleTo } from '../provisioning/visible-to.ts';
import { isId } from '../users/is-id.ts';

type MemberChanges = { add: readonly string[]; remove: readonly string[] };
type Changed = { version?: number; added: number; removed: number };

const MAX_DEPTH = 10;
/** Of many unknown members. */
const MOST_NAMED = 100;

/**
 * The keys come as rows, whole: told that the organization or the group is a constant, the planner expects one row of
 * it and would read 100,000 members to find the one that goes. `(select $4)` hides the value from it, so that its plan
 * is the same for all values and made once. `version > 0` asks for a column that no index holds: else reading an
 * organization's whole index of ids and connections looks cheaper than one row.
 */
export const CHANGE_MEMBERS = prepared(
  'group_members_change',
  `with asked as materialized (
    select $1::uuid as organization_id, id from unnest((select $4::uuid[])) as id
  ), gone as materialized (
    select $1::uuid as organization_id, $2::uuid as group_id, id from unnest((select $5::uuid[])) as id
  ), wanted as (
    select asked.id, u.id as user_id, g.id as group_id
    from asked
    left join users u on u.organization_id = asked.organization_id and u.id = asked.id and u.version > 0 and u.deleted_at is null and ${visibleTo('u', 3)}
    left join groups g on g.organization_id = case when $7 then asked.organization_id end and g.id = asked.id and g.version > 0 and g.deleted_at is null and ${visibleTo('g', 3)}
  ), unknown as (
    select id from wanted where user_id is null and group_id is null
  ), added as (
    insert into group_users (organization_id, group_id, user_id)
    select $1, $2, user_id from wanted where user_id is not null and not exists (select 1 from unknown)
    on conflict do nothing returning user_id as id
  ), nested as (
    insert into group_groups (organization_id, parent_id, child_id)
    select $1, $2, group_id from wanted where group_id is not null and not exists (select 1 from unknown)
    on conflict do nothing returning child_id as id
  ), removed as (
    delete from group_users m using gone
    where m.organization_id = gone.organization_id and m.group_id = gone.group_id and m.user_id = gone.id
      and not exists (select 1 from unknown) returning m.user_id as id
  ), freed as (
    delete from group_groups n using gone
    where n.organization_id = gone.organization_id and n.parent_id = gone.group_id and n.child_id = gone.id
      and not exists (select 1 from unknown) returning n.child_id as id
  ), came as (
    select id from added union all select id from nested
  ), went as (
    select id from removed union all select id from freed
  ), changed as (
    update groups set version = version + 1, updated_at = $6
    where organization_id = $1 and id = $2 and (exists (select 1 from came) or exists (select 1 from went))
    returning version
  ), audited as (${auditSelect(8, 'from changed')})
  select (select version from changed) as version,
    (select array_agg(id) from (select id from unknown limit ${MOST_NAMED}) as named) as unknown,
    (select count(*)::int from unknown) as "unknownCount",
    (select count(*)::int from came) as added, (select count(*)::int from went) as removed,
    exists (select 1 from nested) as nesting`,
);

const unknownMembers = (ids: readonly string[], count = ids.length) =>
  new HubError(
    'invalid_input',
    `No user or group has the id ${ids.slice(0, 5).map(shortened).join(', ')}${count > 5 ? ` (and ${count - 5} more)` : ''}. No member was changed.`,
    {
      issues: ids
        .slice(0, MOST_NAMED)
        .map(shortened)
        .map((id) => ({ path: 'members.value', message: `no user or group ${id}` })),
    },
  );

const shortened = (id: string): string => id.slice(0, 80);

/** PostgreSQL's text of an array of ids: the driver would look at each of 100,000 for signs to escape. */
const arrayOf = (ids: readonly string[]): string => `{${ids.join(',')}}`;

/** Throws `group_cycle` or `group_too_deep` when the group's nesting, as it stands now, is not allowed. */
async function checkNesting(ctx: OrganizationCtx, groupId: string): Promise<void> {
  const row = await queryOne<{ cycle: boolean; depth: number }>(
    `with recursive up(id, depth) as (
       select $2::uuid, 0 union
       select n.parent_id, up.depth + 1 from up join group_groups n on n.organization_id = $1 and n.child_id = up.id where up.depth <= $3
     ), down(id, depth) as (
       select $2::uuid, 0 union
       select n.child_id, down.depth + 1 from down join group_groups n on n.organization_id = $1 and n.parent_id = down.id where down.depth <= $3
     )
     select exists (select 1 from down where depth > 0 and id = $2::uuid) as cycle,
       (select max(depth) from up) + (select max(depth) from down) as depth`,
    [ctx.organizationId, groupId, MAX_DEPTH],
  );
  if (row?.cycle)
    throw new HubError('group_cycle', 'A group cannot be a member of itself, directly or through other groups.');
  if ((row?.depth ?? 0) > MAX_DEPTH)
    throw new HubError('group_too_deep', `Groups can be nested at most ${MAX_DEPTH} deep.`);
}

/** Serializes changes of nesting within one organization; call in a transaction, before the first read. */
export async function lockNesting(ctx: OrganizationCtx): Promise<void> {
  await query("select pg_advisory_xact_lock(hashtextextended('nesting ' || $1::text, 0))", [ctx.organizationId]);
}

/**
 * Applies the changes; `version` is absent when nothing changed. No id may be both added and removed. `nesting`: the
 * caller holds lockNesting in a transaction, so groups may be added. Without it a group counts as unknown.
 * Throws HubError `invalid_input` naming unknown ids, `group_cycle`, `group_too_deep`.
 */
export async function changeMembers(
  ctx: OrganizationCtx,
  groupId: string,
  changes: MemberChanges,
  nesting: boolean,
): Promise<Changed> {
  const add = new Set<string>();
  const malformed: string[] = [];
  const remove: string[] = [];
  const pace = startPace();
  await eachInTurns(changes.add, (id) => void (isId(id) ? add.add(id.toLowerCase()) : malformed.push(id)), pace);
  await eachInTurns(changes.remove, (id) => void (isId(id) && remove.push(id)), pace);
  if (malformed.length > 0) throw unknownMembers(malformed);
  const ids = [arrayOf([...add]), arrayOf(remove)];
  await pace();
  const audit = auditValues(ctx, {
    action: 'group.members_changed',
    targetKind: 'group',
    targetId: groupId,
    after: { added: changes.add, removed: changes.remove },
  });
  await pace();
  const touched = isPerson(ctx) ? [...add, ...remove.map((id) => id.toLowerCase())] : [];
  const before = touched.length === 0 ? [] : await membersAmong(ctx, groupId, touched);
  const row = await queryOne<{
    version: number | null;
    added: number;
    removed: number;
    unknown: string[] | null;
    unknownCount: number;
    nesting: boolean;
  }>(CHANGE_MEMBERS, [ctx.organizationId, groupId, owningConnection(ctx), ...ids, ctx.now, nesting, ...audit]);
  if (!row || row.unknown) throw unknownMembers(row?.unknown ?? changes.add, row?.unknownCount);
  if (row.nesting) await checkNesting(ctx, groupId);
  if (touched.length > 0) {
    const after = await membersAmong(ctx, groupId, touched);
    const [had, has] = [new Set(before), new Set(after)];
    const came = after.filter((id) => !had.has(id));
    const went = before.filter((id) => !has.has(id));
    await noteMembership(ctx, groupId, 'joined', came);
    await noteMembership(ctx, groupId, 'left', went);
  }
  return { added: row.added, removed: row.removed, ...(row.version === null ? {} : { version: row.version }) };
}
