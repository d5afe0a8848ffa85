// "What does he hold, and who gave it to him?", asked of the database. The answers are explain.ts and effective.ts.
import type { OrganizationCtx } from '../context.ts';
import { userNotFound } from '../users/find-user.ts';
import { isId } from '../users/is-id.ts';
import { effectiveEntitlements, type Effective } from './effective.ts';
import { explain, type Explanation, type Question } from './explain.ts';
import { loadSnapshot, type ReadSnapshot } from './load-snapshot.ts';

async function load(ctx: OrganizationCtx, userId: string, application: string | undefined): Promise<ReadSnapshot> {
  const read = isId(userId)
    ? await loadSnapshot({
        organizationId: ctx.organizationId,
        userId,
        now: ctx.now,
        history: true,
        ...(application === undefined ? {} : { application }),
      })
    : undefined;
  if (!read) throw userNotFound(userId);
  return read;
}

/** One combination, with its causes or with what was given and has no effect. Throws HubError `not_found` (user). */
export async function explainAccess(
  ctx: OrganizationCtx,
  { userId, ...question }: Question & { userId: string },
): Promise<Explanation> {
  const { snapshot } = await load(ctx, userId, question.application);
  return explain(snapshot, { ...question, customerAccount: question.customerAccount.toLowerCase() });
}

/** Everything that has effect and everything that was given and has none. Throws HubError `not_found` (user). */
export async function rightsOf(
  ctx: OrganizationCtx,
  { userId, application }: { userId: string; application?: string },
): Promise<Effective & { readonly numbers: ReadonlyMap<string, string> }> {
  const { snapshot, numbers } = await load(ctx, userId, application);
  return { ...effectiveEntitlements(snapshot, application === undefined ? undefined : { application }), numbers };
}
