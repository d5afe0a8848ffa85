// Effective entitlements as the claims of an access token: `authorization_details` (RFC 9396 section 9.1), the flat list
// where the catalogue allows it, `roles` (RFC 9068 section 2.2.3.1) and `ent_v`. Pure; signing, size and lifetime are the edge's.
import { createHash } from 'node:crypto';
import type { Application } from '../applications/application.ts';
import type { Values } from './box.ts';
import { canonicalDigest } from './canonical.ts';
import { asBox } from './ceiling.ts';
import type { EffectiveEntitlement } from './effective.ts';
import { mergeBoxes } from './merge.ts';

/** Lists are always arrays, `["*"]` for all; a list that the application does not have is absent. */
type AuthorizationDetail = {
  readonly type: string;
  /** Number of the customer account. */
  readonly identifier: string;
  readonly privileges: readonly string[];
  readonly products?: readonly string[];
  readonly borderels?: readonly string[];
  readonly contracts?: readonly string[];
  readonly billing_addresses?: readonly string[];
  readonly profile?: string;
  /** Whose account it is, when not the user's own organization's, and the mandates by which it is held. */
  readonly for?: { readonly organization: string; readonly via: readonly string[] };
  /** Seconds since 1970, rounded down; absent where no end is set. */
  readonly not_after?: number;
};

type EntitlementClaims = {
  readonly authorization_details: readonly AuthorizationDetail[];
  /** Right names; only for a `flat_rights` application and one customer account. */
  readonly entitlements?: readonly string[];
  /** Names of the roles that give something here. */
  readonly roles: readonly string[];
  readonly ent_v: string;
  /** The first end among the elements, in seconds: the token may not outlive it. */
  readonly notAfter?: number;
};

type ClaimsSetting = {
  readonly issuer: string;
  readonly application: Application;
  /** Number of a customer account by its id. */
  readonly accountNumber: (customerAccount: string) => string;
};

/** Entitlements of other applications are left out. */
export function tokenClaims(effective: readonly EffectiveEntitlement[], setting: ClaimsSetting): EntitlementClaims {
  const { application } = setting;
  const here = effective.filter(({ entitlement }) => entitlement.application === application.key);
  const details = sharing(here).flatMap((group) => detailsOf(group, setting));
  const ends = details.flatMap(({ not_after }) => (not_after === undefined ? [] : [not_after]));
  const names = here.flatMap(({ causes }) => causes.flatMap(({ role }) => (role === undefined ? [] : [role.name])));
  const isFlat = application.flatRights && new Set(details.map(({ identifier }) => identifier)).size === 1;
  return {
    authorization_details: details,
    ...(isFlat ? { entitlements: [...new Set(details.flatMap(({ privileges }) => privileges))].sort() } : {}),
    roles: [...new Set(names)].sort(),
    ent_v: entitlementVersion(here),
    ...(ends.length > 0 ? { notAfter: Math.min(...ends) } : {}),
  };
}

/**
 * 16 characters, equal exactly when the rights are equal: the same combinations, per customer account, organization acted for, mandates and
 * profile, with the same ends; how they are cut into entitlements leaves no trace. May be asked for one application or for all.
 */
export function entitlementVersion(effective: readonly EffectiveEntitlement[]): string {
  const parts = sharing(effective).map((group) => [
    sharedBy(group[0] as EffectiveEntitlement),
    canonicalDigest(group.map(asBox)),
  ]);
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 16);
}

/** What no merge may cross, as one comparable text. */
function sharedBy({ entitlement, forOrganization }: EffectiveEntitlement): string {
  return JSON.stringify([
    entitlement.application,
    entitlement.customerAccount,
    entitlement.profile ?? null,
    forOrganization === undefined ? null : [forOrganization.id, ...forOrganization.via],
  ]);
}

function sharing(effective: readonly EffectiveEntitlement[]): EffectiveEntitlement[][] {
  const groups = Map.groupBy(effective, sharedBy);
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

function detailsOf(group: readonly EffectiveEntitlement[], setting: ClaimsSetting): AuthorizationDetail[] {
  const { entitlement, forOrganization } = group[0] as EffectiveEntitlement;
  return mergeBoxes(group.map(asBox)).map(({ values, validity }) => ({
    type: `${setting.issuer}/rar/entitlement/v1`,
    identifier: setting.accountNumber(entitlement.customerAccount),
    privileges: setting.application.dimensions.includes('rights') ? array(values.rights ?? []) : ['access'],
    ...(values.products === undefined ? {} : { products: array(values.products) }),
    ...(values.borderels === undefined ? {} : { borderels: array(values.borderels) }),
    ...(values.contracts === undefined ? {} : { contracts: array(values.contracts) }),
    ...(values.billing_addresses === undefined ? {} : { billing_addresses: array(values.billing_addresses) }),
    ...(entitlement.profile === undefined ? {} : { profile: entitlement.profile }),
    ...(forOrganization === undefined ? {} : { for: { organization: forOrganization.id, via: forOrganization.via } }),
    ...(validity.until === null ? {} : { not_after: Math.floor(validity.until / 1000) }),
  }));
}

const array = (values: Values): readonly string[] => (values === '*' ? ['*'] : values);
