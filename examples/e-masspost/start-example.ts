// Starts the example in this process and stops it again.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from './app.ts';
import { allowsPlainHttp, type ExampleSettings } from './settings.ts';

export type RunningExample = {
  /** Where it is reached, without a slash at the end. */
  readonly url: string;
  /** Resolves when the last connection is closed. */
  readonly close: () => Promise<void>;
};

/**
 * Listens, and answers where. Its redirect URI at the hub is `<url>/callback`, its post-logout redirect URI `<url>/signed-out`, its
 * back-channel logout URI `<url>/backchannel-logout`. The hub need not be up yet. Rejects where the port is taken; throws a
 * RangeError for an issuer on plain http that is not this machine.
 */
export async function startExample(settings: ExampleSettings): Promise<RunningExample> {
  allowsPlainHttp(new URL(settings.issuer));
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  const publicUrl = new URL(settings.publicUrl ?? `http://localhost:${port}`);
  server.on('request', createApp({ ...settings, publicUrl }));
  return {
    url: publicUrl.origin,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeIdleConnections();
      }),
  };
}
