// An organization as the domain hands it out, and what its attributes and settings may hold.
import { ORGANIZATION_ATTRIBUTES, type OrganizationAttribute } from '../applications/application.ts';

export type OrganizationState = 'active' | 'suspended' | 'closed';

export type OrganizationSettings = {
  /** No person takes rights away; he deactivates the user instead. */
  readonly deactivateOnly: boolean;
  /** The same, application by application, over the organization's own rule. */
  readonly deactivateOnlyIn: Readonly<Record<string, boolean>>;
  /** The file server is switched on, so that administrators may give access to it. */
  readonly ftp: boolean;
  /** What a username may look like. */
  readonly username: 'free' | 'email';
};

export type OrganizationAttributes = Readonly<Record<OrganizationAttribute, boolean>>;

export type OrganizationRecord = {
  readonly id: string;
  readonly name: string;
  readonly kind: 'customer' | 'operator';
  readonly state: OrganizationState;
  readonly attributes: OrganizationAttributes;
  readonly settings: OrganizationSettings;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

/** As stored: keys that nobody set are absent. */
export type StoredSettings = {
  deactivate_only?: boolean;
  deactivate_only_in?: Record<string, boolean>;
  ftp?: boolean;
  username?: 'free' | 'email';
};

export type OrganizationRow = {
  id: string;
  name: string;
  kind: 'customer' | 'operator';
  state: OrganizationState;
  attributes: Record<string, unknown>;
  settings: StoredSettings;
  createdAt: Date;
  updatedAt: Date;
};

/** Columns that make an OrganizationRow, of organizations `o`. */
export const ORGANIZATION_COLUMNS =
  'o.id, o.name, o.kind, o.state, o.attributes, o.settings, o.created_at as "createdAt", o.updated_at as "updatedAt"';

export function readSettings(stored: StoredSettings): OrganizationSettings {
  return {
    deactivateOnly: stored.deactivate_only === true,
    deactivateOnlyIn: stored.deactivate_only_in ?? {},
    ftp: stored.ftp === true,
    username: stored.username ?? 'free',
  };
}

export function readAttributes(stored: Readonly<Record<string, unknown>>): OrganizationAttributes {
  const pairs = ORGANIZATION_ATTRIBUTES.map((name) => [name, stored[name] === true]);
  return Object.fromEntries(pairs) as OrganizationAttributes;
}

export const organizationRecord = (row: OrganizationRow): OrganizationRecord => ({
  ...row,
  attributes: readAttributes(row.attributes),
  settings: readSettings(row.settings),
});

/** Whether persons may take rights in the application away. */
export const revocationPolicy =
  (settings: OrganizationSettings) =>
  (application: string): 'allowed' | 'deactivate_only' =>
    (settings.deactivateOnlyIn[application] ?? settings.deactivateOnly) ? 'deactivate_only' : 'allowed';
