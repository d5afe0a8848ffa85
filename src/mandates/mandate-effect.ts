// How many people lose and gain by an act on a mandate, found by carrying the act out and undoing it. Each distinct
// entitlement is looked at once and its holders are counted by the database, so that ten thousand people cost little more
// than ten. Counts people with something more or less; what exactly is for the explanation of each.
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { effectivePart } from '../entitlements/acting.ts';
import type { Box, Entitlement } from '../entitlements/box.ts';
import { gainOf } from '../entitlements/giving.ts';
import { loadSnapshot } from '../entitlements/load-snapshot.ts';
import { PEOPLE_OF_GIVEN } from '../entitlements/people-of-given.ts';
import { dryRun } from '../provisioning/dry-run.ts';
import type { Mandate } from './find-mandate.ts';
import { mandatesBelow } from './mandates-below.ts';

export type MandateEffect = {
  readonly gain: number;
  readonly lose: number;
  /** Of those, how many are the receiver's own people; the others are of organizations to which it passed the mandate on. */
  readonly own: { readonly gain: number; readonly lose: number };
};

type Held = { entitlement: Entitlement; assignments: string[]; roles: string[] };
type HeldRow = {
  application: string;
  profile: string | null;
  values: Entitlement['values'];
  from: Date | null;
  until: Date | null;
  ids: string[];
};

const SPAN = (alias: string) =>
  `${alias}.ended_at is null and (${alias}.valid_until is null or ${alias}.valid_until > $3) and (${alias}.valid_from is null or ${alias}.valid_from <= $3)`;
const COLUMNS = (alias: string) =>
  `${alias}.application, ${alias}.profile, ${alias}."values", ${alias}.valid_from as "from", ${alias}.valid_until as until`;

/** What an organization's people hold on the account, each distinct entitlement once, with the assignments and roles that give it. */
async function heldOn(organizationId: string, customerAccountId: string, now: Date): Promise<Held[]> {
  const values = [organizationId, customerAccountId, now];
  const rows = (table: string) =>
    query<HeldRow>(
      `select ${COLUMNS('a')}, array_agg(${table === 'assignments' ? 'a.id' : 'a.role_id'}) as ids from ${table} a
       where a.organization_id = $1 and a.customer_account_id = $2 and ${SPAN('a')} group by 1, 2, 3, 4, 5`,
      values,
    );
  const read = ({ ids: _ids, profile, from, until, ...row }: HeldRow): Entitlement => ({
    application: row.application,
    customerAccount: customerAccountId,
    values: row.values,
    validity: { from: from?.getTime() ?? null, until: until?.getTime() ?? null },
    ...(profile === null ? {} : { profile }),
  });
  const [assigned, byRole] = [await rows('assignments'), await rows('role_entitlements')];
  return [
    ...assigned.map((row) => ({ entitlement: read(row), assignments: row.ids, roles: [] })),
    ...byRole.map((row) => ({ entitlement: read(row), assignments: [], roles: row.ids })),
  ];
}

/** What of each has effect at this moment. */
async function effectOf(organizationId: string, held: readonly Held[], now: Date): Promise<Box[][]> {
  const read = await loadSnapshot({ organizationId, now, ceiling: true });
  if (!read) return held.map(() => []);
  return held.map(({ entitlement }) => effectivePart(read, [entitlement]));
}

async function countHolders(organizationId: string, held: readonly Held[], now: Date): Promise<number> {
  if (held.length === 0) return 0;
  const row = await queryOne<{ n: number }>(
    `with recursive given(id) as (
      select a.subject_id from assignments a where a.organization_id = $1 and a.id = any($2::uuid[])
      union
      select a.subject_id from assignments a where a.organization_id = $1 and a.role_id = any($4::uuid[]) and ${SPAN('a')}
    ), ${PEOPLE_OF_GIVEN}
    select count(*)::int as n from people p join users u on u.organization_id = $1 and u.id = p.id
    where u.active and u.deleted_at is null`,
    [organizationId, held.flatMap(({ assignments }) => assignments), now, held.flatMap(({ roles }) => roles)],
  );
  return row?.n ?? 0;
}

/** `act` answers the mandate that it made, changed or withdrew. Throws what it throws. Call outside a transaction. */
export const mandateEffect = (
  ctx: OrganizationCtx,
  place: { readonly ownerOrganizationId: string; readonly customerAccountId: string; readonly receiverId: string },
  mandateId: string | null,
  act: () => Promise<Mandate | undefined>,
): Promise<MandateEffect> =>
  dryRun(async () => {
    const below = mandateId === null ? [] : await mandatesBelow(place.ownerOrganizationId, mandateId);
    const organizations = [...new Set([place.receiverId, ...below.map((one) => one.receiverOrganizationId)])];
    const before: { id: string; held: Held[]; effect: Box[][] }[] = [];
    for (const id of organizations) {
      const held = await heldOn(id, place.customerAccountId, ctx.now);
      before.push({ id, held, effect: await effectOf(id, held, ctx.now) });
    }
    await act();
    const total = { gain: 0, lose: 0 };
    const own = { gain: 0, lose: 0 };
    for (const { id, held, effect } of before) {
      const after = await effectOf(id, held, ctx.now);
      const losing = held.filter((_, i) => gainOf(after[i] ?? [], effect[i] ?? []).length > 0);
      const gaining = held.filter((_, i) => gainOf(effect[i] ?? [], after[i] ?? []).length > 0);
      const counts = {
        gain: await countHolders(id, gaining, ctx.now),
        lose: await countHolders(id, losing, ctx.now),
      };
      total.gain += counts.gain;
      total.lose += counts.lose;
      if (id === place.receiverId) Object.assign(own, counts);
    }
    return { ...total, own };
  });
