// For whom an act on many people is possible, and why not for the others: the rules of doing it to one, with a number of reads
// that does not depend on how many they are, but for what they would get back, which is compared in portions.
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { loadActing, notPermitted } from '../entitlements/acting.ts';
import { administrationRightsOf, rankOf } from '../entitlements/administration-rights-of.ts';
import { touchRefusalsOfMany } from '../entitlements/touch-many.ts';
import { outranks } from '../entitlements/touching.ts';
import type { BulkRefusal } from './bulk-act.ts';
import type { BulkActKind } from './bulk-act-kinds.ts';

const PORTION = 500;

type Fact = { readonly id: string; readonly active: boolean; readonly hasPassword: boolean };

const factsOf = (ctx: OrganizationCtx, ids: readonly string[]): Promise<Fact[]> =>
  query<Fact>(
    `select u.id, u.active, exists (select 1 from passwords p where p.organization_id = $1 and p.user_id = u.id) as "hasPassword"
     from users u where u.organization_id = $1 and u.id = any($2::uuid[]) and u.deleted_at is null and u.kind = 'person'`,
    [ctx.organizationId, ids],
  );

/** There is nothing to do. */
function isDone(act: BulkActKind, { active, hasPassword }: Fact): boolean {
  if (act === 'deactivate') return !active;
  return act === 'reactivate' ? active : !active || hasPassword;
}

export type Weighed = { readonly userId: string; readonly code: BulkRefusal | null };

/** Ids that name nobody of the organization are left out. Throws HubError `not_permitted`. */
export async function weighPeople(
  ctx: OrganizationCtx,
  act: BulkActKind,
  userIds: readonly string[],
): Promise<Weighed[]> {
  const acting = await loadActing(ctx);
  if (acting.rank === 'none') throw notPermitted();
  const facts = await factsOf(ctx, userIds);
  const open = facts.filter((fact) => !isDone(act, fact)).map(({ id }) => id);
  const held = await administrationRightsOf(ctx, open);
  const refused = new Map<string, BulkRefusal>();
  if (act === 'reactivate') {
    for (let i = 0; i < open.length; i += PORTION)
      for (const [id, code] of await touchRefusalsOfMany(ctx, open.slice(i, i + PORTION), act)) refused.set(id, code);
  } else for (const id of open) if (!outranks(acting.rank, rankOf(held.get(id) ?? []))) refused.set(id, 'rank_too_low');
  return facts.map((fact) => {
    if (isDone(act, fact)) return { userId: fact.id, code: 'already' };
    if (act === 'deactivate' && fact.id === acting.userId) return { userId: fact.id, code: 'himself' };
    return { userId: fact.id, code: refused.get(fact.id) ?? null };
  });
}
