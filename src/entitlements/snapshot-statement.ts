// The one statement that reads all that decides a user's rights, as one JSON text. The text is equal exactly when the
// facts are (every list is ordered, no clock in it), so that what was computed from it can be remembered by it.
import { prepared } from '../database/query.ts';
import type { Giver } from './snapshot.ts';

/** Instants as epoch milliseconds. */
const ms = (column: string) => `floor(extract(epoch from ${column}) * 1000)::bigint`;
/** $3: what ended before it is left out. */
const live = (alias: string) =>
  `${alias}.ended_at is null and (${alias}.valid_until is null or ${alias}.valid_until > $3)`;
const ordered = (what: string, by: string) => `coalesce(json_agg(${what} order by ${by}), '[]'::json)`;

/**
 * Rows of a table looked up one by one: the planner cannot know how few there are, and would rather read all of an
 * organization's. `offset 0` keeps it from turning the look-up into a join of its own making.
 */
const each = (from: string, lookUp: string, alias: string) =>
  `${from} cross join lateral (${lookUp} offset 0) ${alias}`;

const parents = (of: string) =>
  each(of, `select parent_id from group_groups where organization_id = $1 and child_id = ${of}.id`, 'n');

/** Only where somebody wants to be told by which groups: tokens do not. */
const PATHS = `
    'memberOf', (select ${ordered('id', 'id')} from member_of),
    'groups', (select ${ordered('json_build_array(reach.id, g.display_name)', 'reach.id')}
      from ${each('reach', 'select display_name from groups where organization_id = $1 and id = reach.id', 'g')}),
    'nesting', (select ${ordered('json_build_array(reach.id, n.parent_id)', 'reach.id, n.parent_id')} from ${parents('reach')}),`;

const REACHABLE_ACCOUNTS = `
      union all select id from customer_accounts where organization_id = $1
      union all select customer_account_id from mandates m where m.receiver_organization_id = $1 and ${live('m')}`;

/** At most four links (check-chain.ts), so joined four times: a recursion would be estimated at thousands. */
const CHAIN = `
      select unnest(array[m.id, p1.id, p2.id, p3.id]) as id from mandates m
      ${[1, 2, 3].map((n) => `left join mandates p${n} on p${n}.organization_id = accounts.owner and p${n}.id = ${n === 1 ? 'm' : `p${n - 1}`}.parent_id and ${live(`p${n}`)}`).join('\n      ')}
      where m.receiver_organization_id = $1 and accounts.owner <> $1 and m.organization_id = accounts.owner
        and m.customer_account_id = accounts.id and ${live('m')}`;

const statement = ({ paths, ceiling }: { paths: boolean; ceiling: boolean }): string => `
  with recursive member_of(id) as (
    select group_id from group_users where organization_id = $1 and user_id = $2::uuid
    ${paths ? 'union select unnest($5::uuid[])' : ''}
  ), reach(id) as (
    select id from member_of
    union
    select n.parent_id from ${parents('reach')}
  ), subjects(id) as (
    select $2::uuid union select id from reach
  ), given as (
    select a.* from ${each(
      'subjects',
      `select * from assignments a where a.organization_id = $1 and a.subject_id = subjects.id and ${live('a')}
        and ($4::text is null or a.role_id is not null or a.application = $4)`,
      'a',
    )}
  ), role_ids(id) as (
    select distinct role_id from given where role_id is not null
  ), role_gives as (
    select e.* from ${each(
      'role_ids',
      `select * from role_entitlements e where e.organization_id = $1 and e.role_id = role_ids.id and ${live('e')}
        and ($4::text is null or e.application = $4)`,
      'e',
    )}
  ), named(id) as (
    select distinct id from (
      select customer_account_id as id from given where customer_account_id is not null
      union all select customer_account_id from role_gives ${ceiling ? REACHABLE_ACCOUNTS : ''}
    ) as every_name
  ), accounts as (
    select named.id, n.number, n.owner, n.state from ${each(
      'named',
      `select n.number, n.organization_id as owner, (select state from organizations o where o.id = n.organization_id) as state
        from customer_account_numbers n where n.customer_account_id = named.id`,
      'n',
    )}
  ), links(owner, id) as (
    select distinct accounts.owner, chain.id from ${each('accounts', CHAIN, 'chain')} where chain.id is not null
  )
  select json_build_object(
    'organization', json_build_array(o.state, o.attributes),
    'active', (select u.active from users u where u.organization_id = $1 and u.id = $2 and u.deleted_at is null),${paths ? PATHS : ''}
    'assignments', (select ${ordered(
      `json_build_array(id, case subject_kind when 'group' then subject_id end, role_id, application, customer_account_id, profile, "values",
        ${ms('valid_from')}, ${ms('valid_until')}, ${paths ? `given_by, ${ms('given_at')}` : 'null, null'})`,
      'id',
    )} from given),
    'roles', (select ${ordered('json_build_array(role_ids.id, r.name)', 'role_ids.id')}
      from ${each('role_ids', 'select name from roles where organization_id = $1 and id = role_ids.id', 'r')}),
    'roleEntitlements', (select ${ordered(
      `json_build_array(role_id, application, customer_account_id, profile, "values", ${ms('valid_from')}, ${ms('valid_until')})`,
      'id',
    )} from role_gives),
    'accounts', (select ${ordered('json_build_array(id, number, owner, state)', 'id')} from accounts),
    'resources', (select ${ordered(
      'json_build_array(accounts.id, r.kind, r.number, r.state, r.master, r.services)',
      'accounts.id, r.kind, r.number collate "C"',
    )} from ${each(
      'accounts',
      'select * from resources r where r.organization_id = accounts.owner and r.customer_account_id = accounts.id',
      'r',
    )}),
    'subscriptions', (select ${ordered(
      `json_build_array(accounts.id, s.application, s."values", ${ms('s.valid_from')}, ${ms('s.valid_until')})`,
      's.id',
    )} from ${each(
      'accounts',
      `select * from subscriptions s where s.organization_id = accounts.owner and s.customer_account_id = accounts.id and ${live('s')}
        and ($4::text is null or s.application = $4)`,
      's',
    )}),
    'mandates', (select ${ordered(
      `json_build_array(m.id, m.customer_account_id, m.giver_organization_id, m.giver_state, m.receiver_organization_id, m.parent_id,
        m.onward, ${ms('m.valid_from')}, ${ms('m.valid_until')},
        (select coalesce(jsonb_agg(b), '[]'::jsonb) from jsonb_array_elements(m.boxes) b where $4::text is null or b ->> 'application' = $4))`,
      'm.id',
    )} from ${each(
      'links',
      `select m.*, (select state from organizations g where g.id = m.giver_organization_id) as giver_state
        from mandates m where m.organization_id = links.owner and m.id = links.id`,
      'm',
    )})
  )::text as facts
  from organizations o where o.id = $1`;

/**
 * $1 organization, $2 user or null (then nothing is assigned), $3 instant, $4 application or null for all,
 * $5 groups counted as if the user were a member; not in TOKEN_SNAPSHOT.
 */
export const SNAPSHOT = prepared('rights_snapshot', statement({ paths: true, ceiling: false }));
/** Also each own customer account and each that a mandate to the organization names. */
export const CEILING_SNAPSHOT = prepared('rights_snapshot_ceiling', statement({ paths: true, ceiling: true }));
/** Without the ways by which groups reach the user, and without givers. */
export const TOKEN_SNAPSHOT = prepared('rights_snapshot_token', statement({ paths: false, ceiling: false }));

type Values = Record<string, '*' | string[]>;
type Time = number | null;

/** What the text holds. */
export type Facts = {
  organization: [state: string, attributes: Record<string, unknown>];
  /** Null: there is no such user. */
  active: boolean | null;
  /** These three are absent in TOKEN_SNAPSHOT. */
  memberOf?: string[];
  groups?: [id: string, name: string][];
  nesting?: [child: string, parent: string][];
  assignments: [
    id: string,
    groupId: string | null,
    roleId: string | null,
    application: string,
    account: string,
    profile: string | null,
    values: Values,
    from: Time,
    until: Time,
    /** Null in TOKEN_SNAPSHOT. */
    givenBy: Giver | null,
    givenAt: number | null,
  ][];
  roles: [id: string, name: string][];
  roleEntitlements: [
    roleId: string,
    application: string,
    account: string,
    profile: string | null,
    values: Values,
    from: Time,
    until: Time,
  ][];
  accounts: [id: string, number: string, owner: string, state: string][];
  resources: [
    account: string,
    kind: 'contracts' | 'billing_addresses',
    number: string,
    state: 'active' | 'closed',
    master: boolean,
    services: string[],
  ][];
  subscriptions: [account: string, application: string, values: Values, from: Time, until: Time][];
  mandates: [
    id: string,
    account: string,
    giver: string,
    giverState: string,
    receiver: string,
    parent: string | null,
    onward: number,
    from: Time,
    until: Time,
    boxes: { application: string; values: Values }[],
  ][];
};
