// What every domain function is told about the call it serves. Its first parameter, always.
import type { Logger } from 'pino';

/** A member of the operator's staff at work for a customer's administrator. */
export type ActedBy = {
  readonly id: string;
  /** His name. */
  readonly label: string;
  /** The support visit in which he does (src/support/). */
  readonly visit: string;
};

/** Who acts. `label` is a name for the audit and for people; `organizationId` is where the actor belongs. */
export type Actor =
  | {
      readonly kind: 'user';
      readonly id: string;
      readonly organizationId: string;
      readonly label: string;
      /** The operator's support in his place, with the organization's consent. */
      readonly actedBy?: ActedBy;
    }
  | {
      readonly kind: 'connection';
      readonly id: string;
      readonly organizationId: string;
      readonly label: string;
      /** The set-up link by which a person acts for the connection; `label` is for whom it was made. */
      readonly setupLink?: string;
    }
  | { readonly kind: 'operator'; readonly id: string; readonly label: string }
  | { readonly kind: 'system'; readonly id: string; readonly label: string };

export type Ctx = {
  /** The organization in whose data the call works; absent only for the operator's and the system's own work. */
  readonly organizationId?: string;
  readonly actor: Actor;
  readonly requestId: string;
  /** The moment the call began: one instant for all of its decisions. */
  readonly now: Date;
  readonly log: Logger;
};

/** A Ctx that is known to have an organization. */
export type OrganizationCtx = Ctx & { readonly organizationId: string };
