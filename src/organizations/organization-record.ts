// An organization as the domain hands it out, and what its attributes and settings may hold.
import { ORGANIZATION_ATTRIBUTES, type OrganizationAttribute } from '../applications/application.ts';
import { DEFAULT_LIMITS } from '../credentials/session-limits.ts';

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
  /** It stands on the list of sub-contractors (routers) to whom others give mandates; a conventional router always does. */
  readonly router: boolean;
  /** Where it is, as the list of sub-contractors shows it. */
  readonly address: string;
  /** How those for whom its people act see them. */
  readonly showPeopleBy: 'name' | 'number';
  /** Days from a user's deletion to the erasure of his personal data. */
  readonly eraseAfterDays: number;
  /** A session that is not used ends after this many minutes: an administrator's, and everybody else's. */
  readonly idleMinutesAdministrators: number;
  readonly idleMinutesUsers: number;
  /** Every session ends after this many hours. */
  readonly sessionHours: number;
  /** What a new password must be: length and strength, or the rule of older portals. */
  readonly passwordPolicy: 'standard' | 'classic';
  /** So many former passwords may not come back. */
  readonly passwordHistory: number;
  /** So many days before an invitation expires its person is reminded; 0: never. */
  readonly invitationReminderDays: number;
  /** Whoever a directory deactivates gets a mail about it. */
  readonly tellProvisionedDeactivation: boolean;
};

type OrganizationAttributes = Readonly<Record<OrganizationAttribute, boolean>>;

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
  router?: boolean;
  address?: string;
  show_people_by?: 'name' | 'number';
  erase_after_days?: number;
  idle_minutes_administrators?: number;
  idle_minutes_users?: number;
  session_hours?: number;
  password_policy?: 'standard' | 'classic';
  password_history?: number;
  invitation_reminder_days?: number;
  tell_provisioned_deactivation?: boolean;
};

/** Days before the end of an invitation, where the organization says nothing else. */
export const INVITATION_REMINDER_DAYS = 2;
/** Where the organization says nothing else. */
export const ERASE_AFTER_DAYS = 90;
/** A deletion by mistake is noticed within days; nobody's data is kept for years after he left. */
export const ERASE_DAYS = { least: 1, most: 730 };
export const SETTING_BOUNDS = {
  passwordHistory: { least: 0, most: 24 },
  invitationReminderDays: { least: 0, most: 6 },
} as const;

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
    router: stored.router === true,
    address: stored.address ?? '',
    showPeopleBy: stored.show_people_by ?? 'name',
    eraseAfterDays: stored.erase_after_days ?? ERASE_AFTER_DAYS,
    idleMinutesAdministrators: stored.idle_minutes_administrators ?? DEFAULT_LIMITS.idleMinutesAdministrators,
    idleMinutesUsers: stored.idle_minutes_users ?? DEFAULT_LIMITS.idleMinutesUsers,
    sessionHours: stored.session_hours ?? DEFAULT_LIMITS.sessionHours,
    passwordPolicy: stored.password_policy ?? 'standard',
    passwordHistory: stored.password_history ?? 0,
    invitationReminderDays: stored.invitation_reminder_days ?? INVITATION_REMINDER_DAYS,
    tellProvisionedDeactivation: stored.tell_provisioned_deactivation === true,
  };
}

function readAttributes(stored: Readonly<Record<string, unknown>>): OrganizationAttributes {
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
