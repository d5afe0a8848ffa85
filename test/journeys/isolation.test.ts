// One organization's directory names what belongs to another, in every way that SCIM has to name a thing. Each answer is
// compared with that for an id that does not exist: the same status, the same body, and nothing changed.
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { openSecrets } from '../../src/credentials/secrets.ts';
import { closeTestDatabase, openTestDatabase } from '../support/database.ts';
import {
  connectDirectory,
  createTestOrganization,
  ENTERPRISE,
  GROUP,
  patch,
  scimApp,
  USER,
} from '../support/directory.ts';
import { filterBy, newUser, scimClient, type ScimAnswer, type ScimClient } from '../support/scim-client.ts';

type Source = { scim: ScimClient; user: string; group: string; colleague: string };
/** Asks about an id that may be anybody's; `own` is what the asker has himself. */
type Ask = (scim: ScimClient, id: string, own: Source) => Promise<ScimAnswer>;

const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';
const bulk = (...Operations: object[]) => ({ schemas: [BULK], Operations });
const group = (displayName: string, ...members: object[]) => ({ schemas: [GROUP], displayName, members });
const find =
  (endpoint: 'Users' | 'Groups', filter: (id: string) => string): Ask =>
  (scim, id) =>
    scim('GET', `/${endpoint}?${filterBy(filter(id))}`);
/** Names that are taken only once, whoever asks. */
const fresh = () => `new.${uuidv7()}`;

const USERS: Record<string, Ask> = {
  'reads the user': (scim, id) => scim('GET', `/Users/${id}`),
  'reads one attribute of the user': (scim, id) => scim('GET', `/Users/${id}?attributes=userName`),
  'asks whether the user changed': (scim, id) => scim('GET', `/Users/${id}`, undefined, { 'if-none-match': 'W/"1"' }),
  'replaces the user': (scim, id) => scim('PUT', `/Users/${id}`, newUser('taken.over')),
  'replaces the version that the user has': (scim, id) =>
    scim('PUT', `/Users/${id}`, newUser('taken.over'), { 'if-match': 'W/"1"' }),
  'renames the user': (scim, id) =>
    scim('PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'userName', value: 'taken.over' })),
  'deactivates the user': (scim, id) =>
    scim('PATCH', `/Users/${id}`, patch({ op: 'Replace', path: 'active', value: 'False' })),
  'deletes the user': (scim, id) => scim('DELETE', `/Users/${id}`),
  'finds the user by id': find('Users', (id) => `id eq "${id}"`),
  'finds all but the user by id': find('Users', (id) => `not (id eq "${id}")`),
  'finds the user by a search': (scim, id) =>
    scim('POST', '/Users/.search', { schemas: [SEARCH], filter: `id eq "${id}"` }),
  'finds who is led by the user': find('Users', (id) => `${ENTERPRISE}:manager.value eq "${id}"`),
  'creates a user who is led by the user': (scim, id) =>
    scim('POST', '/Users', newUser(fresh(), { schemas: [USER, ENTERPRISE], [ENTERPRISE]: { manager: { value: id } } })),
  'has an own user led by the user': async (scim, id, own) => {
    const answer = await scim(
      'PATCH',
      `/Users/${own.user}`,
      patch({ op: 'add', path: `${ENTERPRISE}:manager`, value: { value: id } }),
    );
    await scim('PATCH', `/Users/${own.user}`, patch({ op: 'remove', path: `${ENTERPRISE}:manager` }));
    return answer;
  },
  'adds the user to an own group': (scim, id, own) =>
    scim('PATCH', `/Groups/${own.group}`, patch({ op: 'Add', path: 'members', value: [{ value: id }] })),
  'adds the user by $ref': (scim, id, own) =>
    scim(
      'PATCH',
      `/Groups/${own.group}`,
      patch({ op: 'add', value: { members: [{ value: id, $ref: `../Users/${id}` }] } }),
    ),
  'adds the user beside an own one': (scim, id, own) =>
    scim(
      'PATCH',
      `/Groups/${own.group}`,
      patch({ op: 'add', path: 'members', value: [{ value: own.colleague }, { value: id }] }),
    ),
  'takes the user out of an own group': (scim, id, own) =>
    scim('PATCH', `/Groups/${own.group}`, patch({ op: 'remove', path: 'members', value: [{ value: id }] })),
  'takes the user out of an own group by a filter': (scim, id, own) =>
    scim('PATCH', `/Groups/${own.group}`, patch({ op: 'remove', path: `members[value eq "${id}"]` })),
  'replaces an own group by one that holds the user': (scim, id, own) =>
    scim('PUT', `/Groups/${own.group}`, group('Renamed', { value: id })),
  'creates a group that holds the user': (scim, id) =>
    scim('POST', '/Groups', group('New', { value: id, type: 'User' })),
  'finds groups that hold the user': find('Groups', (id) => `members.value eq "${id}"`),
  'finds groups that hold the user, by a value path': find('Groups', (id) => `members[value eq "${id}"]`),
  'reads the user in a bulk': (scim, id) => scim('POST', '/Bulk', bulk({ method: 'DELETE', path: `/Users/${id}` })),
  'changes the user in a bulk': (scim, id) =>
    scim(
      'POST',
      '/Bulk',
      bulk({ method: 'PATCH', path: `/Users/${id}`, data: patch({ op: 'replace', path: 'active', value: false }) }),
    ),
  'creates a group that holds the user in a bulk': (scim, id) =>
    scim('POST', '/Bulk', bulk({ method: 'POST', path: '/Groups', bulkId: 'g', data: group('New', { value: id }) })),
};

const GROUPS: Record<string, Ask> = {
  'reads the group': (scim, id) => scim('GET', `/Groups/${id}`),
  'reads the group without members': (scim, id) => scim('GET', `/Groups/${id}?excludedAttributes=members`),
  'replaces the group': (scim, id) => scim('PUT', `/Groups/${id}`, group('Taken over')),
  'renames the group': (scim, id) =>
    scim('PATCH', `/Groups/${id}`, patch({ op: 'replace', path: 'displayName', value: 'Taken over' })),
  'puts an own user into the group': (scim, id, own) =>
    scim('PATCH', `/Groups/${id}`, patch({ op: 'add', path: 'members', value: [{ value: own.user }] })),
  'empties the group': (scim, id) => scim('PATCH', `/Groups/${id}`, patch({ op: 'remove', path: 'members' })),
  'deletes the group': (scim, id) => scim('DELETE', `/Groups/${id}`),
  'nests the group in an own one': (scim, id, own) =>
    scim('PATCH', `/Groups/${own.group}`, patch({ op: 'add', path: 'members', value: [{ value: id, type: 'Group' }] })),
  'finds the group by id': find('Groups', (id) => `id eq "${id}"`),
  'finds users of the group': find('Users', (id) => `groups.value eq "${id}"`),
  'finds users of the group, by a value path': find('Users', (id) => `groups[value eq "${id}"]`),
  'deletes the group in a bulk': (scim, id) => scim('POST', '/Bulk', bulk({ method: 'DELETE', path: `/Groups/${id}` })),
};

/** What an answer tells, without what is new in every answer: ids of new resources, times and request ids. */
function tells({ status, headers, body }: ScimAnswer, asked: string) {
  const text = JSON.stringify(body)
    .replaceAll(asked, '<asked>')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<id>')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    // Of own things that an earlier question changed.
    .replace(/W\/\\"\d+\\"/g, '<version>');
  return { status, text, etag: headers.has('etag'), location: headers.has('location') };
}

let server: Server;
let a: Source;
let b: Source;

async function createSource(base: string, app: ReturnType<typeof scimApp>, name: string): Promise<Source> {
  const { token } = await connectDirectory(app, await createTestOrganization(name));
  const scim = scimClient({ baseUrl: `${base}/scim/v2`, token });
  const create = async (path: string, body: object) => String((await scim('POST', path, body)).body.id);
  const user = await create('/Users', newUser(`robin.of.${name}`));
  const colleague = await create('/Users', newUser(`colleague.of.${name}`));
  return { scim, user, colleague, group: await create('/Groups', group(`All of ${name}`, { value: user })) };
}

const everything = async ({ scim }: Source) =>
  [await scim('GET', '/Users?sortBy=id'), await scim('GET', '/Groups?sortBy=id')].map(({ body }) => body);

beforeAll(async () => {
  const { dataDir } = await openTestDatabase();
  const key = randomBytes(32).toString('base64');
  await openSecrets({
    secrets_key: key,
    secrets_key_file: null,
    database_url: null,
    data_dir: dataDir,
    production: false,
  });
  const app = scimApp();
  server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const base = `http://localhost:${(server.address() as AddressInfo).port}`;
  [a, b] = [await createSource(base, app, 'noordzee'), await createSource(base, app, 'kempen')];
});
afterAll(async () => {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  await closeTestDatabase();
});

describe('a directory that names what belongs to another organization', () => {
  for (const [kind, asks, foreign] of [
    ['user', USERS, () => b.user],
    ['group', GROUPS, () => b.group],
  ] as const) {
    for (const [name, ask] of Object.entries(asks)) {
      it(`is answered as if the ${kind} did not exist when it ${name}`, async () => {
        const before = await everything(b);
        const nobody = uuidv7();
        const answer = tells(await ask(a.scim, foreign(), a), foreign());
        expect(answer).toEqual(tells(await ask(a.scim, nobody, a), nobody));
        expect(answer.text).not.toContain('kempen');
        expect(await everything(b)).toEqual(before);
      });
    }
  }

  it('finds nobody by the name, external id or address of the other', async () => {
    for (const filter of [
      'userName eq "robin.of.kempen"',
      'externalId eq "external robin.of.kempen"',
      'emails.value co "kempen"',
      'displayName co "kempen"',
      'groups.display co "kempen"',
    ]) {
      const { status, body } = await a.scim('GET', `/Users?${filterBy(filter)}`);
      expect([filter, status, body.totalResults]).toEqual([filter, 200, 0]);
    }
  });

  it('may use a userName that the other has, and both keep theirs', async () => {
    const mine = await a.scim('POST', '/Users', newUser('colleague.of.kempen'));
    expect(mine.status).toBe(201);
    const theirs = await b.scim('GET', `/Users?${filterBy('userName eq "colleague.of.kempen"')}`);
    expect(theirs.body.Resources?.map(({ id }) => id)).toEqual([b.colleague]);
  });

  it('cannot walk on with the other’s cursor', async () => {
    const walk = await b.scim('GET', '/Users?cursor=&count=1');
    const cursor = walk.body['nextCursor'];
    expect(typeof cursor).toBe('string');
    const answer = await a.scim('GET', `/Users?count=1&cursor=${encodeURIComponent(String(cursor))}`);
    const invented = await a.scim('GET', '/Users?count=1&cursor=invented');
    expect(tells(answer, '')).toEqual(tells(invented, ''));
    expect(answer.body).toMatchObject({ status: '400', scimType: 'invalidCursor' });
  });
});

describe('two organizations at once', () => {
  it('each get their own of 200 answers in flight, and refusals for what is the other’s', async () => {
    const round = [
      { path: (own: Source) => `/Users/${own.user}`, own: true },
      { path: (_own: Source, other: Source) => `/Users/${other.user}`, own: false },
      { path: (own: Source) => `/Groups/${own.group}`, own: true },
      { path: (_own: Source, other: Source) => `/Groups/${other.group}`, own: false },
      { path: () => `/Users?${filterBy('userName sw "robin.of."')}`, own: true },
    ];
    const questions = Array.from({ length: 200 }, (_, i) => {
      const [own, other, name, foreign] =
        i % 2 === 0 ? ([a, b, 'noordzee', 'kempen'] as const) : ([b, a, 'kempen', 'noordzee'] as const);
      const question = round[i % round.length] as (typeof round)[number];
      return { own, name, foreign, isOwn: question.own, path: question.path(own, other) };
    });
    const answers = await Promise.all(
      questions.map(async (question) => ({ ...question, answer: await question.own.scim('GET', question.path) })),
    );
    for (const { name, foreign, isOwn, answer } of answers) {
      expect(answer.status).toBe(isOwn ? 200 : 404);
      const text = JSON.stringify(answer.body);
      expect(text.includes(name)).toBe(isOwn);
      expect(text).not.toContain(`of.${foreign}`);
    }
  });
});
