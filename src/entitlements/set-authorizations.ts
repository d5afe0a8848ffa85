// The authorizations of one user on one customer account, as the settings of a customer number show them: the applications
// that ask nothing but rights, each right a tick. Underneath they are assignments like all others.
import type { Application } from '../applications/application.ts';
import type { OrganizationCtx } from '../context.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { listAssignments, type Assignment } from './assignment-row.ts';
import { endAssignment, replaceAssignments } from './end-assignment.ts';
import { assign } from './give-rights.ts';

/** Applications whose one list is that of rights. */
export const isAuthorization = ({ dimensions }: Application): boolean =>
  dimensions.length === 1 && dimensions[0] === 'rights';

type AuthorizationsInput = {
  readonly userId: string;
  readonly customerAccountId: string;
  /** Application -> the rights that the user is to hold there directly; what is absent stays as it is. */
  readonly rights: ReadonlyMap<string, readonly string[]>;
  /** Ids of the assignments that the choice was made from. */
  readonly seen: readonly string[];
};

const rightsIn = (assignments: readonly Assignment[]): string[] =>
  [...new Set(assignments.flatMap(({ values }) => [...(values?.rights ?? [])]))].sort();

/** What was given to the user himself there and has not ended. Throws nothing for somebody who is not there. */
export const authorizationsOf = async (
  ctx: OrganizationCtx,
  { userId, customerAccountId }: Pick<AuthorizationsInput, 'userId' | 'customerAccountId'>,
): Promise<Assignment[]> =>
  (await listAssignments(ctx, { kind: 'user', id: userId })).filter(
    (one) => one.customerAccountId === customerAccountId.toLowerCase(),
  );

/**
 * One act: all or nothing. Answers whether anything changed. Throws HubError `conflict` when the assignments are no longer those
 * that were seen, and as assign, endAssignment and replaceAssignments do.
 */
export function setAuthorizations(ctx: OrganizationCtx, input: AuthorizationsInput): Promise<boolean> {
  return transaction(async () => {
    const { userId, customerAccountId, rights, seen } = input;
    const standing = (await authorizationsOf(ctx, input)).filter(({ application }) => rights.has(application ?? ''));
    const ids = standing.map(({ id }) => id).sort();
    if (ids.join() !== [...seen].sort().join())
      throw new HubError('conflict', 'These authorizations were changed by somebody else meanwhile.');
    let changed = false;
    for (const [application, wanted] of rights) {
      const held = standing.filter((one) => one.application === application);
      if (rightsIn(held).join() === [...new Set(wanted)].sort().join()) continue;
      changed = true;
      const gifts = wanted.length === 0 ? [] : [{ application, customerAccountId, values: { rights: [...wanted] } }];
      if (held.length === 0) await assign(ctx, { subject: { kind: 'user', id: userId }, gifts });
      else if (gifts.length > 0) await replaceAssignments(ctx, { ids: held.map(({ id }) => id), gifts });
      else for (const { id } of held) await endAssignment(ctx, id);
    }
    return changed;
  });
}
