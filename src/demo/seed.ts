// Fills an empty hub with the demonstration's companies, in one transaction: a start that is cut short leaves nothing.
import type { Ctx } from '../context.ts';
import { createClient } from '../clients/create-client.ts';
import { hashPassword } from '../credentials/password-hash.ts';
import { enrolTotp } from '../credentials/totp.ts';
import { storePassword } from '../credentials/store-password.ts';
import { queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { publishNews } from '../news/news.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import { createApiToken } from '../organizations/api-token.ts';
import { changeUser } from '../users/change-user.ts';
import type { DemoClientData, DemoData, DemoNews } from './demo-data.ts';
import { demoPassword, demoSecret, demoTotpSeed } from './demo-secrets.ts';
import { hashPasswords, idOf, personDocument, seedOrganization, type Seeded } from './seed-organization.ts';
import { hashStaffPasswords, seedFigures, seedRegistrations, seedStaff } from './seed-operator.ts';
import { seedMandate, seedRights } from './seed-rights.ts';

const isSeeded = async (data: DemoData): Promise<boolean> =>
  (await queryOne('select 1 from organizations where name = $1', [data.organizations[0]?.name])) !== undefined;

async function seedOperator(ctx: Ctx, data: DemoData, hash: string): Promise<void> {
  const owner = await queryOne<{ id: string }>(
    "select id from users where organization_id = $1 and kind = 'person' order by created_at limit 1",
    [OPERATOR_ORGANIZATION_ID],
  );
  if (!owner) throw new Error('The operator has no user yet');
  const home = { ...ctx, organizationId: OPERATOR_ORGANIZATION_ID };
  await changeUser(home, owner.id, () => personDocument(data.operator));
  await enrolTotp(home, {
    organizationId: OPERATOR_ORGANIZATION_ID,
    userId: owner.id,
    seed: demoTotpSeed('operator', data.operator.user_name),
  });
  await storePassword(home, { organizationId: OPERATOR_ORGANIZATION_ID, userId: owner.id, hash });
  await createApiToken(ctx, { name: 'Demonstration', roles: ['owner'], secret: demoSecret('api token') });
}

/** Where the example runs is known only at each start; see demo.ts. */
const placeholder = (uris: readonly string[] = []) => uris.map((uri) => uri.replace('{example}', 'http://localhost:1'));

async function seedClient(ctx: Ctx, organizations: ReadonlyMap<string, Seeded>, data: DemoClientData): Promise<void> {
  const { service_user: service, backchannel_logout_uri: logout } = data;
  const home = service && organizations.get(service.organization);
  await createClient(ctx, {
    clientId: data.client_id,
    name: data.name,
    kind: data.kind,
    application: data.application,
    redirectUris: placeholder(data.redirect_uris),
    postLogoutRedirectUris: placeholder(data.post_logout_redirect_uris),
    ...(logout === undefined ? {} : { backchannelLogoutUri: placeholder([logout])[0] ?? logout }),
    ...(home
      ? { serviceUser: { organizationId: home.ctx.organizationId, userId: idOf(home.users, service.user_name) } }
      : {}),
    ...(data.kind === 'native' ? {} : { clientSecret: demoSecret(`client ${data.client_id}`) }),
  });
}

const seedNews = (ctx: Ctx, { days_ago: ago, title, text, more_url: moreUrl }: DemoNews) =>
  publishNews(ctx, {
    day: new Date(ctx.now.getTime() - ago * 86_400_000).toISOString().slice(0, 10),
    title,
    text,
    moreUrl: moreUrl ?? null,
  });

/** Does nothing on a hub that has the demonstration already. */
export async function seed(ctx: Ctx, data: DemoData): Promise<void> {
  if (await isSeeded(data)) return;
  const operatorHash = await hashPassword(demoPassword('operator', data.operator.user_name));
  const hashes = await Promise.all(data.organizations.map(hashPasswords));
  const staffHashes = await hashStaffPasswords(data.staff);
  await transaction(async () => {
    await seedOperator(ctx, data, operatorHash);
    await seedStaff(ctx, data.staff, staffHashes);
    const organizations = new Map<string, Seeded>();
    for (const [i, organization] of data.organizations.entries()) {
      organizations.set(organization.key, await seedOrganization(ctx, organization, hashes[i] ?? new Map()));
    }
    const named = (key: string): Seeded => {
      const found = organizations.get(key);
      if (!found) throw new Error(`config/demo.yaml names the organization "${key}", which is not there`);
      return found;
    };
    const accounts = new Map([...organizations.values()].flatMap((one) => [...one.accounts]));
    for (const mandate of data.mandates) await seedMandate(named(mandate.from), named(mandate.to), mandate);
    for (const organization of data.organizations) await seedRights(named(organization.key), accounts, organization);
    for (const item of data.news) await seedNews(ctx, item);
    for (const client of data.clients) await seedClient(ctx, organizations, client);
    await seedRegistrations(ctx, data.registrations);
  });
  await seedFigures(ctx);
}
