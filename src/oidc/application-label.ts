// How an asking client is called on a page: by its application's label in the visitor's language, else by its own name.
import type { Response } from 'express';
import { findClient } from '../clients/find-client.ts';
import { languageOf } from '../web/page.ts';
import type { OidcSettings } from './oidc-settings.ts';

export async function applicationLabel(
  settings: OidcSettings,
  res: Response,
  clientId: string,
): Promise<string | undefined> {
  const client = await findClient(clientId);
  if (!client) return undefined;
  const application = client.application === null ? undefined : settings.catalogue.get(client.application);
  return application?.label[languageOf(res, settings.site)] ?? client.name;
}
