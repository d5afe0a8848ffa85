// Speaks SCIM as Microsoft Entra ID's provisioning service does on the wire: a look-up before each write,
// capitalised operations, strings for booleans in the older dialect, excludedAttributes=members on groups.
import { expect } from '@jest/globals';
import { ENTERPRISE, GROUP, USER, patch, type Directory } from './directory.ts';

export type Person = {
  externalId: string;
  userName: string;
  givenName: string;
  familyName: string;
  mail: string;
  department?: string;
  active?: boolean;
};

const ADSCIM_GROUP = 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group';
const filtered = (path: string, filter: string, more = '') => `${path}?${more}filter=${encodeURIComponent(filter)}`;

export class EntraClient {
  readonly #directory: Directory;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /** "Test connection": a look-up of a random value must be an empty list. */
  async testConnection(): Promise<void> {
    const answer = await this.#directory
      .send('get', filtered('/Users', `userName eq "${crypto.randomUUID()}"`))
      .expect(200);
    expect(answer.body).toMatchObject({ totalResults: 0, Resources: [] });
  }

  async #find(path: string, filter: string, more = ''): Promise<{ id: string } | undefined> {
    const answer = await this.#directory.send('get', filtered(path, filter, more)).expect(200);
    return answer.body.Resources[0];
  }

  /** Creates or updates; returns the id. */
  async syncUser(person: Person): Promise<string> {
    const found = await this.#find('/Users', `userName eq "${person.userName}"`);
    if (found) return this.#updateUser(found.id, person);
    const answer = await this.#directory
      .send('post', '/Users', {
        schemas: [USER, ENTERPRISE],
        externalId: person.externalId,
        userName: person.userName,
        active: person.active ?? true,
        addresses: null,
        phoneNumbers: null,
        displayName: `${person.givenName} ${person.familyName}`,
        emails: [{ primary: true, type: 'work', value: person.mail }],
        meta: { resourceType: 'User' },
        name: {
          formatted: `${person.givenName} ${person.familyName}`,
          familyName: person.familyName,
          givenName: person.givenName,
        },
        roles: [],
        department: person.department,
        'urn:ietf:params:scim:schemas:extension:enterprise:2.0User': { department: person.department },
      })
      .expect(201);
    return answer.body.id;
  }

  /** The newer dialect: one path-less replace whose keys are dotted and URN paths. */
  async #updateUser(id: string, person: Person): Promise<string> {
    await this.#directory
      .send(
        'patch',
        `/Users/${id}`,
        patch(
          {
            op: 'replace',
            value: {
              externalId: person.externalId,
              displayName: `${person.givenName} ${person.familyName}`,
              'name.givenName': person.givenName,
              'name.familyName': person.familyName,
              ...(person.department === undefined ? {} : { [`${ENTERPRISE}:department`]: person.department }),
            },
          },
          { op: 'Replace', path: 'emails[type eq "work"].value', value: person.mail },
          {
            op: 'Replace',
            path: 'active',
            value: String(person.active ?? true).replace(/^./, (first) => first.toUpperCase()),
          },
        ),
      )
      .expect(200);
    return id;
  }

  /** The older dialect of disabling. */
  async disable(id: string): Promise<void> {
    await this.#directory
      .send('patch', `/Users/${id}`, patch({ op: 'Replace', path: 'active', value: 'False' }))
      .expect(200);
  }

  async setManager(id: string, manager: string): Promise<void> {
    const known = await this.#find('/Users', `id eq "${id}" and manager eq "${manager}"`, 'attributes=id&');
    if (known) return;
    await this.#directory
      .send(
        'patch',
        `/Users/${id}`,
        patch({ op: 'Add', path: 'manager', value: [{ $ref: `../Users/${manager}`, value: manager }] }),
      )
      .expect(200);
  }

  /** Groups are created empty; members follow one PATCH each. */
  async syncGroup(
    displayName: string,
    externalId: string,
    members: readonly string[],
    gone: readonly string[] = [],
  ): Promise<string> {
    const found = await this.#find('/Groups', `displayName eq "${displayName}"`, 'excludedAttributes=members&');
    expect(found ?? {}).not.toHaveProperty('members');
    const id =
      found?.id ??
      (
        await this.#directory
          .send('post', '/Groups', {
            schemas: [GROUP, ADSCIM_GROUP],
            externalId,
            displayName,
            meta: { resourceType: 'Group' },
          })
          .expect(201)
      ).body.id;
    await this.#directory.send('get', `/Groups/${id}?excludedAttributes=members`).expect(200);
    for (const member of members) {
      await this.#directory
        .send('patch', `/Groups/${id}`, patch({ op: 'Add', path: 'members', value: [{ $ref: null, value: member }] }))
        .expect(204);
    }
    for (const member of gone) {
      await this.#directory
        .send(
          'patch',
          `/Groups/${id}`,
          patch({ op: 'Remove', path: 'members', value: [{ $ref: null, value: member }] }),
        )
        .expect(204);
    }
    return id;
  }
}
