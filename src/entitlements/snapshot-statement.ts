// The one statement that reads all that decides a user's rights, as one JSON text. The text is equal exactly when the
// facts are (every list is ordered, no clock in it), so that what was computed from it can be remembered by it.
import { prepared } from '../database/query.ts';

/** Instants as epoch milliseconds. */
const ms = (column: string) => `floor(extract(epoch from ${column}) * 1000)::bigint`;
/** $3: what ended before it is left out. */
const live = (alias: string) =>
  `${alias}.ended_at is null and (${alias}.valid_until is null or ${alias}.valid_until > $3)`;
const ordered = (what: string, by: string) => `coalesce(json_agg(${what} order by ${by}), '[]'::json)`;

/**
 * $1 organization, $2 user or null (then nothing is assigned), $3 instant, $4 application or null for all,
 * $5 true for a ceiling: also each own customer account and each that a mandate to the organization names.
 * $6 groups counted as if the user were a member.
 */
export const SNAPSHOT = prepared(
  'rights_snapshot',
  `with recursive member_of(id) as (
    select group_id from group_users where organization_id = $1 and user_id = $2::uuid
    union select unnest($6::uuid[])
  ), reach(id) as (
    select id from member_of
    union
    select n.parent_id from reach r join group_groups n on n.organization_id = $1 and n.child_id = r.id
  ), given as (
    select a.* from assignments a
    where a.organization_id = $1 and ${live('a')} and ($4::text is null or a.role_id is not null or a.application = $4)
      and a.subject_id in (select $2::uuid union all select id from reach)
  ), role_gives as (
    select e.* from role_entitlements e
    where e.organization_id = $1 and ${live('e')} and ($4::text is null or e.application = $4)
      and e.role_id in (select role_id from given where role_id is not null)
  ), named(id) as (
    select customer_account_id from given where customer_account_id is not null
    union select customer_account_id from role_gives
    union select id from customer_accounts where $5::boolean and organization_id = $1
    union select customer_account_id from mandates m where $5::boolean and m.receiver_organization_id = $1 and ${live('m')}
  ), accounts as (
    select n.customer_account_id as id, n.number, n.organization_id as owner, o.state
    from named join customer_account_numbers n on n.customer_account_id = named.id
    join organizations o on o.id = n.organization_id
  ), links(account, owner, id, parent_id) as (
    select a.id, a.owner, m.id, m.parent_id from accounts a
    join mandates m on m.receiver_organization_id = $1 and m.organization_id = a.owner and m.customer_account_id = a.id and ${live('m')}
    where a.owner <> $1
    union
    select l.account, l.owner, p.id, p.parent_id from links l
    join mandates p on p.organization_id = l.owner and p.id = l.parent_id and ${live('p')}
  )
  select json_build_object(
    'organization', json_build_array(o.state, o.attributes),
    'active', (select u.active from users u where u.organization_id = $1 and u.id = $2 and u.deleted_at is null),
    'memberOf', (select ${ordered('id', 'id')} from member_of),
    'groups', (select ${ordered('json_build_array(g.id, g.display_name)', 'g.id')}
      from reach join groups g on g.organization_id = $1 and g.id = reach.id),
    'nesting', (select ${ordered('json_build_array(n.child_id, n.parent_id)', 'n.child_id, n.parent_id')}
      from reach join group_groups n on n.organization_id = $1 and n.child_id = reach.id),
    'assignments', (select ${ordered(
      `json_build_array(id, case subject_kind when 'group' then subject_id end, role_id, application, customer_account_id, profile, "values",
        ${ms('valid_from')}, ${ms('valid_until')}, given_by, ${ms('given_at')})`,
      'id',
    )} from given),
    'roles', (select ${ordered('json_build_array(r.id, r.name)', 'r.id')} from roles r
      where r.organization_id = $1 and r.id in (select role_id from given where role_id is not null)),
    'roleEntitlements', (select ${ordered(
      `json_build_array(role_id, application, customer_account_id, profile, "values", ${ms('valid_from')}, ${ms('valid_until')})`,
      'id',
    )} from role_gives),
    'accounts', (select ${ordered('json_build_array(id, number, owner, state)', 'id')} from accounts),
    'resources', (select ${ordered(
      'json_build_array(r.customer_account_id, r.kind, r.number, r.state, r.master, r.services)',
      'r.customer_account_id, r.kind, r.number collate "C"',
    )} from accounts a join resources r on r.organization_id = a.owner and r.customer_account_id = a.id),
    'subscriptions', (select ${ordered(
      `json_build_array(s.customer_account_id, s.application, s."values", ${ms('s.valid_from')}, ${ms('s.valid_until')})`,
      's.id',
    )} from accounts a join subscriptions s on s.organization_id = a.owner and s.customer_account_id = a.id and ${live('s')}
      and ($4::text is null or s.application = $4)),
    'mandates', (select ${ordered(
      `json_build_array(m.id, m.customer_account_id, m.giver_organization_id, g.state, m.receiver_organization_id, m.parent_id, m.onward,
        ${ms('m.valid_from')}, ${ms('m.valid_until')},
        (select coalesce(jsonb_agg(b), '[]'::jsonb) from jsonb_array_elements(m.boxes) b where $4::text is null or b ->> 'application' = $4))`,
      'm.id',
    )} from (select distinct owner, id from links) l join mandates m on m.organization_id = l.owner and m.id = l.id
      join organizations g on g.id = m.giver_organization_id)
  )::text as facts
  from organizations o where o.id = $1`,
);

type Values = Record<string, '*' | string[]>;
type Time = number | null;

/** What the text holds. */
export type Facts = {
  organization: [state: string, attributes: Record<string, unknown>];
  /** Null: there is no such user. */
  active: boolean | null;
  memberOf: string[];
  groups: [id: string, name: string][];
  nesting: [child: string, parent: string][];
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
    givenBy: { kind: 'user' | 'connection' | 'operator' | 'system'; id: string; label: string },
    givenAt: number,
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
