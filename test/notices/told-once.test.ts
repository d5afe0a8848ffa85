// A job comes again after a fault or a crash. Whom it told before it does not tell again; whom it had not yet told it tells then.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JobHandler } from '../../src/database/jobs.ts';
import { query } from '../../src/database/query.ts';
import { giveAdministrationRight } from '../../src/entitlements/give-administration-right.ts';
import { SELF_GIVING_NOTICE } from '../../src/entitlements/check-giving.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { noticeSelfGiving } from '../../src/entitlements/notice-self-giving.ts';
import { sweepMails } from '../../src/mail/sweep-mails.ts';
import { MANDATE_NOTICE, mandateNotices } from '../../src/mandates/announce-mandate.ts';
import { withdrawMandate } from '../../src/mandates/change-mandate.ts';
import { giveMandate } from '../../src/mandates/give-mandate.ts';
import { setNoticePreferences } from '../../src/notices/preferences.ts';
import { askForAccess } from '../../src/requests/ask-for-access.ts';
import { REQUEST_NOTICE, requestNotices } from '../../src/requests/request-notice.ts';
import { anOrganization, aUser, ctxOf, gift, type Organization, type Person } from '../giving/world.ts';
import { aNamedUser, openPortal, type PortalHub } from '../portal/portal-hub.ts';
import { silent } from '../support/database.ts';

let hub: PortalHub;
let numbered = 0;

beforeAll(async () => {
  hub = await openPortal();
});
afterAll(() => hub.stop());

async function chiefOf(organization: Organization): Promise<Person> {
  numbered += 1;
  const userName = `told.${numbered}`;
  const id = await aNamedUser(organization, { userName, email: `${userName}@lindenhof.example` });
  const subject = { kind: 'user', id } as const;
  await giveAdministrationRight(organization.operator, { subject, name: 'chief_administrator' });
  return { id, ctx: ctxOf(organization.id, { kind: 'user', id, organizationId: organization.id, label: userName }) };
}

const kindsTo = async ({ id }: Person): Promise<string[]> =>
  (await query<{ kind: string }>('select kind from mails where user_id = $1 order by id', [id])).map(
    ({ kind }) => kind,
  );
const countTo = async (person: Person, kind: string): Promise<number> =>
  (await kindsTo(person)).filter((one) => one === kind).length;

/** What the newest job of the queue was given. */
async function jobOf(queue: string): Promise<Record<string, unknown>> {
  const [job] = await query<{ data: Record<string, unknown> }>(
    'select data from jobs.job where name = $1 order by created_on desc limit 1',
    [queue],
  );
  if (!job) throw new Error(`No job in ${queue}`);
  return job.data;
}

/** While nothing can be written to this person, as though the database failed there. */
async function failingAt({ id }: Person, work: () => Promise<unknown>): Promise<void> {
  await query(`create or replace function refuse_mail() returns trigger language plpgsql as $$
    begin if new.user_id = '${id}' then raise exception 'no mail to him'; end if; return new; end $$`);
  await query('create trigger refuse_mail before insert on mails for each row execute function refuse_mail()');
  try {
    await work();
  } finally {
    await query('drop trigger refuse_mail on mails');
  }
}
const runs = ({ run }: JobHandler, data: Record<string, unknown>) => run(data);

describe('a job that comes again', () => {
  it('tells nobody twice of a mandate that was withdrawn, and those whom it had not reached at last', async () => {
    const [owner, house, third] = [await anOrganization(), await anOrganization(), await anOrganization()];
    const [chief, houseChief, thirdChief] = [await chiefOf(owner), await chiefOf(house), await chiefOf(third)];
    const terms = {
      customerAccountId: owner.accountId,
      boxes: [{ application: 'plain', values: { rights: ['b'], contracts: ['1'] } }],
    };
    const mandate = await giveMandate(chief.ctx, { ...terms, receiverOrganizationId: house.id, onward: 1 });
    await giveMandate(houseChief.ctx, { ...terms, receiverOrganizationId: third.id, parentId: mandate.id });
    await withdrawMandate(chief.ctx, mandate.id);
    const [handler, data] = [mandateNotices(silent), await jobOf(MANDATE_NOTICE)];
    expect(data).toMatchObject({ notice: 'withdrawn' });
    await failingAt(thirdChief, () => expect(runs(handler, data)).rejects.toThrow());
    const counts = async () => [
      await countTo(houseChief, 'mandate_withdrawn'),
      await countTo(thirdChief, 'mandate_withdrawn'),
    ];
    expect(await counts()).toEqual([1, 0]);
    await runs(handler, data);
    await runs(handler, data);
    expect(await counts()).toEqual([1, 1]);
  });

  it('keeps one line for whoever wants his mails once a day', async () => {
    const [owner, house] = [await anOrganization(), await anOrganization()];
    const [chief, houseChief] = [await chiefOf(owner), await chiefOf(house)];
    await setNoticePreferences(houseChief.ctx, houseChief.id, { mandates: 'daily' });
    await giveMandate(chief.ctx, {
      customerAccountId: owner.accountId,
      receiverOrganizationId: house.id,
      boxes: [{ application: 'plain', values: { rights: ['b'], contracts: ['1'] } }],
    });
    const data = await jobOf(MANDATE_NOTICE);
    for (let i = 0; i < 3; i++) await runs(mandateNotices(silent), data);
    expect(await kindsTo(houseChief)).toEqual([]);
    const [waiting] = await query<{ count: number }>(
      "select count(*)::int as count from pending_notices where organization_id = $1 and subject_id = $2 and topic = 'mandates'",
      [house.id, houseChief.id],
    );
    expect(waiting?.count).toBe(1);
  });

  it('asks each administrator once for an answer to a request', async () => {
    const organization = await anOrganization();
    const [first, second] = [await chiefOf(organization), await chiefOf(organization)];
    const asker = await aUser(organization);
    await askForAccess(asker.ctx, {
      application: 'plain',
      customerAccountId: organization.accountId,
      wanted: { rights: ['b'] },
      reason: 'The autumn campaign',
    });
    const data = await jobOf(REQUEST_NOTICE);
    await failingAt(second, () => expect(runs(requestNotices(silent), data)).rejects.toThrow());
    expect([await countTo(first, 'access_requested'), await countTo(second, 'access_requested')]).toEqual([0, 0]);
    // Two workers at once, as after a job that was taken for lost.
    await Promise.all([runs(requestNotices(silent), data), runs(requestNotices(silent), data)]);
    await runs(requestNotices(silent), data);
    expect([await countTo(first, 'access_requested'), await countTo(second, 'access_requested')]).toEqual([1, 1]);
  });

  it('tells the other chiefs once of each time that one gave himself something', async () => {
    const organization = await anOrganization();
    const [self, other] = [await chiefOf(organization), await chiefOf(organization)];
    const subject = { kind: 'user', id: self.id } as const;
    await assign(self.ctx, { subject, gifts: [gift(organization, 'a', '1')] });
    const first = await jobOf(SELF_GIVING_NOTICE);
    await runs(noticeSelfGiving(silent), first);
    await runs(noticeSelfGiving(silent), first);
    expect(await countTo(other, 'self_given')).toBe(1);
    await assign(self.ctx, { subject, gifts: [gift(organization, 'b', '2')] });
    await runs(noticeSelfGiving(silent), await jobOf(SELF_GIVING_NOTICE));
    expect(await countTo(other, 'self_given')).toBe(2);
  });

  it('leaves marks only for as long as it can come again', async () => {
    const marks = async () =>
      (await query<{ count: number }>("select count(*)::int as count from told_entries where topic = 'occasion'"))[0]
        ?.count;
    await sweepMails.run({});
    expect(await marks()).toBeGreaterThan(3);
    await query("update told_entries set told_at = now() - interval '61 days' where topic = 'occasion'");
    await sweepMails.run({});
    expect(await marks()).toBe(0);
  });
});
