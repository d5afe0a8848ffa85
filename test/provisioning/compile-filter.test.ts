import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { PGlite } from '@electric-sql/pglite';
import fc from 'fast-check';
import type { AttributeIndex, Document } from '../../src/provisioning/attribute.ts';
import { compileFilter, type ColumnMap } from '../../src/provisioning/compile-filter.ts';
import { compileSort } from '../../src/provisioning/compile-sort.ts';
import { createIndex, GROUP_ATTRIBUTES, USER_ATTRIBUTES } from '../../src/provisioning/attribute-index.ts';
import { parseFilter } from '../../src/scim/filter.ts';
import { resolveFilter, resolveSort } from '../../src/scim/resolve-filter.ts';
import { define, type Schema } from '../../src/provisioning/define-schema.ts';
import { ENTERPRISE_USER, USER } from '../../src/provisioning/schemas.ts';
import { matches, terms, valueOf, write, type Field, type Kind, type Resource } from '../support/filter-oracle.ts';
import {
  ORGANIZATION,
  columnsOfGroups,
  columnsOfUsers,
  id,
  insertGroup,
  insertUsers,
  openTables,
} from '../support/filter-tables.ts';

const ENTERPRISE = ENTERPRISE_USER.id;
// Types that the three schemas do not use in a document, so that the compiler is tested on all of them.
const TESTED = 'urn:ietf:params:scim:schemas:extension:tested:2.0:User';
const tested: Schema = {
  id: TESTED,
  name: 'Tested',
  description: '',
  attributes: [
    define('integer', 'level', ''),
    define('decimal', 'score', ''),
    define('dateTime', 'since', ''),
    define('string', 'code', '', { caseExact: true }),
    define('string', 'tags', '', { multiValued: true }),
  ],
};
const index = createIndex(USER, [ENTERPRISE_USER, tested]);

let database: PGlite;
beforeAll(async () => {
  database = await openTables();
});
afterAll(() => database.close());
beforeEach(() => database.exec('TRUNCATE users, groups, group_users, group_groups'));

async function select(
  filter: string,
  from: AttributeIndex = index,
  map: ColumnMap = columnsOfUsers,
): Promise<string[]> {
  const [table, alias] = from === GROUP_ATTRIBUTES ? ['groups', 'g'] : ['users', 'u'];
  const { text, values } = compileFilter(resolveFilter(parseFilter(filter), from), map, 2);
  const statement = `SELECT ${alias}.id FROM ${table} ${alias} WHERE ${alias}.organization_id = $1 AND ${alias}.deleted_at IS NULL AND ${text} ORDER BY ${alias}.id`;
  const { rows } = await database.query<{ id: string }>(statement, [ORGANIZATION, ...values]);
  return rows.map((row) => row.id);
}

function field(path: readonly string[], kind: Kind, text = path.join('.')): Field {
  return { path, text, kind };
}

const FIELDS = [
  field(['userName'], 'text'),
  field(['displayName'], 'text'),
  field(['externalId'], 'exact'),
  field(['title'], 'text', `${USER.id}:TITLE`),
  field(['active'], 'boolean'),
  field(['name', 'familyName'], 'text'),
  field(['emails', 'value'], 'text', 'Emails.VALUE'),
  field(['emails', 'type'], 'text'),
  field(['emails', 'primary'], 'boolean'),
  field(['ims', 'display'], 'text'),
  field([ENTERPRISE, 'department'], 'text', `${ENTERPRISE}:department`),
  field([ENTERPRISE, 'manager', 'value'], 'text', 'manager.value'),
  field([TESTED, 'level'], 'number', `${TESTED}:level`),
  field([TESTED, 'score'], 'number', `${TESTED}:score`),
  field([TESTED, 'since'], 'date', `${TESTED}:since`),
  field([TESTED, 'code'], 'exact', `${TESTED}:code`),
  field([TESTED, 'tags'], 'text', `${TESTED}:tags`),
];
const ELEMENT = [
  field(['value'], 'text'),
  field(['type'], 'text'),
  field(['display'], 'text'),
  field(['primary'], 'boolean'),
];

const word = valueOf('text');
const element = fc.record(
  { value: word, type: fc.constantFrom('work', 'Work', 'home', 'A'), display: word, primary: fc.boolean() },
  { requiredKeys: [] },
);
const documents: fc.Arbitrary<Resource> = fc.record(
  {
    userName: word,
    displayName: word,
    externalId: word,
    title: word,
    active: fc.boolean(),
    name: fc.record({ familyName: word }, { requiredKeys: [] }),
    emails: fc.array(element, { maxLength: 3 }),
    ims: fc.array(element, { maxLength: 2 }),
    [ENTERPRISE]: fc.record(
      { department: word, manager: fc.record({ value: word }, { requiredKeys: [] }) },
      { requiredKeys: [] },
    ),
    [TESTED]: fc.record(
      {
        level: valueOf('number'),
        score: valueOf('number'),
        since: valueOf('date'),
        code: word,
        tags: fc.array(word, { maxLength: 3 }),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

describe('a compiled filter (RFC 7644 section 3.4.2.2)', () => {
  it('selects the same resources as an independent reading of the filter, whatever the documents', async () => {
    const filters = terms(FIELDS, { emails: ELEMENT, ims: ELEMENT });
    await fc.assert(
      fc.asyncProperty(
        fc.array(documents, { minLength: 6, maxLength: 14 }),
        fc.array(filters, { minLength: 12, maxLength: 12 }),
        async (resources, all) => {
          await database.exec('TRUNCATE users');
          await insertUsers(
            database,
            resources.map((document, at) => ({ id: id(at), document: document as Document })),
            index,
          );
          for (const filter of all) {
            const expected = resources.flatMap((resource, at) => (matches(filter, resource) ? [id(at)] : []));
            expect({ filter: write(filter), found: await select(write(filter)) }).toEqual({
              filter: write(filter),
              found: expected,
            });
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('compares every attribute that is kept in a column or in another table', async () => {
    await insertUsers(
      database,
      [
        {
          id: id(1),
          document: { userName: 'Anna', active: true, [ENTERPRISE]: { manager: { value: id(2) } } },
          createdAt: '2024-05-05T10:00:00Z',
        },
        {
          id: id(2),
          document: { userName: 'ÅSA', displayName: 'Åsa Öst', active: false },
          createdAt: '2025-05-05T10:00:00Z',
        },
        { id: id(3), document: { userName: 'eve', [ENTERPRISE]: { manager: { value: 'comes later' } } } },
      ],
      USER_ATTRIBUTES,
    );
    await insertGroup(database, id(9), 'Straße', 'G-1');
    await insertGroup(database, id(8), 'All');
    await insertGroup(database, id(7), 'Gone', undefined, true);
    for (const group of [id(9), id(7)])
      await database.query(`INSERT INTO group_users VALUES ($1, $2, $3)`, [ORGANIZATION, group, id(1)]);
    await database.query(`INSERT INTO group_groups VALUES ($1, $2, $3)`, [ORGANIZATION, id(8), id(9)]);
    const users = (filter: string): Promise<string[]> => select(filter, USER_ATTRIBUTES);
    const groups = (filter: string): Promise<string[]> => select(filter, GROUP_ATTRIBUTES, columnsOfGroups);

    expect(await users('userName eq "åsa"')).toEqual([id(2)]);
    expect(await users(`id eq "${id(1)}"`)).toEqual([id(1)]);
    expect(await users(`id eq "${id(10).toUpperCase()}"`)).toEqual([]);
    expect(await users('id eq "no uuid"')).toEqual([]);
    expect(await users('id ew "2" or id sw "x"')).toEqual([id(2)]);
    expect(await users('meta.lastModified gt "2024-12-31T23:59:59+01:00"')).toEqual([id(2)]);
    expect(await users('meta.created eq "2024-05-05T12:00:00+02:00"')).toEqual([id(1)]);
    expect(await users(`meta.location eq "https://hub.example/scim/v2/Users/${id(3)}"`)).toEqual([id(3)]);
    expect(await users('meta.resourceType eq "User" and meta.version pr and not (active eq true)')).toEqual([
      id(2),
      id(3),
    ]);
    expect(await users(`groups eq "${id(9).toUpperCase()}"`)).toEqual([id(1)]);
    expect(await users('groups[display eq "STRAßE" and type eq "Direct"]')).toEqual([id(1)]);
    expect(await users('groups[type eq "indirect"].value eq "' + id(8) + '"')).toEqual([id(1)]);
    expect(await users('groups.display eq "gone" or groups[type eq "direct" and display eq "All"]')).toEqual([]);
    expect(await users('not (groups pr)')).toEqual([id(2), id(3)]);
    expect(await users(`id eq "${id(1)}" and manager eq "${id(2)}"`)).toEqual([id(1)]);
    expect(await users('manager.displayName sw "åsa"')).toEqual([id(1)]);
    expect(
      await users(`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.$ref ew "/Users/${id(2)}"`),
    ).toEqual([id(1)]);
    expect(await groups(`members eq "${id(1)}"`)).toEqual([id(9)]);
    expect(await groups('members[type eq "Group" and display eq "Straße"]')).toEqual([id(8)]);
    expect(await groups('members.display co "NN"')).toEqual([id(9)]);
    expect(await groups('displayName eq "STRAßE" or externalId eq "g-1"')).toEqual([id(9)]);
  });

  it('uses the indexed column for emails[type eq "work"].value (Entra ID) and still finds the second such address', async () => {
    const emails = [
      { type: 'work', value: 'One@x.example' },
      { type: 'Work', value: 'Two@x.example' },
      { type: 'home', value: 'three@x.example' },
    ];
    await insertUsers(
      database,
      [
        { id: id(1), document: { emails } },
        { id: id(2), document: { emails: [emails[0] ?? {}] } },
      ],
      USER_ATTRIBUTES,
    );
    const filter = (value: string): string => `emails[type eq "work"].value eq "${value}"`;
    expect(compileFilter(resolveFilter(parseFilter(filter('x')), USER_ATTRIBUTES), columnsOfUsers).text).toContain(
      'u.work_email_key = $1::text COLLATE "C"',
    );
    expect(await select(filter('one@X.example'), USER_ATTRIBUTES)).toEqual([id(1), id(2)]);
    expect(await select(filter('two@x.example'), USER_ATTRIBUTES)).toEqual([id(1)]);
    expect(await select(filter('three@x.example'), USER_ATTRIBUTES)).toEqual([]);
  });

  it('keeps every value out of the text of the statement', async () => {
    await insertUsers(database, [{ id: id(1), document: { userName: "o'brien" } }], USER_ATTRIBUTES);
    const attacks = [
      `' OR 1=1 --`,
      `"; DROP TABLE users; --`,
      `\\'; DELETE FROM users`,
      `$1`,
      `%`,
      `_______`,
      `{"a":1}`,
    ];
    for (const attack of attacks) {
      for (const path of [
        'userName',
        'title',
        'emails',
        'groups.display',
        'meta.version',
        'id',
        'externalId',
        `${ENTERPRISE}:department`,
      ]) {
        for (const operator of ['eq', 'co', 'sw', 'ew', 'gt', 'lt']) {
          const compiled = compileFilter(
            resolveFilter(parseFilter(`${path} ${operator} ${JSON.stringify(attack)}`), USER_ATTRIBUTES),
            columnsOfUsers,
          );
          expect(compiled.text).not.toContain(attack === '$1' ? 'DROP' : attack);
          if (operator === 'eq' || operator === 'co')
            expect(await select(`${path} ${operator} ${JSON.stringify(attack)}`, USER_ATTRIBUTES)).toEqual([]);
        }
      }
    }
    expect(await select(`userName eq "o'brien"`, USER_ATTRIBUTES)).toEqual([id(1)]);
  });
});

describe('sortBy (RFC 7644 section 3.4.2.3)', () => {
  it('sorts by the folded text, by the primary value, and puts what has no value last when ascending', async () => {
    await insertUsers(
      database,
      [
        {
          id: id(1),
          document: { userName: 'b', title: 'Zoo', emails: [{ value: 'z@x' }, { value: 'a@x', primary: true }] },
        },
        { id: id(2), document: { userName: 'A', emails: [{ value: 'B@x' }] } },
        { id: id(3), document: { userName: 'c', title: 'art', [ENTERPRISE]: { department: 'Ä' } } },
      ],
      USER_ATTRIBUTES,
    );
    const sorted = async (path: string, order: string): Promise<string[]> => {
      const sql = compileSort(resolveSort(path, USER_ATTRIBUTES), columnsOfUsers);
      const { rows } = await database.query<{ id: string }>(`SELECT u.id FROM users u ORDER BY ${sql} ${order}, u.id`);
      return rows.map((row) => row.id);
    };
    expect(await sorted('USERNAME', 'ASC')).toEqual([id(2), id(1), id(3)]);
    expect(await sorted('title', 'ASC')).toEqual([id(3), id(1), id(2)]);
    expect(await sorted('title', 'DESC')).toEqual([id(2), id(1), id(3)]);
    expect(await sorted('emails', 'ASC')).toEqual([id(1), id(2), id(3)]);
    expect(await sorted('department', 'ASC')).toEqual([id(3), id(1), id(2)]);
    expect(await sorted('meta.created', 'ASC')).toEqual([id(1), id(2), id(3)]);
    expect(() => resolveSort('password', USER_ATTRIBUTES)).toThrow('cannot be sorted');
    await expect(sorted('groups', 'ASC')).rejects.toThrow('cannot be sorted');
  });
});
