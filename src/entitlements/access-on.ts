// "Who had what on that day?", for an auditor: every assignment that was valid at the instant, with the people it reached
// then. What was given stands in the rows themselves, by their beginning and end; who was in which group is worked out
// from the audit. What subscriptions and mandates made of it then is not computed.
import type { OrganizationCtx } from '../context.ts';
import { preparedText, query } from '../database/query.ts';
import { checkAdministers } from './check-administers.ts';
import type { Values } from './box.ts';

export type PastAccess = {
  readonly userId: string;
  readonly userName: string;
  readonly name: string;
  /** Whether he was active then. */
  readonly active: boolean;
  /** From his own group up to the one it was given to; empty: to himself. */
  readonly groups: readonly string[];
  readonly role: string | null;
  readonly application: string;
  readonly accountNumber: string | null;
  readonly profile: string | null;
  readonly values: Readonly<Record<string, Values>>;
  readonly validUntil: Date | null;
  readonly givenBy: { readonly kind: string; readonly label: string };
  readonly givenAt: Date;
};

type Given = Omit<PastAccess, 'userId' | 'userName' | 'name' | 'active' | 'groups'> & { subjectId: string };
type Pair = { group: string; member: string };
type Change = Pair & { added: boolean; after: boolean };

const CHUNK = 500;

const was = (alias: string) => `${alias}.given_at <= $2 and (${alias}.ended_at is null or ${alias}.ended_at > $2)
  and (${alias}.valid_from is null or ${alias}.valid_from <= $2) and (${alias}.valid_until is null or ${alias}.valid_until > $2)`;

const least = `case when e.valid_until is null or a.valid_until is null then coalesce(e.valid_until, a.valid_until)
  else least(e.valid_until, a.valid_until) end`;

/** Entitlements that reached the subjects then, of assignments and of the roles they named. */
const GIVEN = `select a.subject_id as "subjectId", null as role, a.application, n.number as "accountNumber", a.profile, a."values",
    a.valid_until as "validUntil", a.given_by as "givenBy", a.given_at as "givenAt"
  from assignments a left join customer_account_numbers n on n.customer_account_id = a.customer_account_id
  where a.organization_id = $1 and a.subject_id = any($3::uuid[]) and a.role_id is null and ${was('a')}
  union all
  select a.subject_id, r.name, e.application, n.number, e.profile, e."values", ${least}, a.given_by, a.given_at
  from assignments a
  join roles r on r.organization_id = $1 and r.id = a.role_id
  join role_entitlements e on e.organization_id = $1 and e.role_id = a.role_id and ${was('e')}
  left join customer_account_numbers n on n.customer_account_id = e.customer_account_id
  where a.organization_id = $1 and a.subject_id = any($3::uuid[]) and ${was('a')}
  order by "givenAt"`;

/**
 * Members as they are now, corrected by the trail: the last change up to the instant says whether he was in; where there
 * is none, the first one after it says the contrary of what it did.
 */
async function membersThen(ctx: OrganizationCtx, at: Date): Promise<Map<string, Set<string>>> {
  const values = [ctx.organizationId, at];
  const [now, changes] = await Promise.all([
    query<Pair>(
      `select group_id as group, user_id as member from group_users where organization_id = $1
       union all select parent_id, child_id from group_groups where organization_id = $1`,
      [ctx.organizationId],
    ),
    query<Change>(
      `select distinct on (target_id, member) target_id as group, member, added, at > $2 as after from (
         select target_id, id, at, false as added, jsonb_array_elements_text(e.after -> 'removed') as member from audit_events e
           where organization_id = $1 and action = 'group.members_changed'
         union all
         select target_id, id, at, true, jsonb_array_elements_text(e.after -> 'added') from audit_events e
           where organization_id = $1 and action = 'group.members_changed'
       ) c
       order by target_id, member, at > $2, case when at <= $2 then id end desc nulls last, id`,
      values,
    ),
  ]);
  const groups = new Map<string, Set<string>>();
  const set = ({ group, member }: Pair, inside: boolean): void => {
    const of = groups.get(member) ?? new Set();
    if (inside) of.add(group);
    else of.delete(group);
    groups.set(member, of);
  };
  for (const pair of now) set(pair, true);
  for (const change of changes) {
    const pair = { group: change.group, member: change.member.toLowerCase() };
    if (!change.after) set(pair, change.added);
    else set(pair, !change.added);
  }
  return groups;
}

/** Each group from which something reaches the member, with the shortest way up to it. */
function waysUp(groups: ReadonlyMap<string, ReadonlySet<string>>, member: string): Map<string, string[]> {
  const ways = new Map<string, string[]>();
  let front: [string, string[]][] = [[member, []]];
  while (front.length > 0) {
    front = front.flatMap(([id, way]) =>
      [...(groups.get(id) ?? [])].flatMap((group): [string, string[]][] => {
        if (ways.has(group)) return [];
        const longer = [...way, group];
        ways.set(group, longer);
        return [[group, longer]];
      }),
    );
  }
  return ways;
}

type UserRow = { id: string; userName: string; name: string; active: boolean };

/** People who existed then, those who are gone since among them. */
const PEOPLE = `select u.id, coalesce(u.document ->> 'userName', u.user_name) as "userName", coalesce(u.document ->> 'displayName', u.user_name) as name,
    coalesce(
      (select e.action <> 'user.deactivated' from audit_events e where e.organization_id = $1 and e.target_id = u.id::text
        and e.action in ('user.deactivated', 'user.reactivated') and e.at <= $2 order by e.id desc limit 1),
      (select e.action = 'user.deactivated' from audit_events e where e.organization_id = $1 and e.target_id = u.id::text
        and e.action in ('user.deactivated', 'user.reactivated') and e.at > $2 order by e.id limit 1),
      u.active) as active
  from users u where u.organization_id = $1 and u.created_at <= $2 and (u.deleted_at is null or u.deleted_at > $2) and u.id > $3
  order by u.id limit $4`;
const FIRST = '00000000-0000-0000-0000-000000000000';

type Page = {
  readonly rows: PastAccess[];
  /** Id of the last user, where there may be more. */ readonly next: string | null;
};

/** In chunks, by user. Throws HubError `not_permitted`. */
export async function* accessOn(ctx: OrganizationCtx, at: Date): AsyncGenerator<PastAccess[]> {
  const pageFrom = await openTrail(ctx, at);
  for (let after: string | null = FIRST; after !== null;) {
    const { rows, next }: Page = await pageFrom(after, CHUNK);
    if (rows.length > 0) yield rows;
    after = next;
  }
}

/** Of `size` users after the one with this id. Throws HubError `not_permitted`. */
export const accessPageOn = async (
  ctx: OrganizationCtx,
  at: Date,
  { after = FIRST, size }: { readonly after?: string | undefined; readonly size: number },
): Promise<Page> => (await openTrail(ctx, at))(after, size);

async function openTrail(ctx: OrganizationCtx, at: Date): Promise<(after: string, size: number) => Promise<Page>> {
  await checkAdministers(ctx);
  const { organizationId } = ctx;
  const groups = await membersThen(ctx, at);
  const names = new Map(
    (
      await query<{ id: string; name: string }>(
        'select id, display_name as name from groups where organization_id = $1',
        [organizationId],
      )
    ).map(({ id, name }) => [id, name]),
  );
  const givenTo = async (subjects: readonly string[]) =>
    Map.groupBy(await query<Given>(preparedText(GIVEN), [organizationId, at, subjects]), ({ subjectId }) => subjectId);
  const byGroups = await givenTo([...names.keys()]);
  return async (after, size) => {
    const people = await query<UserRow>(preparedText(PEOPLE), [organizationId, at, after, size]);
    const direct = await givenTo(people.map(({ id }) => id));
    const rows = people.flatMap(({ id, ...person }) => {
      const line =
        (way: readonly string[]) =>
        ({ subjectId: _, ...given }: Given): PastAccess => ({
          userId: id,
          ...person,
          groups: way.map((group) => names.get(group) ?? group),
          ...given,
        });
      const own = (direct.get(id) ?? []).map(line([]));
      const byGroup = [...waysUp(groups, id)].flatMap(([group, way]) => (byGroups.get(group) ?? []).map(line(way)));
      return [...own, ...byGroup];
    });
    return { rows, next: people.length < size ? null : (people.at(-1)?.id ?? null) };
  };
}
