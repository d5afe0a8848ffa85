// The provider's key set is fixed when it is made: when the published keys change, in whatever process, a new one takes
// its place within two seconds. Requests under way finish with the one they began with.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { signingKeysVersion } from '../credentials/signing-keys.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { createProvider } from './provider.ts';
import { loadPublishedKeys, type PublishedKeys } from './published-keys.ts';

const CHECK_MS = 1000;
const OLD_MS = 2 * CHECK_MS;

export type LiveProvider = {
  readonly provider: () => Provider;
  readonly keys: () => Promise<PublishedKeys>;
  readonly handle: (req: IncomingMessage, res: ServerResponse) => void;
};

export async function startLiveProvider(settings: OidcSettings): Promise<LiveProvider> {
  const build = async () => {
    const keys = await loadPublishedKeys(settings.publicUrl);
    const provider = createProvider(settings, keys);
    return { keys, provider, callback: provider.callback() };
  };
  let current = await build();
  let checkedAt = performance.now();
  let looking: Promise<void> | undefined;

  const look = async () => {
    try {
      if ((await signingKeysVersion()) !== current.keys.version) current = await build();
    } catch (error) {
      settings.log.warn({ err: error }, 'the signing keys could not be read again');
    }
    checkedAt = performance.now();
    looking = undefined;
  };
  /** While requests come they do not wait; after a rest a key may be gone, and whoever comes waits until that is known. */
  const lookNowAndThen = async (): Promise<void> => {
    const age = performance.now() - checkedAt;
    if (age >= CHECK_MS) looking ??= look();
    if (age >= OLD_MS) await looking;
  };
  return {
    provider: () => current.provider,
    keys: async () => {
      await lookNowAndThen();
      return current.keys;
    },
    handle: (req, res) => void lookNowAndThen().then(() => current.callback(req, res)),
  };
}
