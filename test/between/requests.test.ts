// Asking for access and answering, as the asker, his administrators and the operator meet it.
import { describe, expect, it } from '@jest/globals';
import type { Logger } from 'pino';
import { listAssignments } from '../../src/entitlements/assignment-row.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { query } from '../../src/database/query.ts';
import { approveRequest, cancelRequest, denyRequest } from '../../src/requests/answer-request.ts';
import { askForAccess, type NewRequest } from '../../src/requests/ask-for-access.ts';
import { countInbox, listInbox } from '../../src/requests/inbox.ts';
import { countOperatorQueue, listOperatorQueue } from '../../src/requests/operator-queue.ts';
import { findRequest, requestsOf } from '../../src/requests/request-row.ts';
import { tendRequests } from '../../src/requests/tend-requests.ts';
import { changeUser } from '../../src/users/change-user.ts';
import { auditOf, ctxOf, OPERATOR, rightsTables, type Organization, type Person } from '../giving/world.ts';
import { Browser } from '../oidc/browser.ts';
import { PASSWORD } from '../oidc/hub.ts';
import {
  aCompany,
  aUser,
  deposits,
  errorsOf,
  itemsOf,
  textOf,
  useRightsHub,
  visitor,
} from '../portal-rights/rights-hub.ts';
import { submit } from '../portal/portal-hub.ts';
import { silent } from '../support/database.ts';
import { anApplication, canSignIn, eventually, mailsTo, withMail } from './two-organizations.ts';

const hub = useRightsHub();

const DAY_MS = 86_400_000;
const log: Logger = silent;

type Scene = { company: Organization; asker: Person; administrator: Person };

/** An administrator who holds deposits of letters and periodicals on A1, and somebody without rights. */
async function aScene(): Promise<Scene> {
  const company = await aCompany();
  const administrator = await withMail(
    await aUser(company, ['manage_users'], [deposits(company, ['letter', 'periodical'])]),
  );
  return { company, administrator, asker: await withMail(await aUser(company)) };
}

const ask = ({ asker }: Scene, more: Partial<NewRequest> = {}) =>
  askForAccess(asker.ctx, { application: 'emasspost', reason: 'The autumn campaign', ...more });
const waitingFor = async ({ ctx }: Person) => (await listInbox(ctx, { view: 'waiting', size: 50 })).requests;
const deactivate = ({ company }: Scene, { id }: Person) =>
  changeUser(company.operator, id, (document) => ({ ...document, active: false }));

describe('asking', () => {
  it('gives nothing, reaches those who could give it by mail and inbox, and nobody else', async () => {
    const scene = await aScene();
    const { company, administrator, asker } = scene;
    const other = await withMail(await aUser(company, ['manage_users']));
    const before = await rightsTables(company.id);
    const request = await ask(scene, { customerAccountId: company.accountId, wanted: { products: ['letter'] } });
    expect(request).toMatchObject({ state: 'waiting', customerNumber: company.number });
    expect(await rightsTables(company.id)).toBe(before);
    expect((await waitingFor(administrator)).map(({ id }) => id)).toEqual([request.id]);
    expect(await countInbox(administrator.ctx)).toBe(1);
    expect(await waitingFor(other)).toEqual([]);
    expect(await waitingFor(asker)).toEqual([]);
    const mail = await eventually(async () => (await mailsTo(administrator.id))[0]);
    expect(mail.kind).toBe('access_requested');
    expect(await mailsTo(other.id)).toEqual([]);
    expect(await auditOf(company.id, asker.id)).toContain('request.asked');
    const at = await visitor(hub, administrator);
    expect((await at.open('/portal')).html).toMatch(/Access requests <span class="count">1</);
    const outsider = await visitor(hub, await aUser(await aCompany(), ['chief_administrator']));
    expect((await outsider.open(`/portal/requests/${request.id}`)).status).toBe(404);
    const bystander = await visitor(hub, other);
    expect((await bystander.open(`/portal/requests/${request.id}`)).status).toBe(404);
  });

  it('is refused for what one has, for what does not exist, twice, without a reason and for others', async () => {
    const scene = await aScene();
    const { company, asker, administrator } = scene;
    await assign(company.operator, { subject: { kind: 'user', id: asker.id }, gifts: [deposits(company, ['letter'])] });
    const refused = (more: Partial<NewRequest>, code: string) =>
      expect(ask(scene, more)).rejects.toMatchObject({ code });
    await refused({}, 'already_held');
    await refused({ wanted: { products: ['letter'], rights: ['create_deposit'] } }, 'already_held');
    await refused({ application: 'nothing' }, 'unknown_application');
    await refused({ wanted: { products: ['gold'] } }, 'unknown_value');
    await refused({ wanted: { products: ['reserve_1'] } }, 'unknown_value');
    await refused({ wanted: { borderels: ['b10'] } }, 'unknown_value');
    await refused({ customerAccountId: (await aCompany()).accountId }, 'not_found');
    await refused({ reason: ' \n ' }, 'invalid_input');
    await refused({ reason: 'x'.repeat(1001) }, 'invalid_input');
    await refused({ reason: 'a\u0000b' }, 'invalid_input');
    await refused({ userId: administrator.id }, 'not_permitted');
    const request = await ask(scene, { wanted: { products: ['letter', 'periodical'] } });
    await expect(ask(scene, { wanted: { products: ['kilopost'] } })).rejects.toMatchObject({
      code: 'already_asked',
      details: { request: request.id },
    });
    expect(await requestsOf(asker.ctx, asker.id)).toHaveLength(1);
    const same = Array.from({ length: 4 }, () => ask(scene, { application: 'pickup' }).catch(() => undefined));
    expect((await Promise.all(same)).filter((one) => one !== undefined)).toHaveLength(1);
  });

  it('takes the account by number, and as words where it is none, without telling which', async () => {
    const scene = await aScene();
    const { company } = scene;
    const stranger = await aCompany();
    const known = await ask(scene, { accountText: company.number });
    expect(known).toMatchObject({ customerAccountId: company.accountId, accountText: company.number });
    const words = await ask(scene, { accountText: stranger.number });
    expect(words).toMatchObject({ customerAccountId: null, accountText: stranger.number });
  });

  it('works from the locked tile without script: form, status page, list, cancel', async () => {
    const scene = await aScene();
    const at = await visitor(hub, scene.asker);
    const home = await at.open('/portal');
    expect(home.html).toContain('/portal/ask?application=emasspost');
    const form = await at.open('/portal/ask?application=emasspost&rights=create_deposit');
    expect(textOf(form)).toContain('Who can give it');
    const wrong = await at.submit(form, { account: 'other', number: scene.company.number, reason: '' });
    expect(wrong.status).toBe(422);
    expect(errorsOf(wrong)[0]).toContain('Say why');
    const sent = await at.submit(form, {
      account: 'other',
      number: scene.company.number,
      reason: 'Deposits <b>now</b>',
    });
    expect(textOf(sent)).toContain('Your request has been sent.');
    expect(sent.html).toContain('Deposits &lt;b&gt;now&lt;/b&gt;');
    expect((await at.open('/portal')).html).toMatch(/Asked on [^<]+</);
    const again = await at.submit(form, { account: 'other', number: scene.company.number, reason: 'again' });
    expect(again.status).toBe(409);
    const [request] = await requestsOf(scene.asker.ctx, scene.asker.id);
    expect(textOf(await at.open('/portal/requests'))).toContain('Waiting');
    await at.send(`/portal/requests/${request?.id}/cancel`, {});
    expect(textOf(await at.open(`/portal/requests/${request?.id}`))).toContain('Withdrawn');
    expect((await at.open('/portal/ask?application=nothing')).status).toBe(404);
  });
});

describe('answering', () => {
  it('approves by the same act as assigning, within the ceiling, in one transaction with the request', async () => {
    const scene = await aScene();
    const { company, administrator, asker } = scene;
    const request = await ask(scene, { wanted: { products: ['letter'] } });
    const before = await rightsTables(company.id);
    const give = (products: string[]) =>
      approveRequest(administrator.ctx, { id: request.id, gifts: [deposits(company, products)] });
    await expect(give(['kilopost'])).rejects.toMatchObject({ code: 'grantor_lacks_right' });
    await expect(approveRequest(administrator.ctx, { id: request.id, gifts: [] })).rejects.toMatchObject({
      code: 'invalid_input',
    });
    await expect(
      approveRequest(asker.ctx, { id: request.id, gifts: [deposits(company, ['letter'])] }),
    ).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(await rightsTables(company.id)).toBe(before);
    expect(await findRequest(company.operator, request.id)).toMatchObject({ state: 'waiting' });
    const [given] = await give(['letter']);
    expect(await findRequest(company.operator, request.id)).toMatchObject({
      state: 'approved',
      assignments: [given?.id],
      decidedBy: { id: administrator.id },
    });
    await expect(give(['periodical'])).rejects.toMatchObject({ code: 'conflict' });
    await expect(denyRequest(administrator.ctx, { id: request.id, answer: 'no' })).rejects.toMatchObject({
      code: 'conflict',
    });
    expect((await mailsTo(asker.id)).map(({ kind }) => kind)).toEqual(['access_decided']);
    expect(await auditOf(company.id, asker.id)).toEqual(
      expect.arrayContaining(['assignment.given', 'request.approved']),
    );
  });

  it('says "in part" where less is given than was chosen, or where the administrator says so', async () => {
    const scene = await aScene();
    const { company, administrator } = scene;
    const chosen = await ask(scene, { wanted: { products: ['letter', 'kilopost'] } });
    await approveRequest(administrator.ctx, { id: chosen.id, gifts: [deposits(company, ['letter'])] });
    expect(await findRequest(company.operator, chosen.id)).toMatchObject({ state: 'approved_in_part' });
    const said = await ask(scene, { wantedText: 'Everything about periodicals' });
    await approveRequest(administrator.ctx, {
      id: said.id,
      gifts: [deposits(company, ['periodical'])],
      inPart: true,
      answer: 'Prices are for the sales team.',
    });
    expect(await findRequest(company.operator, said.id)).toMatchObject({
      state: 'approved_in_part',
      answer: 'Prices are for the sales team.',
    });
  });

  it('denies with a reason from the inbox, which the asker reads', async () => {
    const scene = await aScene();
    const { administrator, asker } = scene;
    const request = await ask(scene);
    const at = await visitor(hub, administrator);
    const list = await at.open('/portal/requests?application=emasspost');
    expect(list.html).toContain(`/portal/requests/${request.id}`);
    expect((await at.open('/portal/requests?application=nothing')).html).toContain(`/portal/requests/${request.id}`);
    const path = `/portal/requests/${request.id}/deny`;
    expect((await at.send(path, { answer: '' })).status).toBe(422);
    const denied = await at.send(path, { answer: 'Deposits are made by dispatch.' });
    expect(textOf(denied)).toContain('has been refused');
    const own = await (await visitor(hub, asker)).open(`/portal/requests/${request.id}`);
    expect(textOf(own)).toContain('Deposits are made by dispatch.');
    expect(textOf(await at.open('/portal/requests?view=decided'))).toContain('Refused');
    expect(await countInbox(administrator.ctx)).toBe(0);
    // A link from a mail only opens the page.
    expect((await at.open(`/portal/requests/${request.id}/deny`)).status).toBe(404);
  });

  it('closes what a deactivated person waits for, and passes what waited for a deactivated administrator to the others', async () => {
    const scene = await aScene();
    const { company, administrator, asker } = scene;
    const second = await aUser(company, ['manage_users'], [deposits(company, ['letter'])]);
    const request = await ask(scene);
    expect((await waitingFor(second)).map(({ id }) => id)).toEqual([request.id]);
    await deactivate(scene, administrator);
    await expect(
      approveRequest(administrator.ctx, { id: request.id, gifts: [deposits(company, ['letter'])] }),
    ).rejects.toMatchObject({ code: 'not_permitted' });
    expect((await waitingFor(second)).map(({ id }) => id)).toEqual([request.id]);
    await deactivate(scene, asker);
    expect(await waitingFor(second)).toEqual([]);
    expect(await findRequest(company.operator, request.id)).toMatchObject({ state: 'closed' });
    expect(await auditOf(company.id, asker.id)).toContain('request.closed');
    await expect(ask(scene, { application: 'pickup' })).rejects.toMatchObject({ code: 'not_permitted' });
  });
});

describe('the clock and the operator', () => {
  it('reminds after three and seven days, and ends after fourteen', async () => {
    const scene = await aScene();
    const { company, administrator, asker } = scene;
    const request = await ask(scene);
    await eventually(async () => (await mailsTo(administrator.id))[0]);
    const at = (days: number) => new Date(request.askedAt.getTime() + days * DAY_MS);
    const mails = async () => (await mailsTo(administrator.id)).map(({ subject }) => subject.startsWith('Reminder'));
    for (const [day, expected] of [
      [2, [false]],
      [3.1, [false, true]],
      [3.2, [false, true]],
      [8, [false, true, true]],
    ] as const) {
      await tendRequests(at(day), log);
      expect(await mails()).toEqual(expected);
    }
    await tendRequests(at(14), log);
    expect(await findRequest(company.operator, request.id)).toMatchObject({ state: 'expired' });
    expect((await mailsTo(asker.id)).map(({ kind }) => kind)).toEqual(['access_decided']);
    expect(await ask(scene)).toMatchObject({ state: 'waiting' });
  });

  it('hands a request that nobody can answer to the operator, and takes it back when somebody can', async () => {
    const company = await aCompany();
    const operator = ctxOf('', OPERATOR);
    const scene: Scene = {
      company,
      asker: await aUser(company),
      administrator: await aUser(company, ['chief_administrator']),
    };
    const request = await ask(scene);
    const queue = async () =>
      (await listOperatorQueue(operator, { limit: 200 })).requests.filter(
        ({ organizationId }) => organizationId === company.id,
      );
    await eventually(
      async () =>
        (await query("select 1 from jobs.job where name = 'access-request-notice' and state = 'completed'"))[0],
    );
    expect(await queue()).toEqual([]);
    // A directory may end the last chief.
    await changeUser(
      { ...company.operator, actor: { kind: 'system', id: 'test', label: 'test' } },
      scene.administrator.id,
      (document) => ({
        ...document,
        active: false,
      }),
    );
    expect((await queue()).map(({ id }) => id)).toEqual([request.id]);
    expect(await countOperatorQueue(operator)).toBeGreaterThan(0);
    await aUser(company, ['chief_administrator']);
    await tendRequests(new Date(), log);
    expect(await queue()).toEqual([]);
    await expect(listOperatorQueue(scene.asker.ctx)).rejects.toMatchObject({ code: 'not_permitted' });
    const lacking = await aUser(company, ['manage_users']);
    expect(await waitingFor(lacking)).toEqual([]);
    await cancelRequest(scene.asker.ctx, request.id);
  });
});

describe('from no access to part of it', () => {
  it('asks from the page of the application, is approved in part in the editor, and the token shows just that', async () => {
    const scene = await aScene();
    const { company, administrator, asker } = scene;
    const userName = await canSignIn(asker);
    const application = await anApplication(hub, 'emasspost');
    const browser = new Browser(hub.origin);
    browser.setCookie('language', 'en');
    const { url } = application.ask();
    const signIn = await browser.open(url);
    const page = await browser.submit(signIn, { identifier: userName, password: PASSWORD });
    expect(page.status).toBe(403);
    expect(textOf(page)).toContain('hold no rights');
    const form = await browser.submit(page, { choice: 'request' });
    expect(form.url.pathname).toBe('/portal/ask');
    expect(form.url.searchParams.get('application')).toBe('emasspost');
    const sent = await submit(
      browser,
      { ...form, html: form.html.replace(/<section class="session-end[\s\S]*?<\/section>/, '') },
      {
        account: 'other',
        number: company.number,
        products: 'letter',
        what: 'Letters and kilopost',
        reason: 'The autumn campaign',
      },
    );
    expect(sent.url.pathname).toMatch(/^\/portal\/requests\//);
    const back = await browser.open(application.ask().url);
    expect(back.html).toContain('is waiting for an answer');

    const at = await visitor(hub, administrator);
    const [request] = await waitingFor(administrator);
    const opened = await at.open(`/portal/requests/${request?.id}`);
    expect(textOf(opened)).toContain('The autumn campaign');
    const editor = await at.open(
      `/portal/users/${asker.id}/rights/emasspost/edit?request=${request?.id}&in_part=1&answer=No+kilopost&account=${company.accountId}&products=letter`,
    );
    expect(itemsOf(editor, 'products').get('letter')).toMatchObject({ ticked: true });
    const preview = await at.submit(editor, { billing_addresses: 'A1', rights: ['create_deposit'], act: 'preview' });
    expect(errorsOf(preview)).toEqual([]);
    expect(await listAssignments(company.operator, { kind: 'user', id: asker.id })).toEqual([]);
    const saved = await at.submit(preview, { act: 'save' });
    expect(textOf(saved)).toContain('the request is answered');
    expect(await findRequest(company.operator, request?.id ?? '')).toMatchObject({
      state: 'approved_in_part',
      answer: 'No kilopost',
    });

    const token = await application.token(browser, userName);
    expect(token['authorization_details']).toEqual([
      expect.objectContaining({ identifier: company.number, products: ['letter'], privileges: ['create_deposit'] }),
    ]);
    const home = await (await visitor(hub, asker)).open('/portal');
    expect(home.html).not.toContain('/portal/ask?application=emasspost');
    expect(textOf(await (await visitor(hub, asker)).open(`/portal/requests/${request?.id}`))).toContain('No kilopost');
  });
});
