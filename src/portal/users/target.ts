// The person that a page is about, and what the visitor may do with him: every act with the reason why not, by the
// functions that refuse the act itself.
import type { Request } from 'express';
import type { ErrorCode } from '../../errors.ts';
import { refusalCode } from '../../entitlements/change-administration-rights.ts';
import { checkLastChief } from '../../entitlements/check-deactivation.ts';
import { touchRefusals, type TouchRefusals } from '../../entitlements/check-rank.ts';
import { readUserDetails, type UserDetails } from '../../users/user-details.ts';
import { visitorOf, type Visitor } from '../signed-in.ts';
import { LIST_PATH } from './list-query.ts';

export type Target = {
  readonly visitor: Visitor;
  readonly user: UserDetails;
  readonly refusals: TouchRefusals;
  readonly himself: boolean;
  readonly path: string;
};

/** Throws HubError `not_found`, also for another organization's, and `not_permitted`. */
export async function targetOf(req: Request): Promise<Target> {
  const visitor = visitorOf(req);
  const { ctx } = visitor;
  const user = await readUserDetails(ctx, String(req.params['id']));
  const refusals = await touchRefusals(ctx, user.id);
  const deactivate: ErrorCode | null = refusals.deactivate ?? (await refusalCode(() => checkLastChief(ctx, user.id)));
  return {
    visitor,
    user,
    refusals: { ...refusals, deactivate },
    himself: user.id === ctx.actor.id,
    path: `${LIST_PATH}/${user.id}`,
  };
}

/** Why his details cannot be edited here; what a directory owns, only the directory changes. */
export const editRefusal = ({ user, refusals, himself }: Target): ErrorCode | null =>
  user.directory !== null ? 'directory_owned' : himself ? null : refusals.edit;
