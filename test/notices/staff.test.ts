// The operator's staff hear by mail what comes into a queue that they can deal with: once, with what came beside it, as each of
// them chose.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { askPublishing, readApplicationText, saveDraft } from '../../src/applications/draft-application.ts';
import { query } from '../../src/database/query.ts';
import { watchChiefs } from '../../src/entitlements/watch-chiefs.ts';
import { openBody } from '../../src/mail/mail-body.ts';
import { setNoticePreferences } from '../../src/notices/preferences.ts';
import { sendNotices } from '../../src/notices/send-notices.ts';
import { watchQueues } from '../../src/notices/watch-queues.ts';
import type { ApiRole } from '../../src/organizations/api-token.ts';
import { createOrganization } from '../../src/organizations/create-organization.ts';
import { OPERATOR_ORGANIZATION_ID } from '../../src/organizations/operator-organization.ts';
import { changeUser } from '../../src/users/change-user.ts';
import { refusalOf } from '../mail/mail-hub.ts';
import { systemCtx } from '../oidc/hub.ts';
import { aStaffMember, openOperator, staffBrowser, staffCtx, type OperatorHub } from '../operator/operator-hub.ts';
import { post, textOf } from '../portal/portal-hub.ts';
import { silent } from '../support/database.ts';

let hub: OperatorHub;
beforeAll(async () => {
  hub = await openOperator();
});
afterAll(() => hub.stop());

const inOperator = () => ({ ...systemCtx(), organizationId: OPERATOR_ORGANIZATION_ID });

async function someone(...roles: ApiRole[]): Promise<string> {
  const id = await aStaffMember(...roles);
  const emails = [{ value: `s${id.slice(-12)}@staff.example`, type: 'work', primary: true }];
  await changeUser(inOperator(), id, (document) => ({ ...document, emails, preferredLanguage: 'en' }));
  await query('update users set last_sign_in_at = now() where organization_id = $1 and id = $2', [
    OPERATOR_ORGANIZATION_ID,
    id,
  ]);
  return id;
}

const registers = (company: string) =>
  query(
    `insert into registrations (organization_id, id, state, company, customer_number, proof, given_name, family_name, email, email_key,
       applications, language, secret_hash, created_at, confirmed_at, expires_at)
     values ($1, $2, 'pending', $3, $4, 'a bill', 'An', 'Peeters', 'an@new.example', 'an@new.example', '{emasspost}', 'nl', sha256(gen_random_uuid()::text::bytea), now(), now(), now() + interval '1 day')`,
    [OPERATOR_ORGANIZATION_ID, uuidv7(), company, uuidv7().slice(-10)],
  );

async function mailsOf(userId: string): Promise<string[]> {
  const rows = await query<{ id: string; body: Buffer }>(
    "select id, body from mails where user_id = $1 and kind = 'notice_digest' order by id",
    [userId],
  );
  return rows.map(({ id, body }) => openBody(id, body).text);
}

/** Everything that is due by tomorrow noon goes out. */
async function aDayPasses(): Promise<void> {
  await watchQueues(new Date(), silent);
  await sendNotices(new Date(Date.now() + 36 * 3_600_000), silent);
}

describe('the operator’s staff', () => {
  it('hear once of what came into a queue, in one mail, each of what his role can deal with', async () => {
    const [support, catalogue, auditor] = [
      await someone('support'),
      await someone('catalogue'),
      await someone('auditor'),
    ];
    await registers('Alfa Print');
    await registers('Beta Post');
    const { id } = await createOrganization(systemCtx(), { name: 'Nobody Leads NV' });
    await watchChiefs(new Date(), silent);
    await aDayPasses();
    const [told, ...more] = await mailsOf(support);
    expect(more).toEqual([]);
    expect(told).toContain('2 companies ask for access: Alfa Print, Beta Post');
    expect(told).toMatch(/organizations? without a chief administrator/);
    expect(told).toContain('Nobody Leads NV');
    expect(told).toContain(`${hub.origin}/operator/registrations`);
    expect(told).toContain('/portal/notices');
    expect(await mailsOf(catalogue)).toEqual([]);
    expect(await mailsOf(auditor)).toEqual([]);
    await aDayPasses();
    expect(await mailsOf(support)).toHaveLength(1);
    await registers('Gamma');
    await query("update organizations set state = 'suspended' where id = $1", [id]);
    await aDayPasses();
    await query("update organizations set state = 'active' where id = $1", [id]);
    await aDayPasses();
    const later = (await mailsOf(support)).slice(1);
    expect(later[0]).toContain('One company asks for access: Gamma');
    expect(later[0]).not.toContain('Nobody Leads');
    expect(later[1]).toContain('Nobody Leads NV');
  });

  it('are told at once of what waits for a second person, except whoever asked', async () => {
    const [asker, other] = [await someone('catalogue'), await someone('catalogue')];
    const { published } = await readApplicationText(staffCtx(asker), 'pickup');
    await saveDraft(staffCtx(asker), 'pickup', `${published}\n# changed\n`);
    await askPublishing(staffCtx(asker), 'pickup', 'because');
    await watchQueues(new Date(), silent);
    await sendNotices(new Date(), silent);
    expect((await mailsOf(other))[0]).toMatch(/One act waits for a second person: /);
    expect(await mailsOf(asker)).toEqual([]);
  });

  it('are told of failed mails once a day, however many failed', async () => {
    const support = await someone('support');
    for (let i = 0; i < 3; i++)
      await query(
        `insert into mails (id, organization_id, kind, recipient, language, subject, secrets_key_id, message_id, state, created_at)
         values ($1, $2, 'invitation', 'a@b.example', 'nl', 'x', '', '', 'failed', now())`,
        [uuidv7(), OPERATOR_ORGANIZATION_ID],
      );
    await aDayPasses();
    await aDayPasses();
    expect((await mailsOf(support)).filter((text) => /e-mails were not delivered/.test(text))).toHaveLength(1);
  });

  it('choose for themselves on the page of their notices; nobody else has these topics', async () => {
    const support = await someone('support');
    const browser = await staffBrowser(hub.origin, support);
    const page = await browser.open('/portal/notices');
    expect(textOf(page)).toContain('A company asks for access and waits for the operator.');
    await post(browser, page, '/portal/notices', { staff_registrations: 'never', staff_chiefs: 'never' });
    await registers('Unheard');
    await aDayPasses();
    expect((await mailsOf(support)).join()).not.toContain('Unheard');
    const { id: organizationId } = await createOrganization(systemCtx(), { name: 'Customer' });
    const refused = await refusalOf(() =>
      setNoticePreferences({ ...systemCtx(), organizationId }, support, { staff_registrations: 'never' }),
    );
    expect(refused.code).toBe('invalid_input');
  });
});
