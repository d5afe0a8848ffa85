// Creates the people of some rows, with their groups, roles and administration rights, by the functions of every other door.
// A group that may not be given refuses the rows that name it and no other: they are left out and the rest is tried again,
// so that a row is created whole or not at all.
import type { OrganizationCtx } from '../context.ts';
import { inviteUser } from '../credentials/invite-user.ts';
import { checkNumber } from '../entitlements/entitlement-input.ts';
import type { AdministrationRight } from '../entitlements/administration-rights-of.ts';
import { changeAdministrationRights } from '../entitlements/change-administration-rights.ts';
import { assignRole } from '../entitlements/give-rights.ts';
import { HubError } from '../errors.ts';
import { changeGroup } from '../groups/change-group.ts';
import { atomically } from '../provisioning/dry-run.ts';
import { createPeople } from '../users/create-people.ts';
import type { Field, ReadRow } from './columns.ts';
import type { RowFault } from './import-record.ts';
import { lackingIn } from './lacking.ts';

type ApplyRow = ReadRow & { readonly line: number };
type Applying = {
  readonly rows: readonly ApplyRow[];
  readonly targets: Readonly<Record<string, string>>;
  readonly usernames: 'free' | 'email';
  readonly invite: boolean;
};
export type Applied = {
  /** line -> the new user. */
  readonly created: ReadonlyMap<number, string>;
  readonly refused: ReadonlyMap<number, readonly RowFault[]>;
};

const FIELD_OF_KIND: Readonly<Record<string, Field>> = {
  group: 'groups',
  role: 'roles',
  right: 'administrationRights',
};
export const kindOfItem = (item: string): string => item.slice(0, item.indexOf(':'));
export const nameOfItem = (item: string): string => item.slice(item.indexOf(':') + 1);

export const itemFault = (item: string, code: string, details: HubError['details'] = {}): RowFault => ({
  path: FIELD_OF_KIND[kindOfItem(item)] ?? 'groups',
  code,
  name: nameOfItem(item),
  ...lackingIn(details),
});

/** Stops one attempt: these rows cannot be created, for this reason. */
class RowsRefused extends Error {
  readonly lines: readonly number[];
  readonly fault: RowFault;

  constructor(lines: readonly number[], fault: RowFault) {
    super(fault.code);
    this.lines = lines;
    this.fault = fault;
  }
}

/** Call in a transaction. Throws what is no fault of a row, such as `not_permitted` of createPeople. */
export async function applyRows(ctx: OrganizationCtx, applying: Applying): Promise<Applied> {
  const refused = new Map<number, readonly RowFault[]>();
  for (;;) {
    const rows = applying.rows.filter(({ line }) => !refused.has(line));
    try {
      const { created, taken } = await atomically(() => attempt(ctx, { ...applying, rows }));
      for (const line of taken) refused.set(line, [{ path: 'userName', code: 'taken' }]);
      return { created, refused };
    } catch (error) {
      if (!(error instanceof RowsRefused)) throw error;
      for (const line of error.lines) refused.set(line, [error.fault]);
    }
  }
}

async function attempt(ctx: OrganizationCtx, { rows, targets, usernames, invite }: Applying) {
  const ids = await createPeople(
    ctx,
    rows.map(({ details }) => details),
    usernames,
  );
  const created = new Map<number, string>();
  const taken: number[] = [];
  rows.forEach(({ line }, i) => {
    const id = ids[i] ?? null;
    if (id === null) taken.push(line);
    else created.set(line, id);
  });
  const made = rows.filter(({ line }) => created.has(line));
  const userOf = ({ line }: ApplyRow): string => created.get(line) ?? '';

  for (const item of new Set(made.flatMap(({ gives }) => gives))) {
    const own = made.filter(({ gives }) => gives.includes(item));
    const target = targets[item];
    await orRefused(
      own,
      ({ code, details }) => itemFault(item, code, details),
      async () => {
        if (target === undefined) throw new HubError('not_found', `"${nameOfItem(item)}" is not known.`);
        await giveItem(ctx, item, target, own.map(userOf));
      },
    );
  }
  // Those who are given the same hold the same, since they are new: one of them is counted.
  for (const alike of Map.groupBy(
    made.filter(({ gives }) => gives.length > 1),
    ({ gives }) => gives.join('\n'),
  ).values()) {
    const [first] = alike;
    if (!first) continue;
    await orRefused(
      alike,
      ({ code }) => ({ path: 'roles', code }),
      () => checkNumber({ organizationId: ctx.organizationId, userId: userOf(first), now: ctx.now }),
    );
  }
  if (invite) {
    for (const row of made)
      await orRefused(
        [row],
        ({ code }) => ({ path: 'email', code }),
        () => inviteUser(ctx, { userId: userOf(row) }),
      );
  }
  return { created, taken };
}

async function giveItem(ctx: OrganizationCtx, item: string, target: string, userIds: readonly string[]): Promise<void> {
  const kind = kindOfItem(item);
  if (kind === 'group') await changeGroup(ctx, target, { steps: [{ add: userIds, remove: [] }] });
  else if (kind === 'role') await assignRole(ctx, { roleId: target, userIds });
  else {
    for (const userId of userIds)
      await changeAdministrationRights(ctx, userId, [{ name: target as AdministrationRight, on: true }]);
  }
}

async function orRefused(
  rows: readonly ApplyRow[],
  fault: (refusal: HubError) => RowFault,
  act: () => Promise<unknown>,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof HubError) || error.code === 'unavailable') throw error;
    throw new RowsRefused(
      rows.map(({ line }) => line),
      fault(error),
    );
  }
}
