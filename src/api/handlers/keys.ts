// Signing keys and the secrets key; see ../operations/keys.ts.
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
  'keys.rewrap': (ctx) => rewrapSecrets(ctx),
};
