// Who has what in the demonstration. Each right is given by the person whom the data names, with his own ceiling:
// the demonstration cannot hold anything that the hub would refuse.
import type { OrganizationCtx } from '../context.ts';
import { addToRole } from '../entitlements/change-role.ts';
import { assign, type Gift } from '../entitlements/give-rights.ts';
import { openToConnection } from '../entitlements/open-to-connection.ts';
import { giveMandate } from '../mandates/give-mandate.ts';
import type { DemoAssignment, DemoEntitlement, DemoMandate, DemoOrganization } from './demo-data.ts';
import { idOf, valuesOf, type Seeded } from './seed-organization.ts';

const DAY_MS = 86_400_000;

const until = (ctx: OrganizationCtx, day: number | undefined) =>
  day === undefined ? {} : { validUntil: new Date(ctx.now.getTime() + day * DAY_MS) };

/** The Ctx of one of the organization's people. */
const as = ({ ctx, users }: Seeded, userName: string): OrganizationCtx => ({
  ...ctx,
  actor: { kind: 'user', id: idOf(users, userName), organizationId: ctx.organizationId, label: userName },
});

/** Customer account numbers are known over all organizations: a mail house is given rights on its customer's. */
type Accounts = ReadonlyMap<string, string>;

const entitlementOf = (accounts: Accounts, { application, customer_account, profile, values }: DemoEntitlement) => ({
  application,
  customerAccountId: idOf(accounts, customer_account),
  ...(profile === undefined ? {} : { profile }),
  values: valuesOf(values),
});

async function seedAssignment(seeded: Seeded, accounts: Accounts, data: DemoAssignment): Promise<void> {
  const ctx = as(seeded, data.by);
  const subject =
    'to_user' in data
      ? { kind: 'user' as const, id: idOf(seeded.users, data.to_user) }
      : { kind: 'group' as const, id: idOf(seeded.groups, data.to_group) };
  const what = 'role' in data ? { roleId: idOf(seeded.roles, data.role) } : entitlementOf(accounts, data);
  const gift: Gift = { ...what, ...until(ctx, data.until_day) };
  await assign(ctx, { subject, gifts: [gift], consent: true });
}

export async function seedMandate(from: Seeded, to: Seeded, data: DemoMandate): Promise<void> {
  const ctx = as(from, data.by);
  await giveMandate(ctx, {
    customerAccountId: idOf(from.accounts, data.customer_account),
    receiverOrganizationId: to.ctx.organizationId,
    boxes: data.boxes.map(({ application, values }) => ({ application, values: valuesOf(values) })),
    ...(data.onward === undefined ? {} : { onward: data.onward }),
    ...until(ctx, data.until_day),
  });
}

export async function seedRights(seeded: Seeded, accounts: Accounts, data: DemoOrganization): Promise<void> {
  for (const role of data.roles ?? []) {
    await addToRole(seeded.ctx, {
      roleId: idOf(seeded.roles, role.name),
      entitlements: role.entitlements.map((one) => entitlementOf(accounts, one)),
    });
  }
  for (const connection of data.connections ?? []) {
    for (const group of connection.opened_groups) {
      await openToConnection(as(seeded, connection.opened_by), {
        connectionId: idOf(seeded.connections, connection.name),
        kind: 'group',
        targetId: idOf(seeded.groups, group),
      });
    }
  }
  for (const assignment of data.assignments ?? []) await seedAssignment(seeded, accounts, assignment);
}
