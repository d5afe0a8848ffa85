// Moving a customer account to another organization, and what that would do; see ../operations/account-moves.ts.
import { moveCustomerAccount, moveEffect } from '../../organizations/move-customer-account.ts';
import type { Handlers } from '../operation.ts';
import type { accountMoveOperations } from '../operations/account-moves.ts';

export const accountMoveHandlers: Handlers<typeof accountMoveOperations> = {
  'customer-account.move-effect': (ctx, { params }) => moveEffect(ctx, params.customerAccount),
  'customer-account.move': (ctx, { params, body }) =>
    moveCustomerAccount(ctx, { customerAccountId: params.customerAccount, ...body }),
};
