// By what an organization is found on the list of sub-contractors: its name and address, folded. Two may have one name, so
// the address tells them apart. Stored with the organization, since only the hub's own folding may make it.
import { fold } from '../provisioning/fold.ts';
import type { StoredSettings } from './organization-record.ts';

/** Null: it does not stand on the list. */
export const listingKey = (organization: {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly settings: StoredSettings;
}): string | null => {
  const { name, attributes, settings } = organization;
  const listed = settings.router === true || attributes['conventional_router'] === true;
  return listed ? fold(`${name}\n${settings.address ?? ''}`) : null;
};
