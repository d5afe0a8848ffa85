// Whether a change of attributes and settings means something, and how it is stored.
import { catalogue } from '../applications/current-catalogue.ts';
import { findApplication } from '../applications/catalogue.ts';
import { ORGANIZATION_ATTRIBUTES, type OrganizationAttribute } from '../applications/application.ts';
import { HubError } from '../errors.ts';
import type { OrganizationSettings, StoredSettings } from './organization-record.ts';

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

/** Throws HubError `invalid_input` or `unknown_application`. */
export function changeStoredSettings(stored: StoredSettings, change: SettingsChange): StoredSettings {
  if (change.username !== undefined && !['free', 'email'].includes(change.username)) {
    throw invalid('settings.username', 'Usernames are either free or e-mail addresses.');
  }
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
