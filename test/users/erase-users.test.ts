// After the retention the personal data of deleted users is gone, everywhere; what they did stays, under a pseudonym.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Express } from 'express';
import { query } from '../../src/database/query.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { changeUser } from '../../src/users/change-user.ts';
import { deleteUser } from '../../src/users/delete-user.ts';
import { eraseDeletedUsers } from '../../src/users/erase-users.ts';
import { aUser, anOrganization, auditOf, gift, QUEUES, useTestCatalogue, type Organization } from '../giving/world.ts';
import { closeTestDatabase, openTestDatabase, silent } from '../support/database.ts';
import { USER, connectDirectory, patch, scimApp } from '../support/directory.ts';

let app: Express;
let organization: Organization;
beforeAll(async () => {
  useTestCatalogue();
  await openTestDatabase(QUEUES);
  app = scimApp();
  organization = await anOrganization();
});
afterAll(() => closeTestDatabase());

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);

/** Every table and column in which the text still stands. */
async function findText(text: string): Promise<string[]> {
  const tables = await query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
  );
  const found: string[] = [];
  for (const { name } of tables)
    if (
      (await query(`select 1 from ${name} t where position($1 in lower(t::text)) > 0 limit 1`, [text.toLowerCase()]))
        .length > 0
    )
      found.push(name);
  return found;
}

describe('the erasure of deleted users', () => {
  it('takes nothing before the retention has passed, and everything after it', async () => {
    const directory = await connectDirectory(app, organization.id);
    const { id } = (
      await directory
        .send('post', '/Users', {
          schemas: [USER],
          userName: 'quaxly.zeppelin',
          externalId: 'quaxly-1',
          displayName: 'Quaxly Zeppelin',
          name: { familyName: 'Quaxly' },
          emails: [{ value: 'quaxly@noordzee.example', type: 'work' }],
        })
        .expect(201)
    ).body;
    await directory
      .send('patch', `/Users/${id}`, patch({ op: 'replace', path: 'title', value: 'Quaxly in chief' }))
      .expect(200);
    await query(
      `insert into passwords (organization_id, user_id, hash, changed_at) values ($1, $2, 'quaxly-hash', now())`,
      [organization.id, id],
    );
    await directory.send('delete', `/Users/${id}`).expect(204);
    expect(await eraseDeletedUsers(inDays(89), silent)).toBe(0);
    expect(await findText('quaxly')).not.toEqual([]);
    expect(await eraseDeletedUsers(inDays(91), silent)).toBe(1);
    expect(await findText('quaxly')).toEqual([]);
    expect(await auditOf(organization.id, id)).toEqual(['user.created', 'user.changed', 'user.deleted', 'user.erased']);
    const [created] = await query(
      'select after, actor from audit_events where organization_id = $1 and target_id = $2 order by id limit 1',
      [organization.id, id],
    );
    expect(created).toMatchObject({
      after: { userName: 'erased', emails: 'erased' },
      actor: { kind: 'connection', id: directory.connectionId },
    });
    expect(await eraseDeletedUsers(inDays(91), silent)).toBe(0);
  });

  it('replaces the name of an administrator wherever he gave something, and leaves what he gave', async () => {
    const administrator = await aUser(organization, ['manage_users'], [gift(organization, 'a')]);
    await changeUser(organization.operator, administrator.id, (document) => ({
      ...document,
      displayName: 'Wibble Wobble',
    }));
    const ctx = {
      ...administrator.ctx,
      actor: { kind: 'user' as const, id: administrator.id, organizationId: organization.id, label: 'Wibble Wobble' },
    };
    const receiver = await aUser(organization);
    await assign(ctx, { subject: { kind: 'user', id: receiver.id }, gifts: [gift(organization, 'a')] });
    await deleteUser(organization.operator, administrator.id);
    await eraseDeletedUsers(inDays(91), silent);
    expect(await findText('wibble')).toEqual([]);
    const [given] = await query(
      'select given_by, "values" from assignments where organization_id = $1 and subject_id = $2',
      [organization.id, receiver.id],
    );
    expect(given).toMatchObject({
      given_by: { id: administrator.id, label: `erased-${administrator.id}` },
      values: { rights: ['a'] },
    });
  });

  it('goes by the organization’s own number of days', async () => {
    const own = await anOrganization();
    await query(`update organizations set settings = settings || '{"erase_after_days": 7}' where id = $1`, [own.id]);
    const person = await aUser(own);
    await deleteUser(own.operator, person.id);
    expect(await eraseDeletedUsers(inDays(6), silent)).toBe(0);
    expect(await eraseDeletedUsers(inDays(8), silent)).toBe(1);
  });

  it('leaves those alone who were only deactivated', async () => {
    const directory = await connectDirectory(app, organization.id);
    const { id } = (
      await directory.send('post', '/Users', { schemas: [USER], userName: 'inactive', active: false }).expect(201)
    ).body;
    await eraseDeletedUsers(inDays(400), silent);
    expect((await directory.send('get', `/Users/${id}`).expect(200)).body.userName).toBe('inactive');
  });
});
