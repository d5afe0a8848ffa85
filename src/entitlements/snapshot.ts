// All that decides what one user holds at one instant, as plain data: a loader fills it in one read, and every
// computation (effective.ts, explain.ts, ceiling.ts) is a function of it. Lists in boxes are normal (normalize.ts).
import type { Catalogue, OrganizationAttribute } from '../applications/application.ts';
import type { ActedBy } from '../context.ts';
import type { Box, Entitlement, Validity } from './box.ts';
import type { Resource } from './resource.ts';

export type OrganizationState = 'active' | 'suspended';

export type RightsSnapshot = {
  /** The instant asked, epoch milliseconds. */
  readonly at: number;
  readonly catalogue: Catalogue;
  readonly user: {
    readonly id: string;
    readonly active: boolean;
    readonly organization: {
      readonly id: string;
      readonly state: OrganizationState;
      readonly attributes: readonly OrganizationAttribute[];
    };
  };
  /**
   * Every assignment that reaches the user, ended and coming ones too if the explanation shall name them.
   * One that reaches him by several group paths stands here once per path, with one id.
   */
  readonly assignments: readonly AssignmentSnapshot[];
  /** Each role that an assignment names, by id. */
  readonly roles: ReadonlyMap<string, RoleSnapshot>;
  /**
   * By id: each customer account that an assignment names. For a ceiling also all own ones and all that a
   * mandate to the user's organization names.
   */
  readonly accounts: ReadonlyMap<string, AccountSnapshot>;
};

/** `label` is how people know the giver. */
export type Giver = {
  readonly kind: 'user' | 'connection' | 'operator' | 'system';
  readonly id: string;
  readonly label: string;
  /** The operator's support in his place. */
  readonly actedBy?: ActedBy;
};

export type GroupStep = { readonly id: string; readonly name: string };

export type AssignmentSnapshot = {
  readonly id: string;
  readonly gives:
    | { readonly kind: 'entitlements'; readonly entitlements: readonly Entitlement[] }
    | { readonly kind: 'role'; readonly roleId: string };
  readonly givenBy: Giver;
  readonly givenAt: number;
  readonly validity: Validity;
  /** Groups from the one the user is a member of up to the assigned one; empty: assigned to the user himself. */
  readonly groupPath: readonly GroupStep[];
};

export type RoleSnapshot = {
  readonly id: string;
  readonly name: string;
  readonly entitlements: readonly Entitlement[];
};

export type AccountSnapshot = {
  readonly id: string;
  readonly owner: { readonly id: string; readonly state: OrganizationState };
  /** All of them, closed ones too. */
  readonly resources: readonly Resource[];
  /** The owner's subscription on this account: all applications. */
  readonly subscription: readonly Box[];
  /** Of a foreign account: each chain of mandates from the owner down to the user's organization. */
  readonly chains: readonly (readonly MandateLink[])[];
};

export type MandateLink = {
  readonly id: string;
  readonly fromOrganization: string;
  /** A suspended organization passes nothing on. */
  readonly fromState: OrganizationState;
  readonly toOrganization: string;
  readonly boxes: readonly Box[];
  readonly validity: Validity;
  /** How many further links may follow. */
  readonly onward: number;
};
