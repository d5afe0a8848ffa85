// A signing key that may be in other hands goes at once, by two people, over the API and the pages: what it signed is refused by
// whoever checks with the published keys, and what is signed from then on is not.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import request from 'supertest';
import { createClient } from '../../src/clients/create-client.ts';
import { confirmDestroying } from '../../src/credentials/destroy-key.ts';
import { listSigningKeys, rotateSigningKeys } from '../../src/credentials/signing-keys.ts';
import { query } from '../../src/database/query.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { createApiToken, type ApiRole } from '../../src/organizations/api-token.ts';
import { createCustomerAccount } from '../../src/organizations/create-customer-account.ts';
import { createOrganization } from '../../src/organizations/create-organization.ts';
import { putResources } from '../../src/organizations/put-resources.ts';
import { setSubscription } from '../../src/organizations/set-subscription.ts';
import { createUser } from '../../src/users/create-user.ts';
import { systemCtx } from '../oidc/hub.ts';
import { post, submit, textOf } from '../portal/portal-hub.ts';
import { refusalOf } from '../support/refusal.ts';
import { aStaffMember, openOperator, staffBrowser, staffCtx, type OperatorHub } from './operator-hub.ts';

let hub: OperatorHub;
let basic: string;
beforeAll(async () => {
  hub = await openOperator();
  const { id: organizationId } = await createOrganization(systemCtx(), { name: 'Noordzee Media' });
  const ctx = { ...systemCtx(), organizationId };
  const account = await createCustomerAccount(ctx, { number: 'KEY-1', name: 'Noordzee' });
  const values = { products: '*', billing_addresses: '*', rights: '*' } as const;
  await putResources(ctx, { customerAccountId: account.id, resources: [{ kind: 'billing_addresses', number: 'B-1', label: 'One' }] }); // prettier-ignore
  await setSubscription(ctx, { customerAccountId: account.id, application: 'emasspost', values });
  const robot = await createUser(ctx, { document: { schemas: [], userName: 'robot', active: true }, kind: 'service' });
  const given = { products: ['prior'], billing_addresses: ['B-1'], rights: ['create_deposit'] };
  const gift = { application: 'emasspost', customerAccountId: account.id, values: given };
  await assign(ctx, { subject: { kind: 'user', id: robot.id }, gifts: [gift] });
  const serviceUser = { organizationId, userId: robot.id };
  const made = await createClient(ctx, { name: 'Robot', kind: 'service', application: 'emasspost', serviceUser });
  basic = `Basic ${Buffer.from(`${made.clientId}:${made.clientSecret ?? ''}`).toString('base64')}`;
});
afterAll(() => hub.stop());

const token = async (): Promise<string> => {
  const init = { method: 'POST', headers: { authorization: basic }, body: new URLSearchParams({ grant_type: 'client_credentials' }) }; // prettier-ignore
  const answer = await fetch(`${hub.origin}/oidc/token`, init);
  return ((await answer.json()) as { access_token: string }).access_token;
};
const kidOf = (jwt: string): string => decodeProtectedHeader(jwt).kid ?? '';
/** A relying party that has just started: it reads the keys that are published now. */
const isVerified = (jwt: string): Promise<boolean> =>
  jwtVerify(jwt, createRemoteJWKSet(new URL(`${hub.origin}/oidc/jwks`))).then(
    () => true,
    () => false,
  );
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 5000; !(await holds());)
    if (Date.now() > end) throw new Error('It did not come about within five seconds');
}
async function api(role: ApiRole) {
  const { token: secret } = await createApiToken(systemCtx(), { name: role, roles: [role] });
  return (method: 'get' | 'post', path: string, body?: object) =>
    request(hub.origin)[method](`/api/v1/keys/${path}`).set('Authorization', `Bearer ${secret}`).send(body);
}
const keysOf = async (algorithm: string, state: string) =>
  (await listSigningKeys()).filter((key) => key.algorithm === algorithm && key.state === state);

describe('a key that signs', () => {
  it('is not destroyed while nothing could take its place, and the refusal says what to do', async () => {
    await query("delete from signing_keys where state = 'next'");
    const [active] = await keysOf('ES256', 'active');
    const first = await api('security');
    expect((await first('get', `${active?.kid}/destroy`)).body).toMatchObject({ refused: true, successor: null });
    const refused = await first('post', `${active?.kid}/destroy`, { reason: 'a copy was lost' });
    expect([refused.status, refused.body.code]).toEqual([409, 'no_successor']);
    const page = await (await hub.as('security')).open(`/operator/keys/${active?.kid}/destroy`);
    expect(textOf(page)).toContain('Rotate the keys first');
    expect(page.html).not.toContain('Ask to destroy');
  });

  it('goes over the API by two, its successor takes over with it, and only what it signed is refused', async () => {
    await rotateSigningKeys(new Date());
    const stolen = await token();
    const kid = kidOf(stolen);
    const [next] = await keysOf('ES256', 'next');
    const [first, second] = [await api('security'), await api('owner')];
    expect((await first('get', `${kid}/destroy`)).body).toMatchObject({
      key: { kid, state: 'active' },
      successor: { kid: next?.kid, fresh: true },
      refused: false,
    });
    expect((await (await api('support'))('post', `${kid}/destroy`, { reason: 'x' })).status).toBe(403);
    expect((await first('post', `${kid}/destroy`, { reason: ' ' })).status).toBe(400);
    await first('post', `${kid}/destroy`, { reason: 'a copy was lost' }).expect(204);
    expect((await first('post', `${kid}/destroy`, { reason: 'again' })).body.code).toBe('conflict');
    expect((await first('post', `${kid}/destroy/confirm`)).body.code).toBe('four_eyes');
    expect(await isVerified(stolen)).toBe(true);
    const done = await second('post', `${kid}/destroy/confirm`).expect(200);
    const left = done.body.items as { kid: string; algorithm: string; state: string }[];
    expect(left.some((key) => key.kid === kid)).toBe(false);
    expect(left.filter(({ algorithm }) => algorithm === 'ES256').map(({ state }) => state)).toEqual(['active', 'next']);
    expect(await query('select 1 from signing_keys where kid = $1', [kid])).toEqual([]);
    await until(async () => !(await isVerified(stolen)));
    const userinfo = await fetch(`${hub.origin}/oidc/me`, { headers: { authorization: `Bearer ${stolen}` } });
    expect(userinfo.status).toBe(401);
    const fresh = await token();
    expect(kidOf(fresh)).toBe(next?.kid);
    expect(await isVerified(fresh)).toBe(true);
    const rows = await query("select before, after from audit_events where action = 'keys.destroyed' and target_id = $1", [kid]); // prettier-ignore
    expect(rows).toEqual([
      {
        before: { algorithm: 'ES256', state: 'active' },
        after: { reason: 'a copy was lost', askedBy: 'security', active: next?.kid },
      },
    ]);
  });

  it('is another matter once it does something else than when it was asked for', async () => {
    const [next] = await keysOf('ES256', 'next');
    const kid = next?.kid ?? '';
    const [first, second] = [await api('security'), await api('owner')];
    await first('post', `${kid}/destroy`, { reason: 'to be sure' }).expect(204);
    await query("update signing_keys set created_at = created_at - interval '2 days'");
    await rotateSigningKeys(new Date(), { force: true });
    const refused = await second('post', `${kid}/destroy/confirm`);
    expect([refused.status, refused.body.code]).toEqual([409, 'conflict']);
    await second('post', `${kid}/destroy/refuse`).expect(204);
    expect((await second('post', `${kid}/destroy/confirm`)).status).toBe(404);
    expect((await second('get', 'no-such-key/destroy')).status).toBe(404);
  });
});

describe('the page', () => {
  it('says what happens, keeps the reason, waits for a colleague, and destroys a retiring key', async () => {
    const [retiring] = await keysOf('RS256', 'retiring');
    const kid = retiring?.kid ?? '';
    const asker = await hub.as('security');
    const list = await asker.open('/operator/keys');
    expect(list.html).toContain(`/operator/keys/${kid}/destroy`);
    const page = await asker.open(`/operator/keys/${kid}/destroy`);
    expect(textOf(page)).toContain('ID tokens that it signed are refused from then on');
    expect(textOf(page)).not.toContain('signs from then on');
    const missing = await submit(asker, page, { reason: '' });
    expect(missing.status).toBe(422);
    expect(textOf(missing)).toContain('Write a reason');
    const asked = await submit(asker, page, { reason: 'a laptop was stolen' });
    expect(textOf(asked)).toContain('A second member of staff has to confirm this now.');
    const waiting = await asker.open(`/operator/keys/${kid}/destroy`);
    expect(textOf(waiting)).toContain('A colleague has to confirm it.');
    expect(waiting.html).not.toContain('/destroy/confirm');
    expect((await post(asker, waiting, `/operator/keys/${kid}/destroy/confirm`)).status).toBe(403);
    const colleague = await staffBrowser(hub.origin, await aStaffMember('security'));
    const approvals = await colleague.open('/operator/approvals');
    expect(textOf(approvals)).toContain(`Destroy the key RS256 ${kid}`);
    const shown = await colleague.open(`/operator/keys/${kid}/destroy`);
    expect(textOf(shown)).toContain('a laptop was stolen');
    await post(colleague, shown, `/operator/keys/${kid}/destroy/confirm`);
    expect(await keysOf('RS256', 'retiring')).toEqual([]);
    expect((await colleague.open(`/operator/keys/${kid}/destroy`)).status).toBe(404);
    const auditor = await hub.as('auditor');
    const [active] = await keysOf('RS256', 'active');
    const read = await auditor.open(`/operator/keys/${active?.kid}/destroy`);
    expect([read.status, read.html.includes('Ask to destroy')]).toEqual([200, false]);
    expect((await refusalOf(() => confirmDestroying(staffCtx(hub.staff.security), active?.kid ?? ''))).code).toBe('not_found'); // prettier-ignore
  });
});
