// A customer with two chief administrators, one administrator of users and a plain user, on the whole hub, and the browsers of
// its people and of the operator's staff.
import { query } from '../../src/database/query.ts';
import type { AdministrationRight } from '../../src/entitlements/administration-rights-of.ts';
import { giveAdministrationRight } from '../../src/entitlements/give-administration-right.ts';
import { createOrganization } from '../../src/organizations/create-organization.ts';
import { createUser } from '../../src/users/create-user.ts';
import type { Browser, Page } from '../oidc/browser.ts';
import { systemCtx } from '../oidc/hub.ts';
import { aStaffMember, browserOf, staffBrowser, type OperatorHub } from '../operator/operator-hub.ts';
import { post } from '../portal/portal-hub.ts';

let numbered = 0;

export async function aScene(hub: OperatorHub) {
  const name = `Customer ${(numbered += 1)}`;
  const { id } = await createOrganization(systemCtx(), { name });
  const ctx = { ...systemCtx(), organizationId: id };
  const person = async (displayName: string, rights: readonly AdministrationRight[] = []) => {
    const userName = `${displayName.toLowerCase().replaceAll(' ', '.')}.${numbered}`;
    const emails = [{ value: `${userName}@customer.example`, type: 'work', primary: true }];
    const document = { schemas: [], userName, displayName, emails, active: true, preferredLanguage: 'en' };
    const made = await createUser(ctx, { document });
    for (const right of rights)
      await giveAdministrationRight(ctx, { subject: { kind: 'user', id: made.id }, name: right });
    return made.id;
  };
  const people = {
    chief: await person('Anna Claes', ['chief_administrator']),
    second: await person('Bert Maes', ['chief_administrator']),
    administrator: await person('Carla Daems', ['manage_users']),
    plain: await person('Dirk Peeters'),
  };
  const staffId = await aStaffMember('support');
  const at = `/operator/organizations/${id}/support`;
  return {
    id,
    name,
    ctx,
    at,
    ...people,
    staffId,
    staffName: (await nameOf(staffId)) ?? '',
    support: await staffBrowser(hub.origin, staffId),
    as: (userId: string) => browserOf(hub.origin, id, userId, ['pwd']),
  };
}
export type Scene = Awaited<ReturnType<typeof aScene>>;

const nameOf = async (id: string): Promise<string | undefined> =>
  (await query<{ name: string }>(`select document ->> 'displayName' as name from users where id = $1`, [id]))[0]?.name;

export const CONSENT_PATH = '/portal/policy/support';

/** A chief lets support act, by the form; answers his browser and the page after it. */
export async function consent(
  scene: Scene,
  fields: Record<string, string> = {},
): Promise<{ chief: Browser; page: Page }> {
  const chief = await scene.as(scene.chief);
  const page = await post(chief, await chief.open(CONSENT_PATH), CONSENT_PATH, {
    administrator: scene.chief,
    hours: '8',
    ...fields,
  });
  return { chief, page };
}

export const openConsentId = async ({ id }: Scene, administrator: string): Promise<string> =>
  (
    await query<{ id: string }>(
      `select id from support_consents where organization_id = $1 and administrator_id = $2 and withdrawn_at is null`,
      [id, administrator],
    )
  )[0]?.id ?? '';

/** With a consent for that administrator, staff begins to act for him. */
export async function act(scene: Scene, administrator = scene.chief): Promise<Page> {
  if ((await openConsentId(scene, administrator)) === '') await consent(scene, { administrator });
  const { support, at } = scene;
  return post(support, await support.open(at), at, {
    consent: await openConsentId(scene, administrator),
    reason: 'Call 4711',
  });
}

export type AuditRow = {
  action: string;
  target: string;
  actor: { kind: string; id: string; label: string; actedBy?: { id: string; label: string; visit: string } };
  after: Record<string, unknown> | null;
};
export const auditIn = (organizationId: string): Promise<AuditRow[]> =>
  query<AuditRow>(
    'select action, target_id as target, actor, after from audit_events where organization_id = $1 order by id',
    [organizationId],
  );
