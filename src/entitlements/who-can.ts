// "Who can do this?" the other way round: everybody to whom something was given that names the asked values, a page at a
// time in the order of their usernames, each with his ways and with whether it has effect. The page costs the same
// number of reads however many there are.
import { DIMENSIONS, RESOURCE_DIMENSIONS, type Dimension } from '../applications/application.ts';
import { findApplication } from '../applications/catalogue.ts';
import type { OrganizationCtx } from '../context.ts';
import { preparedText, query } from '../database/query.ts';
import { customerAccountNotFound } from '../organizations/find-customer-account.ts';
import type { Box, Entitlement } from './box.ts';
import { checkAdministers } from './check-administers.ts';
import { assignedIn, effectiveEntitlements, type Cause, type WithheldCode } from './effective.ts';
import { loadMany } from './load-many.ts';
import type { RightsSnapshot } from './snapshot.ts';

export type WhoCanQuestion = {
  readonly application: string;
  /** Absent: on any customer account. */
  readonly customerAccountId?: string;
  /** A value for some dimensions; what is absent may be any. */
  readonly values: Readonly<Partial<Record<Dimension, string>>>;
};
type WhoCanQuery = WhoCanQuestion & { readonly size: number; readonly after?: string };

export type WhoCanLine = {
  readonly userId: string;
  readonly userName: string;
  readonly name: string;
  readonly kind: 'person' | 'service';
  /** False: it was given and has no effect at this moment. */
  readonly allowed: boolean;
  /** Of what has effect; where nothing has, of what was given. */
  readonly causes: readonly Cause[];
  readonly withheld: readonly WithheldCode[];
  /** One of those that answer the question, for the link to "why". */
  readonly entitlement: Entitlement;
};
type WhoCanPage = { readonly people: readonly WhoCanLine[]; readonly next: string | null };

/** More are not sorted by name but found by walking the list of names, where they then stand close together. */
const FEW = 5000;

class Values {
  readonly all: unknown[] = [];
  add(value: unknown): string {
    return `$${this.all.push(value)}`;
  }
}

const live = (alias: string) =>
  `${alias}.ended_at is null and (${alias}.valid_from is null or ${alias}.valid_from <= $2) and (${alias}.valid_until is null or ${alias}.valid_until > $2)`;

/** People `u` of the page, in their order; `limit` rows after the cursor. */
function statement(asked: WhoCanQuestion, after: string | undefined, limit: number, values: Values): string {
  const application = values.add(asked.application);
  const account = asked.customerAccountId === undefined ? undefined : values.add(asked.customerAccountId.toLowerCase());
  const matching = DIMENSIONS.flatMap((dimension) => {
    const value = asked.values[dimension];
    return value === undefined ? [] : [{ dimension, list: values.add(['*', value]) }];
  });
  const fits = (alias: string) =>
    [
      `${alias}.organization_id = $1 and ${alias}.application = ${application} and ${live(alias)}`,
      ...(account === undefined ? [] : [`${alias}.customer_account_id = ${account}`]),
      ...matching.map(({ dimension, list }) => `${alias}."values" -> '${dimension}' ?| ${list}::text[]`),
    ].join(' and ');
  const byRole = `select a.subject_id from role_ids r join assignments a on a.organization_id = $1 and a.role_id = r.id and ${live('a')}`;
  const people = `u.organization_id = $1 and u.deleted_at is null and u.active${after === undefined ? '' : ` and u.user_name_key > ${values.add(after)}`}`;
  const columns = `u.id, u.user_name_key, u.kind, u.document ->> 'userName' as "userName", coalesce(u.document ->> 'displayName', u.user_name) as name`;
  const order = `order by u.user_name_key limit ${limit}`;
  // "offset 0" keeps the planner from reading all of an organization's to answer for one person.
  return `with recursive role_ids(id) as materialized (
      select distinct e.role_id from role_entitlements e where ${fits('e')}
    ), down(id) as (
      select a.subject_id from assignments a where ${fits('a')} and a.subject_kind = 'group'
      union ${byRole} and a.subject_kind = 'group'
      union select n.child_id from down d join group_groups n on n.organization_id = $1 and n.parent_id = d.id
    ), few as materialized (
      select id from (
        select a.subject_id as id from assignments a where ${fits('a')} and a.subject_kind = 'user'
        union all ${byRole} and a.subject_kind = 'user'
        union all select m.user_id from down d cross join lateral (
          select user_id from group_users where organization_id = $1 and group_id = d.id offset 0) m
      ) found limit ${FEW + 1}
    ), many as materialized (select count(*) > ${FEW} as yes from few)
    select * from (
      (select ${columns} from users u where not (select yes from many) and ${people} and u.id in (select id from few) ${order})
      union all
      (select ${columns} from users u where (select yes from many) and ${people} and (
        exists (select 1 from assignments a where a.subject_id = u.id and ${fits('a')} offset 0)
        or exists (select 1 from assignments a where a.organization_id = $1 and a.subject_id = u.id and ${live('a')}
          and a.role_id in (select id from role_ids) offset 0)
        or exists (select 1 from group_users m where m.organization_id = $1 and m.user_id = u.id
          and m.group_id in (select id from down) offset 0)) ${order})
    ) page`;
}

type Row = { id: string; user_name_key: string; kind: 'person' | 'service'; userName: string; name: string };

const encode = (key: string): string => Buffer.from(key).toString('base64url');
const decode = (cursor: string): string => Buffer.from(cursor, 'base64url').toString('utf8');

/** Throws HubError `not_permitted`, `unknown_application`, `not_found` (customer account). */
export async function whoCan(ctx: OrganizationCtx, asked: WhoCanQuery): Promise<WhoCanPage> {
  await checkAdministers(ctx);
  const values = new Values();
  values.all.push(ctx.organizationId, ctx.now);
  const after = asked.after === undefined ? undefined : decode(asked.after);
  const rows = await query<Row>(preparedText(statement(asked, after, asked.size + 1, values)), values.all);
  const page = rows.slice(0, asked.size);
  const { snapshots, organization } = await loadMany(ctx, {
    userIds: page.map(({ id }) => id),
    application: asked.application,
  });
  findApplication(organization.catalogue, asked.application);
  const account = asked.customerAccountId?.toLowerCase();
  if (account !== undefined && !organization.accounts.has(account)) throw customerAccountNotFound(account);
  const people = page.flatMap(({ id, kind, userName, name }): WhoCanLine[] => {
    const snapshot = snapshots.get(id);
    const verdict = snapshot && verdictOf(snapshot, asked);
    return verdict ? [{ userId: id, kind, userName, name, ...verdict }] : [];
  });
  const last = page.at(-1);
  return { people, next: last && rows.length > asked.size ? encode(last.user_name_key) : null };
}

/** Does the box allow some combination with the asked values? Time is not asked. */
function fitsQuestion(box: Box, { application, customerAccountId, values }: WhoCanQuestion): boolean {
  return (
    box.application === application &&
    (customerAccountId === undefined || box.customerAccount === customerAccountId.toLowerCase()) &&
    Object.entries(values).every(([dimension, value]) => {
      const held = box.values[dimension as Dimension];
      return held === '*' || held?.includes(value) === true;
    })
  );
}

/** `"*"` also covers contracts that are closed: nobody may do anything with those. */
function isLive(snapshot: RightsSnapshot, { customerAccount }: Box, { values }: WhoCanQuestion): boolean {
  const resources = snapshot.accounts.get(customerAccount)?.resources ?? [];
  return RESOURCE_DIMENSIONS.every((dimension) => {
    const number = values[dimension];
    if (number === undefined) return true;
    return resources.some((one) => one.kind === dimension && one.number === number && one.state === 'active');
  });
}

type Verdict = Pick<WhoCanLine, 'allowed' | 'causes' | 'withheld' | 'entitlement'>;

/** Undefined: what named the values has gone meanwhile. */
function verdictOf(snapshot: RightsSnapshot, asked: WhoCanQuestion): Verdict | undefined {
  const answer = effectiveEntitlements(snapshot, asked);
  const held = answer.effective.filter(
    ({ entitlement }) => fitsQuestion(entitlement, asked) && isLive(snapshot, entitlement, asked),
  );
  const withheld = answer.withheld.filter(({ entitlement }) => fitsQuestion(entitlement, asked));
  const codes = [...new Set(withheld.map(({ code }) => code))];
  const [first] = held;
  if (first) {
    return {
      allowed: true,
      causes: held.flatMap(({ causes }) => causes),
      withheld: codes,
      entitlement: first.entitlement,
    };
  }
  const given = assignedIn(snapshot).find(({ entitlement }) => fitsQuestion(entitlement, asked));
  return given && { allowed: false, causes: given.causes, withheld: codes, entitlement: given.entitlement };
}
