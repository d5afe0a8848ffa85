// What the OpenID Connect edge is made with. `rights` is a parameter so that a test can say what somebody holds.
import type { Logger } from 'pino';
import type { Catalogue } from '../applications/application.ts';
import type { Config } from '../config.ts';
import type { TokenRights, TokenRightsInput } from '../entitlements/token-rights.ts';
import type { Render, Site } from '../web/render.ts';

export type OidcSettings = {
  readonly publicUrl: URL;
  readonly production: boolean;
  readonly trustProxy: number;
  readonly tokens: Config['tokens'];
  readonly catalogue: Catalogue;
  readonly site: Site;
  readonly render: Render;
  readonly log: Logger;
  readonly rights: (input: TokenRightsInput) => Promise<TokenRights | undefined>;
  /** How old a signing key may grow. */
  readonly signingKeyDays?: number;
  /** Where a forgotten name or password leads. */
  readonly recoverHref: string;
  /** Where somebody without any access asks for it; not shown without. */
  readonly newUserHref?: string;
};

export const MOUNT_PATH = '/oidc';
export const ENTITLEMENTS_PATH = '/entitlements/me';

export const issuerOf = (publicUrl: URL): string => `${publicUrl.origin}${MOUNT_PATH}`;
