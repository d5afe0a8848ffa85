// The provider's key set is fixed when it is made: when the published keys change, in whatever process, a new one takes
// its place within a second. Requests under way finish with the one they began with.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { signingKeysVersion } from '../credentials/signing-keys.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { createProvider } from './provider.ts';
import { loadPublishedKeys, type PublishedKeys } from './published-keys.ts';

const CHECK_MS = 1000;

export type LiveProvider = {
  readonly provider: () => Provider;
  readonly keys: () => PublishedKeys;
  readonly handle: (req: IncomingMessage, res: ServerResponse) => void;
  /** Looks now; the keys in use are current afterwards. */
  readonly refresh: () => Promise<void>;
};

export async function startLiveProvider(settings: OidcSettings): Promise<LiveProvider> {
  const build = async () => {
    const keys = await loadPublishedKeys(settings.publicUrl);
    const provider = createProvider(settings, keys);
    return { keys, provider, callback: provider.callback() };
  };
  let current = await build();
  let checkedAt = performance.now();

  const refresh = async () => {
    checkedAt = performance.now();
    if ((await signingKeysVersion()) !== current.keys.version) current = await build();
  };
  const lookNowAndThen = () => {
    if (performance.now() - checkedAt < CHECK_MS) return;
    refresh().catch((error: unknown) => settings.log.warn({ err: error }, 'the signing keys could not be read again'));
  };
  return {
    provider: () => current.provider,
    keys: () => {
      lookNowAndThen();
      return current.keys;
    },
    handle: (req, res) => {
      lookNowAndThen();
      void current.callback(req, res);
    },
    refresh,
  };
}
