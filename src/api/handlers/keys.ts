// Signing keys and the secrets key; see ../operations/keys.ts.
import { dropApproval } from '../../approvals/ask-approval.ts';
import { askDestroying, confirmDestroying, destroyEffect } from '../../credentials/destroy-key.ts';
import { rewrapSecrets } from '../../credentials/rewrap-secrets.ts';
import { listSigningKeys, rotateKeysNow } from '../../credentials/signing-keys.ts';
import type { Handlers } from '../operation.ts';
import type { keyOperations } from '../operations/keys.ts';

export const keyHandlers: Handlers<typeof keyOperations> = {
  'keys.list': async () => ({ items: await listSigningKeys() }),
  'keys.rotate': async (ctx) => {
    const { rotated, keys } = await rotateKeysNow(ctx);
    return { rotated, items: keys };
  },
  'keys.effect': (ctx, { params }) => destroyEffect(ctx, params.kid),
  'keys.destroy': (ctx, { params, body }) => askDestroying(ctx, params.kid, body.reason),
  'keys.confirm-destroy': async (ctx, { params }) => ({ items: [...(await confirmDestroying(ctx, params.kid))] }),
  'keys.refuse-destroy': (ctx, { params }) => dropApproval(ctx, 'destroy_key', params.kid),
  'keys.rewrap': (ctx) => rewrapSecrets(ctx),
};
