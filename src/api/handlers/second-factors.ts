// A user's sessions and second factors, and requests to reset a lost one; see ../operations/second-factors.ts.
import { endSessionsOf } from '../../credentials/end-sessions.ts';
import { listSessions } from '../../credentials/list-sessions.ts';
import { listFactors } from '../../credentials/manage-factors.ts';
import {
  approveFactorReset,
  denyFactorReset,
  listFactorResets,
  resetFactors,
} from '../../credentials/reset-factors.ts';
import { findUser } from '../../users/find-user.ts';
import type { Handlers } from '../operation.ts';
import type { secondFactorOperations } from '../operations/second-factors.ts';

export const secondFactorHandlers: Handlers<typeof secondFactorOperations> = {
  'session.list': async (ctx, { params }) => {
    const { id } = await findUser(ctx, params.user);
    return { items: await listSessions(ctx, id) };
  },
  'session.end-all': async (ctx, { params }) => {
    const { id } = await findUser(ctx, params.user);
    await endSessionsOf(ctx, id);
  },
  'second-factor.list': async (ctx, { params }) => {
    const { id } = await findUser(ctx, params.user);
    const { factors, recoveryCodes, required } = await listFactors(ctx, id);
    return { items: factors, recoveryCodes, required };
  },
  'second-factor.reset': async (ctx, { params }) => {
    const { id } = await findUser(ctx, params.user);
    await resetFactors(ctx, id);
  },
  'factor-reset.list': async (ctx) => ({ items: await listFactorResets(ctx) }),
  'factor-reset.approve': (ctx, { params }) => approveFactorReset(ctx, params.request),
  'factor-reset.deny': (ctx, { params }) => denyFactorReset(ctx, params.request),
};
