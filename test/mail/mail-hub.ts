// Mail with a real database, for the tests of mail and of recovery: kept, or sent to a mail server of the test's own.
import { loadCatalogue } from '../../src/applications/catalogue.ts';
import { setCatalogue } from '../../src/applications/current-catalogue.ts';
import { loadConfig } from '../../src/config.ts';
import type { OrganizationCtx } from '../../src/context.ts';
import { startPasswordHashing } from '../../src/credentials/password-hash.ts';
import { openSecrets } from '../../src/credentials/secrets.ts';
import { query } from '../../src/database/query.ts';
import type { JobHandlers } from '../../src/database/jobs.ts';
import { HubError } from '../../src/errors.ts';
import { startMail } from '../../src/mail/mail-settings.ts';
import { ensureOperatorOrganization } from '../../src/organizations/operator-organization.ts';
import { loadTexts } from '../../src/texts.ts';
import { openTestDatabase } from '../support/database.ts';
import { systemCtx } from '../oidc/hub.ts';
import { LOCALES } from '../web/site.ts';

export const PUBLIC_URL = 'http://localhost:3000';

/** Starts mail anew, so that a test file can change its settings. */
export async function restartMail(env: Record<string, string> = {}): Promise<void> {
  const config = loadConfig({
    PUBLIC_URL,
    BRAND_NAME: 'Postal Portal',
    CONTACT_CUSTOMER_SERVICE: '02 201 11 11',
    ...env,
  });
  await startMail(config, await loadTexts(LOCALES));
}

export async function openMailHub(handlers: JobHandlers = {}, env: Record<string, string> = {}): Promise<void> {
  const opened = await openTestDatabase(handlers);
  await openSecrets({
    secrets_key: Buffer.alloc(32, 9).toString('base64'),
    secrets_key_file: null,
    database_url: opened.url,
    data_dir: opened.dataDir,
    production: false,
  });
  await startPasswordHashing({
    minimum_length: 15,
    temporary_hours: 72,
    hash_memory_kib: 7168,
    hash_passes: 1,
    hash_queue: 64,
  });
  setCatalogue(await loadCatalogue(new URL('../../config/applications/', import.meta.url).pathname));
  await ensureOperatorOrganization(systemCtx(), 'Postal Portal');
  await restartMail(env);
}

export const ctxOf = (organizationId: string): OrganizationCtx => ({ ...systemCtx(), organizationId });

export const userCtx = (organizationId: string, id: string, label: string): OrganizationCtx => ({
  ...systemCtx(),
  organizationId,
  actor: { kind: 'user', id, organizationId, label },
});

type StoredMail = {
  id: string;
  state: string;
  attempts: number;
  last_error: string | null;
  body: Buffer | null;
  message_id: string;
};

export async function storedMail(id: string): Promise<StoredMail> {
  const [row] = await query<StoredMail>(
    'select id, state, attempts, last_error, body, message_id from mails where id = $1',
    [id],
  );
  if (!row) throw new Error('There is no such mail');
  return row;
}

/** The HubError with which the act is refused. */
export async function refusalOf(act: () => Promise<unknown>): Promise<HubError> {
  try {
    await act();
  } catch (error) {
    if (error instanceof HubError) return error;
    throw error;
  }
  throw new Error('The act was not refused');
}
