// Speaks SCIM as Okta does: PUT of the whole object for custom applications, a path-less PATCH to deactivate,
// group push by name, and a POST again for a person who comes back.
import { expect } from '@jest/globals';
import { GROUP, USER, patch, type Directory } from './directory.ts';

export type Worker = { userName: string; givenName: string; familyName: string; externalId: string };

export class OktaClient {
  readonly #directory: Directory;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  async #find(userName: string): Promise<{ id: string; active: boolean } | undefined> {
    const filter = encodeURIComponent(`userName eq "${userName}"`);
    const answer = await this.#directory.send('get', `/Users?filter=${filter}&startIndex=1&count=100`).expect(200);
    expect(Number.isInteger(answer.body.totalResults) && Number.isInteger(answer.body.startIndex)).toBe(true);
    return answer.body.Resources[0];
  }

  #body(worker: Worker): object {
    return {
      schemas: [USER],
      userName: worker.userName,
      name: { givenName: worker.givenName, familyName: worker.familyName },
      emails: [{ primary: true, value: worker.userName, type: 'work' }],
      displayName: `${worker.givenName} ${worker.familyName}`,
      locale: 'en-US',
      externalId: worker.externalId,
      groups: [],
      password: crypto.randomUUID(),
      active: true,
    };
  }

  /** Provisions, or provisions again: an inactive record of the same person comes back under its id. */
  async provision(worker: Worker): Promise<string> {
    const found = await this.#find(worker.userName);
    if (found?.active) return this.update(found.id, worker);
    const answer = await this.#directory.send('post', '/Users', this.#body(worker)).expect(201);
    expect(answer.body).toMatchObject({ active: true, userName: worker.userName });
    expect(answer.body).not.toHaveProperty('password');
    return answer.body.id;
  }

  /** GET, change, PUT the whole object back with id, meta and groups. */
  async update(id: string, worker: Worker): Promise<string> {
    const current = (await this.#directory.send('get', `/Users/${id}`).expect(200)).body;
    await this.#directory
      .send('put', `/Users/${id}`, {
        ...current,
        ...this.#body(worker),
        id,
        meta: current.meta,
        groups: current.groups ?? [],
      })
      .expect(200);
    return id;
  }

  async deactivate(id: string): Promise<void> {
    const answer = await this.#directory
      .send('patch', `/Users/${id}`, patch({ op: 'replace', value: { active: false } }))
      .expect(200);
    expect(answer.body.active).toBe(false);
  }

  async pushGroup(displayName: string, members: readonly string[]): Promise<string> {
    const filter = encodeURIComponent(`displayName eq "${displayName}"`);
    const found = (await this.#directory.send('get', `/Groups?filter=${filter}&startIndex=1&count=100`).expect(200))
      .body.Resources[0];
    const id =
      found?.id ??
      (await this.#directory.send('post', '/Groups', { schemas: [GROUP], displayName, members: [] }).expect(201)).body
        .id;
    await this.#directory
      .send(
        'patch',
        `/Groups/${id}`,
        patch(
          { op: 'replace', value: { id, displayName } },
          { op: 'replace', path: 'members', value: members.map((value) => ({ value, display: 'x' })) },
        ),
      )
      .expect(204);
    return id;
  }

  async removeMember(groupId: string, member: string): Promise<void> {
    await this.#directory
      .send('patch', `/Groups/${groupId}`, patch({ op: 'remove', path: `members[value eq "${member}"]` }))
      .expect(204);
  }

  async unlinkGroup(groupId: string): Promise<void> {
    await this.#directory.send('delete', `/Groups/${groupId}`).expect(204);
  }
}
