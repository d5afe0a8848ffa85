// One large customer for the measurement of the portal's pages: 100,000 users in 11,000 groups, 1,000 billing addresses,
// rights of every kind, and an access review; made by the hub's functions where they are few and by SQL where they are many.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { loadCatalogue } from '../../src/applications/catalogue.ts';
import { setCatalogue } from '../../src/applications/current-catalogue.ts';
import { loadConfig } from '../../src/config.ts';
import type { OrganizationCtx } from '../../src/context.ts';
import { artefactHash } from '../../src/credentials/artefact-hash.ts';
import { openSecrets } from '../../src/credentials/secrets.ts';
import { closeDatabase, openDatabase } from '../../src/database/connect.ts';
import { addToRole, createRole } from '../../src/entitlements/change-role.ts';
import { giveAdministrationRight } from '../../src/entitlements/give-administration-right.ts';
import { startMail } from '../../src/mail/mail-settings.ts';
import { createCustomerAccount } from '../../src/organizations/create-customer-account.ts';
import { putResources } from '../../src/organizations/put-resources.ts';
import { setSubscription } from '../../src/organizations/set-subscription.ts';
import { startReview } from '../../src/reviews/start-review.ts';
import { loadTexts } from '../../src/texts.ts';
import { departmentId, largeGroupId, organizationId, userId } from '../load/population.ts';

export type Portal = {
  readonly session: string;
  readonly account: string;
  readonly person: string;
  readonly group: string;
  readonly review: string;
};

const ADDRESSES = 1000;
const ADMINISTRATORS = 40;
const organization = organizationId(0);
const folder = (path: string): string => new URL(`../../${path}/`, import.meta.url).pathname;

/** Everybody holds something: by his department and, one in ten, by himself; everybody of the largest group by a role. */
async function giveRights(client: pg.Client, account: string, role: string): Promise<void> {
  const by = JSON.stringify({ kind: 'system', id: 'load', label: 'load' });
  const values = JSON.stringify({ rights: ['create_deposit'], products: ['prior'], billing_addresses: '*' });
  const insert = `insert into assignments (organization_id, id, subject_kind, subject_id, role_id, application, customer_account_id, "values",
    given_by, given_at) select $1, gen_random_uuid(), `;
  await client.query(
    `${insert} 'user', id, null, 'emasspost', $2, $3, $4, now() - interval '200 days' from users where organization_id = $1 and ('x' || right(id::text, 6))::bit(24)::int % 10 = 0`,
    [organization, account, values, by],
  );
  await client.query(
    `${insert} 'group', id, null, 'invoice_reporter', $2, $3, $4, now() from groups where organization_id = $1 and display_name like 'Department%'`,
    [organization, account, JSON.stringify({ billing_addresses: '*' }), by],
  );
  await client.query(`${insert} 'group', $2, $3, null, null, null, $4, now()`, [
    organization,
    largeGroupId(10_000),
    role,
    by,
  ]);
}

async function openSession(client: pg.Client, chief: string): Promise<string> {
  const session = randomBytes(16).toString('base64url');
  await client.query(
    `insert into oidc_artefacts (model, id_hash, payload, organization_id, user_id, uid, issued_at, expires_at)
     values ('Session', $1, $2, $3, $4, $5, now(), now() + interval '8 hours')`,
    [artefactHash(session), { loginTs: Math.floor(Date.now() / 1000) }, organization, chief, uuidv7()],
  );
  return session;
}

/** Into a database that fillDatabase has filled with one organization. @param secretsKey of the hub that will serve it */
export async function fillPortal(databaseUrl: string, secretsKey: string): Promise<Portal> {
  const log = pino({ level: 'silent' });
  const ctx: OrganizationCtx = {
    organizationId: organization,
    actor: { kind: 'operator', id: 'load', label: 'load' },
    requestId: 'load',
    now: new Date(),
    log,
  };
  setCatalogue(await loadCatalogue(folder('config/applications')));
  await startMail(loadConfig({}), await loadTexts(folder('locales')));
  await openSecrets(loadConfig({ DATABASE_URL: databaseUrl, SECRETS_KEY: secretsKey }));
  await openDatabase({ databaseUrl, dataDir: '', poolSize: 2 }, log);
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    const account = (await createCustomerAccount(ctx, { number: '0009000001', name: 'Load' })).id;
    await putResources(ctx, {
      customerAccountId: account,
      resources: Array.from({ length: ADDRESSES }, (_, n) => ({
        kind: 'billing_addresses' as const,
        number: `B-${n}`,
        label: `Address ${n}`,
        address: `Street ${n}, 1000 Brussels`,
      })),
    });
    const all = { rights: '*', products: '*', billing_addresses: '*' } as const;
    await setSubscription(ctx, { customerAccountId: account, application: 'emasspost', values: all });
    const addresses = { billing_addresses: '*' } as const;
    await setSubscription(ctx, { customerAccountId: account, application: 'invoice_reporter', values: addresses });
    const role = await createRole(ctx, { name: 'Depositor' });
    const values = { rights: ['create_deposit'], products: ['letter'], billing_addresses: '*' } as const;
    await addToRole(ctx, {
      roleId: role.id,
      entitlements: [{ application: 'emasspost', customerAccountId: account, values }],
    });
    for (let n = 0; n <= ADMINISTRATORS; n++) {
      const name = n === 0 ? 'chief_administrator' : 'manage_users';
      await giveAdministrationRight(ctx, { subject: { kind: 'user', id: userId(0, n) }, name });
    }
    await giveRights(client, account, role.id);
    await client.query('analyze');
    const dueOn = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
    const review = await startReview(ctx, { scope: 'all', dueOn });
    const session = await openSession(client, userId(0, 0));
    await client.query('vacuum (analyze)');
    return { session, account, person: userId(0, 4321), group: departmentId(0, 7), review: review.id };
  } finally {
    await client.end();
    await closeDatabase();
  }
}
