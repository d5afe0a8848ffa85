// Which requests an administrator may answer: those for something that lies in his ceiling, on the customer account that
// is named or, where none is, on any. Evaluated at each read, so that what waited for one who left waits for the others.
import { loadActing, mayAdminister, type Acting } from '../entitlements/acting.ts';
import type { OrganizationCtx } from '../context.ts';
import type { AccessRequest } from './request-row.ts';

export type Reach = {
  /** The operator: everything. */
  readonly everything: boolean;
  /** His own requests he does not answer. */
  readonly userId: string | null;
  /** Pairs of application and customer account, side by side. */
  readonly applications: readonly string[];
  readonly accounts: readonly string[];
};

export function reachOf(acting: Acting): Reach {
  if (acting.userId === null) return { everything: true, userId: null, applications: [], accounts: [] };
  const pairs = new Map(
    acting.ceiling
      .filter(({ customerAccount }) => mayAdminister(acting, [customerAccount]))
      .map(({ application, customerAccount }) => [
        `${application} ${customerAccount}`,
        { application, customerAccount },
      ]),
  );
  const all = [...pairs.values()];
  return {
    everything: false,
    userId: acting.userId,
    applications: all.map(({ application }) => application),
    accounts: all.map(({ customerAccount }) => customerAccount),
  };
}

export const loadReach = async (ctx: OrganizationCtx): Promise<Reach> => reachOf(await loadActing(ctx));

export const mayAnswer = (reach: Reach, request: Pick<AccessRequest, 'userId' | 'application' | 'customerAccountId'>) =>
  reach.everything ||
  (request.userId !== reach.userId &&
    reach.applications.some(
      (application, i) =>
        application === request.application &&
        (request.customerAccountId === null || reach.accounts[i] === request.customerAccountId),
    ));

/** The same as a condition on `access_requests r`, with its four values at `$first` and after. */
export const reachCondition = (first: number): string =>
  `($${first}::boolean or (r.user_id <> $${first + 1}::uuid and exists (
    select 1 from unnest($${first + 2}::text[], $${first + 3}::uuid[]) as reach(application, account)
    where reach.application = r.application and (r.customer_account_id is null or reach.account = r.customer_account_id))))`;

export const reachValues = ({ everything, userId, applications, accounts }: Reach): unknown[] => [
  everything,
  userId,
  applications,
  accounts,
];
