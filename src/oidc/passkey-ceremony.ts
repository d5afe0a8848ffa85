// A passkey ceremony of one interaction: its challenge is worth nothing in another one.
import { relyingParty, type Ceremony } from '../credentials/passkeys.ts';
import type { Interaction } from './interaction.ts';
import type { OidcSettings } from './oidc-settings.ts';

export const ceremonyOf = ({ site }: OidcSettings, { uid }: Interaction): Ceremony => ({
  relyingParty: relyingParty(site.publicUrl, site.brand.name),
  binding: `interaction ${uid}`,
});
