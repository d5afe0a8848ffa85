// The dry run: what of the stored rows cannot be created, found by whole statements, and by trying out each group, role and
// administration right on a person who is undone again, so that the answer is that of the act itself.
import { v7 as uuidv7 } from 'uuid';
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { administrationRightChoices } from '../entitlements/change-administration-rights.ts';
import { HubError } from '../errors.ts';
import { atomically } from '../provisioning/dry-run.ts';
import { applyRows, itemFault, kindOfItem, nameOfItem } from './apply-rows.ts';
import { itemOf } from './columns.ts';
import type { RowFault } from './import-record.ts';

type Checking = {
  readonly id: string;
  /** Everything that the rows' lists name. */
  readonly items: ReadonlySet<string>;
  readonly usernames: 'free' | 'email';
};

/** Marks the rows that cannot be created. Answers what each item means. Call in a transaction. */
export async function checkRows(
  ctx: OrganizationCtx,
  { id, items, usernames }: Checking,
): Promise<Record<string, string>> {
  const values = [ctx.organizationId, id];
  await query(
    `with known as (
       select line, (array_agg(line) over others)[1] as other, count(*) over (partition by key) as times
       from import_rows where organization_id = $1 and import_id = $2 and key is not null
       window others as (partition by key order by line rows between unbounded preceding and unbounded following exclude current row)
     ), same as materialized (select line, other from known where times > 1)
     update import_rows r set state = 'refused', faults = coalesce(r.faults, '[]') ||
       jsonb_build_array(jsonb_build_object('path', 'userName', 'code', 'twice', 'line', s.other))
     from same s where r.organization_id = $1 and r.import_id = $2 and r.line = s.line`,
    values,
  );
  await query(
    `update import_rows r set state = 'refused', faults = coalesce(r.faults, '[]') ||
       jsonb_build_array(jsonb_build_object('path', 'userName', 'code', case when u.active then 'taken' else 'taken_deactivated' end))
     from users u where r.organization_id = $1 and r.import_id = $2 and u.organization_id = $1 and u.user_name_key = r.key
       and u.deleted_at is null`,
    values,
  );
  const { targets, faults } = await resolveItems(ctx, items);
  for (const item of items) {
    const target = targets[item];
    const fault = faults.get(item) ?? (target === undefined ? undefined : await tryOut(ctx, item, target, usernames));
    if (!fault) continue;
    await query(
      `update import_rows set state = 'refused', faults = coalesce(faults, '[]') || $4::jsonb
       where organization_id = $1 and import_id = $2 and gives @> $3::jsonb`,
      [...values, JSON.stringify([item]), JSON.stringify([fault])],
    );
  }
  return targets;
}

/** The refusal of one item, given to a new person who exists for the question only. */
async function tryOut(
  ctx: OrganizationCtx,
  item: string,
  target: string,
  usernames: 'free' | 'email',
): Promise<RowFault | undefined> {
  class Undone extends Error {}
  let found: RowFault | undefined;
  try {
    await atomically(async () => {
      const userName = `probe.${uuidv7()}@import.invalid`;
      const details = {
        userName,
        givenName: 'Probe',
        familyName: 'Probe',
        email: userName,
        salutation: '',
        language: 'en' as const,
      };
      const rows = [{ line: 0, details, gives: [item] }];
      const { refused } = await applyRows(ctx, { rows, targets: { [item]: target }, usernames, invite: false });
      found = refused.get(0)?.[0];
      throw new Undone();
    });
  } catch (error) {
    if (!(error instanceof Undone)) throw error;
  }
  return found;
}

type Named = { key: string; ids: string[]; owned: boolean };

const pick = (items: ReadonlySet<string>, kind: string): string[] =>
  [...items].filter((item) => kindOfItem(item) === kind).map(nameOfItem);

async function resolveItems(ctx: OrganizationCtx, items: ReadonlySet<string>) {
  const targets: Record<string, string> = {};
  const faults = new Map<string, RowFault>();
  const groups = await query<Named>(
    `select display_name_key as key, array_agg(id) as ids, bool_or(connection_id is not null) as owned from groups
     where organization_id = $1 and display_name_key = any($2) and deleted_at is null group by display_name_key`,
    [ctx.organizationId, pick(items, 'group')],
  );
  const roles = await query<Named>(
    `select name_key as key, array_agg(id) as ids, false as owned from roles
     where organization_id = $1 and name_key = any($2) and ended_at is null group by name_key`,
    [ctx.organizationId, pick(items, 'role')],
  );
  for (const [kind, known] of [
    ['group', groups],
    ['role', roles],
  ] as const) {
    for (const name of pick(items, kind)) {
      const item = itemOf(kind, name);
      const found = known.find(({ key }) => key === name);
      const [only, ...others] = found?.ids ?? [];
      if (only === undefined) faults.set(item, itemFault(item, 'unknown_name'));
      else if (others.length > 0) faults.set(item, itemFault(item, 'ambiguous_name'));
      else if (found?.owned === true) faults.set(item, itemFault(item, 'directory_owned'));
      else targets[item] = only;
    }
  }
  const rights = pick(items, 'right');
  const choices = rights.length === 0 ? [] : (await rightChoices(ctx)).filter(({ account }) => account === null);
  for (const name of rights) {
    const item = itemOf('right', name);
    const choice = choices.find((one) => one.name === name);
    if (!choice) faults.set(item, itemFault(item, 'unknown_right'));
    else if (choice.code !== null && !choice.held) faults.set(item, itemFault(item, choice.code));
    else targets[item] = choice.name;
  }
  return { targets, faults };
}

async function rightChoices(ctx: OrganizationCtx) {
  try {
    return await administrationRightChoices(ctx, null);
  } catch (error) {
    if (error instanceof HubError && error.code === 'not_permitted') return [];
    throw error;
  }
}
