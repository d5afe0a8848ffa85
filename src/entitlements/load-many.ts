// The rights model's snapshots of many users of one organization, in two reads however many they are: for pages that
// show a list of people. The organization's own side (accounts, limits, mandates) is read once and shared.
import type { OrganizationCtx } from '../context.ts';
import { prepared, query } from '../database/query.ts';
import type { Entitlement } from './box.ts';
import { groupPaths } from './group-paths.ts';
import { giverOf, loadSnapshot } from './load-snapshot.ts';
import type { AssignmentSnapshot, Giver, RightsSnapshot, RoleSnapshot } from './snapshot.ts';

type ManyInput = {
  readonly userIds: readonly string[];
  /** Absent: all. */
  readonly application?: string;
};

type Many = {
  /** By user; of a user who does not exist nothing. */
  readonly snapshots: ReadonlyMap<string, RightsSnapshot>;
  /** Customer numbers by account id: of all accounts that the organization may act on. */
  readonly numbers: ReadonlyMap<string, string>;
  /** Of the organization, without any assignment. */
  readonly organization: RightsSnapshot;
};

const ms = (column: string) => `floor(extract(epoch from ${column}) * 1000)::bigint`;
const live = (alias: string) =>
  `${alias}.ended_at is null and (${alias}.valid_until is null or ${alias}.valid_until > $3)`;

const FACTS = prepared(
  'rights_of_many',
  `with recursive people as (
    select id, active from users where organization_id = $1 and id = any($2::uuid[]) and deleted_at is null
  ), member_of(user_id, group_id) as (
    select m.user_id, m.group_id from people p join group_users m on m.organization_id = $1 and m.user_id = p.id
  ), reach(id) as (
    select group_id from member_of
    union
    select n.parent_id from reach r join group_groups n on n.organization_id = $1 and n.child_id = r.id
  ), given as (
    select a.* from (select id from people union select id from reach) s
    cross join lateral (
      select * from assignments a where a.organization_id = $1 and a.subject_id = s.id and ${live('a')}
        and ($4::text is null or a.role_id is not null or a.application = $4) offset 0
    ) a
  ), role_ids(id) as (
    select distinct role_id from given where role_id is not null
  )
  select json_build_object(
    'people', (select coalesce(json_agg(json_build_array(id, active)), '[]') from people),
    'memberOf', (select coalesce(json_agg(json_build_array(user_id, group_id)), '[]') from member_of),
    'groups', (select coalesce(json_agg(json_build_array(g.id, g.display_name)), '[]')
      from reach join groups g on g.organization_id = $1 and g.id = reach.id),
    'nesting', (select coalesce(json_agg(json_build_array(reach.id, n.parent_id)), '[]')
      from reach join group_groups n on n.organization_id = $1 and n.child_id = reach.id),
    'assignments', (select coalesce(json_agg(json_build_array(id, subject_kind, subject_id, role_id, application,
        customer_account_id, profile, "values", ${ms('valid_from')}, ${ms('valid_until')}, given_by, ${ms('given_at')}) order by id), '[]') from given),
    'roles', (select coalesce(json_agg(json_build_array(r.id, r.name)), '[]')
      from role_ids join roles r on r.organization_id = $1 and r.id = role_ids.id),
    'roleEntitlements', (select coalesce(json_agg(json_build_array(e.role_id, e.application, e.customer_account_id, e.profile,
        e."values", ${ms('e.valid_from')}, ${ms('e.valid_until')}) order by e.id), '[]')
      from role_ids cross join lateral (
        select * from role_entitlements e where e.organization_id = $1 and e.role_id = role_ids.id and ${live('e')}
          and ($4::text is null or e.application = $4) offset 0
      ) e)
  ) as facts`,
);

type Given = [
  string,
  string,
  string,
  Entitlement['profile'] | null,
  Entitlement['values'],
  number | null,
  number | null,
];
type Facts = {
  people: [id: string, active: boolean][];
  memberOf: [user: string, group: string][];
  groups: [id: string, name: string][];
  nesting: [child: string, parent: string][];
  assignments: [
    id: string,
    kind: 'user' | 'group',
    subject: string,
    role: string | null,
    application: string,
    account: string,
    profile: string | null,
    values: Entitlement['values'],
    from: number | null,
    until: number | null,
    givenBy: Giver,
    givenAt: number,
  ][];
  roles: [id: string, name: string][];
  roleEntitlements: Given[];
};

const entitlementOf = (
  application: string,
  customerAccount: string,
  profile: string | null | undefined,
  values: Entitlement['values'],
  from: number | null,
  until: number | null,
): Entitlement => ({
  application,
  customerAccount,
  values,
  validity: { from, until },
  ...(profile === null || profile === undefined ? {} : { profile }),
});

/** Ids must be UUIDs. */
export async function loadMany(ctx: OrganizationCtx, { userIds, application }: ManyInput): Promise<Many> {
  const { organizationId, now } = ctx;
  const ids = [...new Set(userIds.map((id) => id.toLowerCase()))];
  // One after the other: within a transaction both are the same connection's.
  const read = await loadSnapshot({
    organizationId,
    now,
    ceiling: true,
    ...(application === undefined ? {} : { application }),
  });
  const rows = await query<{ facts: Facts }>(FACTS, [organizationId, ids, now, application ?? null]);
  if (!read || !rows[0]) throw new Error('The organization is not there');
  const { facts } = rows[0];
  const { snapshot: organization, numbers } = read;
  const roles = rolesOf(facts);
  const bySubject = Map.groupBy(facts.assignments, ([, , subject]) => subject);
  const groupsOf = Map.groupBy(facts.memberOf, ([user]) => user);
  const snapshots = new Map(
    facts.people.map(([id, active]): [string, RightsSnapshot] => {
      const memberOf = (groupsOf.get(id) ?? []).map(([, group]) => group);
      const paths = groupPaths(memberOf, facts.nesting, facts.groups);
      const direct = (bySubject.get(id) ?? []).map((row) => assignmentOf(row, []));
      const byGroup = [...paths].flatMap(([group, ways]) =>
        (bySubject.get(group) ?? []).flatMap((row) => ways.map((way) => assignmentOf(row, way))),
      );
      const user = { id, active, organization: organization.user.organization };
      return [id, { ...organization, user, assignments: [...direct, ...byGroup], roles }];
    }),
  );
  return { snapshots, numbers, organization };
}

function assignmentOf(
  [id, , , role, application, account, profile, values, from, until, givenBy, givenAt]: Facts['assignments'][number],
  groupPath: AssignmentSnapshot['groupPath'],
): AssignmentSnapshot {
  return {
    id,
    gives:
      role === null
        ? { kind: 'entitlements', entitlements: [entitlementOf(application, account, profile, values, null, null)] }
        : { kind: 'role', roleId: role },
    givenBy: giverOf(givenBy),
    givenAt,
    validity: { from, until },
    groupPath,
  };
}

function rolesOf(facts: Facts): Map<string, RoleSnapshot> {
  const gives = Map.groupBy(facts.roleEntitlements, ([role]) => role);
  return new Map(
    facts.roles.map(([id, name]) => [
      id,
      {
        id,
        name,
        entitlements: (gives.get(id) ?? []).map(([, key, account, profile, values, from, until]) =>
          entitlementOf(key, account, profile, values, from, until),
        ),
      },
    ]),
  );
}
