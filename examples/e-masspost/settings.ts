// What the example must be told, and the parts of it that every slice needs. Nothing else is configurable.

/** As much of a logger as the example uses; pino's fits. */
export type Log = {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
};

export type ExampleSettings = {
  /** Of the hub, such as `http://localhost:3000/oidc`. Plain http is accepted on loopback only. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The URI that names e-MassPost in the `aud` of access tokens. */
  readonly audience: string;
  /** 0: any free one. */
  readonly port: number;
  /** Where browsers and the hub reach the example; `http://localhost:<port>` when absent. Its origin counts, not its path. */
  readonly publicUrl?: string | undefined;
  readonly log: Log;
};

export type Settings = Omit<ExampleSettings, 'publicUrl' | 'port'> & { readonly publicUrl: URL };

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Throws a RangeError for an issuer that would send secrets over the network in the clear. */
export function allowsPlainHttp(issuer: URL): boolean {
  if (issuer.protocol === 'https:') return false;
  if (issuer.protocol === 'http:' && LOOPBACK.has(issuer.hostname)) return true;
  throw new RangeError('The issuer must be https, or http on this machine');
}
