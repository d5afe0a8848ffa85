// What Entra ID and Okta send in their first cycle, an update, a group push, for a leaver and a rehire. Played
// twice, the end state is the same; and so it is where the organization had its people in the portal before.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Express } from 'express';
import { handOverUsers } from '../../src/provisioning/hand-over.ts';
import { createUser } from '../../src/users/create-user.ts';
import { closeTestDatabase, openTestDatabase } from '../support/database.ts';
import { connectDirectory, scimApp, systemCtx, USER, type Directory } from '../support/directory.ts';
import { EntraClient, type Person } from '../support/entra-client.ts';
import { OktaClient, type Worker } from '../support/okta-client.ts';

let app: Express;
beforeAll(async () => {
  await openTestDatabase();
  app = scimApp();
});
afterAll(() => closeTestDatabase());

type Shown = { id: string; meta?: unknown; members?: { value: string }[]; groups?: unknown };

/** Everything the directory can read, without what time alone changes. */
async function endState(directory: Directory): Promise<unknown> {
  const read = async (path: string): Promise<Shown[]> =>
    (await directory.send('get', `${path}?sortBy=id&count=200`).expect(200)).body.Resources;
  const bare = ({ meta: _meta, ...rest }: Shown) => rest;
  return { users: (await read('/Users')).map(bare), groups: (await read('/Groups')).map(bare) };
}

const PORTAL_USERS = 30;
const numbered = <T>(one: (n: number) => T): T[] => Array.from({ length: PORTAL_USERS }, (_, n) => one(n));

/** A directory, new in an organization whose people are in the portal already. */
async function amongPortalUsers(userNames: readonly string[]): Promise<{ directory: Directory; ids: string[] }> {
  const directory = await connectDirectory(app);
  const ctx = systemCtx(directory.organizationId);
  const ids: string[] = [];
  for (const userName of userNames)
    ids.push((await createUser(ctx, { document: { schemas: [USER], userName, active: true } })).id);
  return { directory, ids };
}

/** Until its people are handed over each creation is refused with the way on; then each finds the record that was there. */
async function converges(
  userNames: readonly string[],
  cycle: (directory: Directory) => Promise<string[]>,
): Promise<void> {
  const { directory, ids } = await amongPortalUsers(userNames);
  for (const userName of userNames) {
    const refused = await directory.send('post', '/Users', { schemas: [USER], userName }).expect(409);
    expect(refused.body.detail).toContain('hand existing users over');
  }
  const { organizationId, connectionId } = directory;
  expect(await handOverUsers(systemCtx(organizationId), { connectionId, userIds: ids })).toBe(userNames.length);
  // The clients take no 409 for an answer.
  expect(await cycle(directory)).toEqual(ids);
  const once = await endState(directory);
  expect(await cycle(directory)).toEqual(ids);
  expect(await endState(directory)).toEqual(once);
}

describe('Entra ID', () => {
  const people: Person[] = Array.from({ length: 8 }, (_, i) => ({
    externalId: `entra-${i}`,
    userName: `Person.${i}@Noordzee.example`,
    givenName: `Given${i}`,
    familyName: `Family${i}`,
    mail: `person.${i}@noordzee.example`,
    department: 'Sales',
  }));

  async function play(directory: Directory): Promise<void> {
    const entra = new EntraClient(directory);
    await entra.testConnection();
    const ids: string[] = [];
    for (const person of people) ids.push(await entra.syncUser(person));
    await entra.setManager(ids[1]!, ids[0]!);
    await entra.syncGroup('Mailroom', 'group-1', ids.slice(0, 5));
    // update: a marriage and a transfer
    await entra.syncUser({ ...people[2]!, familyName: 'Newname', department: 'Finance' });
    await entra.syncGroup('Mailroom', 'group-1', [ids[5]!], [ids[0]!]);
    // leaver, then rehire in the same record
    await entra.disable(ids[3]!);
    await entra.syncUser(people[3]!);
    await entra.disable(ids[4]!);
  }

  it('reaches the same end state when its cycle is played twice', async () => {
    const directory = await connectDirectory(app);
    await play(directory);
    const once = await endState(directory);
    await play(directory);
    expect(await endState(directory)).toEqual(once);
    expect(once).toMatchObject({ users: { length: 8 }, groups: [{ displayName: 'Mailroom', members: { length: 5 } }] });
  });

  it('converges on 30 portal users once they are handed over, without one 409', async () => {
    const thirty = numbered((n) => ({
      ...people[0]!,
      externalId: `entra-${n}`,
      userName: `Known.${n}@Noordzee.example`,
    }));
    await converges(
      thirty.map(({ userName }) => userName.toLowerCase()),
      async (directory) => {
        const entra = new EntraClient(directory);
        await entra.testConnection();
        const ids: string[] = [];
        for (const person of thirty) ids.push(await entra.syncUser(person));
        await entra.syncGroup('Everybody', 'group-30', ids);
        return ids;
      },
    );
  });

  it('finds people by its other matching attributes', async () => {
    const directory = await connectDirectory(app);
    const id = await new EntraClient(directory).syncUser(people[0]!);
    for (const filter of [
      'externalId eq "entra-0"',
      'externalId eq entra-0',
      'emails[type eq "work"].value eq "PERSON.0@noordzee.example"',
    ]) {
      const found = await directory.send('get', `/Users?filter=${encodeURIComponent(filter)}`).expect(200);
      expect(found.body.Resources.map((user: Shown) => user.id)).toEqual([id]);
    }
  });
});

describe('Okta', () => {
  const workers: Worker[] = Array.from({ length: 6 }, (_, i) => ({
    userName: `worker${i}@kempen.example`,
    givenName: `Given${i}`,
    familyName: `Family${i}`,
    externalId: `00u${i}`,
  }));

  async function play(directory: Directory): Promise<void> {
    const okta = new OktaClient(directory);
    const ids: string[] = [];
    for (const worker of workers) ids.push(await okta.provision(worker));
    const group = await okta.pushGroup('Parcels', ids);
    await okta.removeMember(group, ids[0]!);
    await okta.update(ids[1]!, { ...workers[1]!, familyName: 'Changed' });
    await okta.deactivate(ids[2]!);
    expect(await okta.provision(workers[2]!)).toBe(ids[2]);
    await okta.deactivate(ids[3]!);
  }

  it('reaches the same end state when its cycle is played twice', async () => {
    const directory = await connectDirectory(app);
    await play(directory);
    const once = await endState(directory);
    await play(directory);
    expect(await endState(directory)).toEqual(once);
    expect(once).toMatchObject({ users: { length: 6 }, groups: [{ displayName: 'Parcels', members: { length: 5 } }] });
  });

  it('converges on 30 portal users once they are handed over, without one 409', async () => {
    const thirty = numbered((n) => ({ ...workers[0]!, externalId: `00u-${n}`, userName: `known${n}@kempen.example` }));
    await converges(
      thirty.map(({ userName }) => userName),
      async (directory) => {
        const okta = new OktaClient(directory);
        const ids: string[] = [];
        for (const worker of thirty) ids.push(await okta.provision(worker));
        return ids;
      },
    );
  });

  it('unlinks a group without touching its people', async () => {
    const directory = await connectDirectory(app);
    const okta = new OktaClient(directory);
    const id = await okta.provision(workers[0]!);
    await okta.unlinkGroup(await okta.pushGroup('Temporary', [id]));
    expect((await directory.send('get', `/Users/${id}`).expect(200)).body).toMatchObject({ active: true });
    expect((await directory.send('get', '/Groups').expect(200)).body.totalResults).toBe(0);
  });
});
