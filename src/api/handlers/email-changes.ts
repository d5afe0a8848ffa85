// Changes of e-mail addresses that wait; see ../operations/email-changes.ts.
import { cancelEmailChange, openEmailChange, resendEmailChange } from '../../credentials/change-email.ts';
import { HubError } from '../../errors.ts';
import { findUser } from '../../users/find-user.ts';
import type { Handlers } from '../operation.ts';
import type { emailChangeOperations } from '../operations/email-changes.ts';

export const emailChangeHandlers: Handlers<typeof emailChangeOperations> = {
  'email-change.get': async (ctx, { params }) => {
    const { id } = await findUser(ctx, params.user);
    const open = await openEmailChange(ctx, id);
    if (!open) throw new HubError('not_found', 'No change of the e-mail address waits for this user.');
    return open;
  },
  'email-change.resend': (ctx, { params }) => resendEmailChange(ctx, { userId: params.user }),
  'email-change.cancel': (ctx, { params }) => cancelEmailChange(ctx, { userId: params.user }),
};
