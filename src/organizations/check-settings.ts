// Whether a change of attributes and settings means something, and how it is stored.
import { catalogue } from '../applications/current-catalogue.ts';
import { findApplication } from '../applications/catalogue.ts';
import { ORGANIZATION_ATTRIBUTES, type OrganizationAttribute } from '../applications/application.ts';
import { LIMIT_BOUNDS } from '../credentials/session-limits.ts';
import { HubError } from '../errors.ts';
import { ERASE_DAYS, SETTING_BOUNDS, type OrganizationSettings, type StoredSettings } from './organization-record.ts';

/** What is absent stays as it is; `null` for an application returns it to the organization's own rule. */
export type SettingsChange = Partial<Omit<OrganizationSettings, 'deactivateOnlyIn'>> & {
  readonly deactivateOnlyIn?: Readonly<Record<string, boolean | null>>;
};
export type AttributesChange = Partial<Record<OrganizationAttribute, boolean>>;

export const invalid = (path: string, message: string): HubError =>
  new HubError('invalid_input', message, { issues: [{ path, message }] });

/** A text of 1 to `most` characters that is not blank and has no control characters. */
export function checkText(path: string, text: string, most: number): void {
  if (text.trim() !== '' && text.length <= most && !/\p{Cc}/u.test(text)) return;
  throw invalid(path, `The ${path} must have 1 to ${most} characters, all of them printable.`);
}

function checkNumber(path: string, value: number | undefined, { least, most }: { least: number; most: number }): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return;
  throw invalid(path, `A whole number of ${least} to ${most}.`);
}

/** Throws HubError `invalid_input` or `unknown_application`. */
export function changeStoredSettings(stored: StoredSettings, change: SettingsChange): StoredSettings {
  if (change.username !== undefined && !['free', 'email'].includes(change.username)) {
    throw invalid('settings.username', 'Usernames are either free or e-mail addresses.');
  }
  const days = change.eraseAfterDays;
  if (days !== undefined && !(Number.isInteger(days) && days >= ERASE_DAYS.least && days <= ERASE_DAYS.most)) {
    throw invalid(
      'settings.eraseAfterDays',
      `Personal data is erased after ${ERASE_DAYS.least} to ${ERASE_DAYS.most} days.`,
    );
  }
  if (change.address !== undefined && change.address.trim() !== '') checkText('settings.address', change.address, 300);
  if (change.showPeopleBy !== undefined && !['name', 'number'].includes(change.showPeopleBy)) {
    throw invalid('settings.showPeopleBy', 'People are shown by name or by number.');
  }
  checkNumber(
    'settings.idleMinutesAdministrators',
    change.idleMinutesAdministrators,
    LIMIT_BOUNDS.idleMinutesAdministrators,
  );
  checkNumber('settings.idleMinutesUsers', change.idleMinutesUsers, LIMIT_BOUNDS.idleMinutesUsers);
  checkNumber('settings.sessionHours', change.sessionHours, LIMIT_BOUNDS.sessionHours);
  if (change.passwordPolicy !== undefined && !['standard', 'classic'].includes(change.passwordPolicy)) {
    throw invalid('settings.passwordPolicy', 'Passwords follow the standard or the classic rules.');
  }
  checkNumber('settings.passwordHistory', change.passwordHistory, SETTING_BOUNDS.passwordHistory);
  checkNumber('settings.invitationReminderDays', change.invitationReminderDays, SETTING_BOUNDS.invitationReminderDays);
  const changes = Object.entries(change.deactivateOnlyIn ?? {});
  for (const [key] of changes) findApplication(catalogue(), key);
  const kept = Object.entries(stored.deactivate_only_in ?? {}).filter(
    ([key]) => !changes.some(([changed]) => changed === key),
  );
  const set = changes.flatMap(([key, value]): [string, boolean][] => (value === null ? [] : [[key, value]]));
  const applications = Object.fromEntries([...kept, ...set]);
  return {
    ...stored,
    ...(change.deactivateOnly === undefined ? {} : { deactivate_only: change.deactivateOnly }),
    ...(change.deactivateOnlyIn === undefined ? {} : { deactivate_only_in: applications }),
    ...(change.ftp === undefined ? {} : { ftp: change.ftp }),
    ...(change.username === undefined ? {} : { username: change.username }),
    ...(change.router === undefined ? {} : { router: change.router }),
    ...(change.address === undefined ? {} : { address: change.address.trim() }),
    ...(change.showPeopleBy === undefined ? {} : { show_people_by: change.showPeopleBy }),
    ...(days === undefined ? {} : { erase_after_days: days }),
    ...(change.idleMinutesAdministrators === undefined
      ? {}
      : { idle_minutes_administrators: change.idleMinutesAdministrators }),
    ...(change.idleMinutesUsers === undefined ? {} : { idle_minutes_users: change.idleMinutesUsers }),
    ...(change.sessionHours === undefined ? {} : { session_hours: change.sessionHours }),
    ...(change.passwordPolicy === undefined ? {} : { password_policy: change.passwordPolicy }),
    ...(change.passwordHistory === undefined ? {} : { password_history: change.passwordHistory }),
    ...(change.invitationReminderDays === undefined ? {} : { invitation_reminder_days: change.invitationReminderDays }),
    ...(change.tellProvisionedDeactivation === undefined
      ? {}
      : { tell_provisioned_deactivation: change.tellProvisionedDeactivation }),
  };
}

/** Throws HubError `invalid_input` for a name that is no attribute. */
export function changeStoredAttributes(
  stored: Readonly<Record<string, unknown>>,
  change: AttributesChange,
): Record<string, unknown> {
  for (const name of Object.keys(change)) {
    if (!(ORGANIZATION_ATTRIBUTES as readonly string[]).includes(name)) {
      throw invalid('attributes', `There is no attribute "${name}".`);
    }
  }
  return { ...stored, ...change };
}
