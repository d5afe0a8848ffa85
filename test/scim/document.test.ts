import { describe, expect, it } from '@jest/globals';
import { GROUP_ATTRIBUTES, USER_ATTRIBUTES } from '../../src/provisioning/attribute-index.ts';
import { ENTERPRISE_SCHEMA, GROUP_SCHEMA, USER_SCHEMA } from '../../src/provisioning/schemas.ts';
import { readDocument } from '../../src/scim/document.ts';
import { refusal } from '../support/refusal.ts';

const user = (body: object): unknown =>
  readDocument({ schemas: [USER_SCHEMA], userName: 'a', ...body }, USER_ATTRIBUTES);
const clean = (body: object): unknown => ({ schemas: [USER_SCHEMA], userName: 'a', ...body });

describe('the body of POST and PUT (RFC 7643 section 2)', () => {
  it('keeps what the schemas know, under its canonical name, whatever the case it came in', () => {
    expect(
      user({ NAME: { GIVENNAME: 'Ann' }, Emails: [{ Value: 'a@x.example', TYPE: 'work', Primary: true }] }),
    ).toEqual(clean({ name: { givenName: 'Ann' }, emails: [{ value: 'a@x.example', type: 'work', primary: true }] }));
  });

  it('ignores what the schemas do not know, also names that mean something to JavaScript', () => {
    const body = JSON.parse(
      `{"schemas":["${USER_SCHEMA}"],"userName":"a","shoeSize":1,"__proto__":{"active":false},"constructor":{"x":1},"name":{"__proto__":{"givenName":"x"},"toString":"y"}}`,
    );
    expect(readDocument(body, USER_ATTRIBUTES)).toEqual(clean({}));
    expect(Object.hasOwn({}, 'active')).toBe(false);
  });

  it('ignores readOnly attributes and the password (Okta PUTs the whole object back)', () => {
    expect(
      user({
        id: '1',
        meta: { version: 'x' },
        groups: [{ value: 'g' }],
        password: 'secret',
        [ENTERPRISE_SCHEMA]: { manager: { value: 'm', $ref: 'http://evil.example', displayName: 'x' } },
      }),
    ).toEqual({
      ...(clean({}) as object),
      schemas: [USER_SCHEMA, ENTERPRISE_SCHEMA],
      [ENTERPRISE_SCHEMA]: { manager: { value: 'm' } },
    });
  });

  it('takes null, an empty list and an empty object for no value (RFC 7643 section 2.5; Entra ID)', () => {
    expect(
      user({ addresses: null, phoneNumbers: [], name: {}, emails: [null, {}], title: null, [ENTERPRISE_SCHEMA]: null }),
    ).toEqual(clean({}));
  });

  it('accepts enterprise attributes at the root, in its right place, and under the misspelt URN (Entra ID)', () => {
    const expected = {
      schemas: [USER_SCHEMA, ENTERPRISE_SCHEMA],
      userName: 'a',
      [ENTERPRISE_SCHEMA]: { department: 'R&D' },
    };
    expect(user({ department: 'R&D' })).toEqual(expected);
    expect(user({ [ENTERPRISE_SCHEMA.toUpperCase()]: { Department: 'R&D' }, department: 'less right' })).toEqual(
      expected,
    );
    expect(user({ 'urn:ietf:params:scim:schemas:extension:enterprise:2.0User': { department: 'R&D' } })).toEqual(
      expected,
    );
  });

  it('takes active as a boolean and as a string in any case (Entra ID)', () => {
    for (const active of [false, 'False', 'false', 'FALSE']) expect(user({ active })).toEqual(clean({ active: false }));
    expect(user({ active: 'True' })).toEqual(clean({ active: true }));
    expect(user({})).toEqual(clean({}));
    expect(refusal(() => user({ active: 'no' }))).toMatchObject({
      status: 400,
      scimType: 'invalidValue',
      detail: 'active: expected true or false.',
    });
  });

  it('takes the manager as a string, an object, a list of one, or an address', () => {
    for (const manager of [
      'm1',
      { value: 'm1' },
      [{ value: 'm1' }],
      { $ref: 'https://hub.example/scim/v2/Users/m1' },
      [{ $ref: '../Users/m1', value: null }],
    ])
      expect(user({ manager })).toMatchObject({ [ENTERPRISE_SCHEMA]: { manager: { value: 'm1' } } });
    for (const manager of ['', null, [], {}, { value: '' }]) expect(user({ manager })).toEqual(clean({}));
    expect(refusal(() => user({ manager: [{ value: 'a' }, { value: 'b' }] })).scimType).toBe('invalidValue');
  });

  it('takes roles as strings and as objects, and passes over entitlements, which are read-only', () => {
    expect(user({ roles: ['buyer', { value: 'seller', primary: 'True' }], entitlements: 'gold' })).toEqual(
      clean({ roles: [{ value: 'buyer' }, { value: 'seller', primary: true }] }),
    );
  });

  it('takes numbers for strings, as HR systems send them', () => {
    expect(user({ employeeNumber: 701984 })).toMatchObject({ [ENTERPRISE_SCHEMA]: { employeeNumber: '701984' } });
  });

  it('drops a repeated value', () => {
    expect(user({ emails: [{ value: 'a@x' }, { value: 'a@x' }] })).toEqual(clean({ emails: [{ value: 'a@x' }] }));
  });

  const refused: readonly [string, object, string][] = [
    [
      'two primary values',
      {
        emails: [
          { value: 'a', primary: true },
          { value: 'b', primary: 'true' },
        ],
      },
      'emails: expected at most one value that is primary.',
    ],
    ['no userName', { userName: null }, 'userName is required.'],
    ['a blank userName', { userName: '  ' }, 'userName: expected a value.'],
    ['a userName of 257 characters', { userName: 'x'.repeat(257) }, 'userName: expected at most 256 characters.'],
    [
      'a userName that folding makes too long for an index',
      { userName: '\ufdfa'.repeat(256) },
      'userName: expected a shorter string.',
    ],
    ['a string of 4,097 characters', { title: 'x'.repeat(4097) }, 'title: expected at most 4096 characters.'],
    [
      'more than 200 values',
      { emails: Array.from({ length: 201 }, (_, n) => ({ value: `a${n}@x` })) },
      'emails: expected at most 200 values.',
    ],
    ['an object for a string', { title: { value: 'x' } }, 'title: expected a string.'],
    ['a list for a string', { title: ['x'] }, 'title: expected a string.'],
    ['a string for an object', { name: 'Ann' }, 'name: expected an object.'],
    ['a list in a list', { emails: [[{ value: 'x' }]] }, 'emails: expected a list of values, not of lists.'],
    ['a boolean for a string', { userName: true }, 'userName: expected a string.'],
    ['U+0000', { title: 'a\0b' }, 'title: expected a string of valid characters.'],
    ['half a surrogate pair', { title: '\ud800' }, 'title: expected a string of valid characters.'],
    ['an address that is no URI', { profileUrl: 'no uri at all' }, 'profileUrl: expected a URI.'],
    [
      'a certificate that is no base64',
      { x509Certificates: [{ value: 'no base64!' }] },
      'x509Certificates.value: expected base64 of at most 16384 characters.',
    ],
  ];
  it.each(refused)('refuses %s with invalidValue and the name of the attribute', (_, body, detail) => {
    expect(refusal(() => user(body))).toMatchObject({ status: 400, scimType: 'invalidValue', detail });
  });

  it('refuses an attribute given twice in different case', () => {
    expect(refusal(() => user({ USERNAME: 'b' }))).toMatchObject({
      scimType: 'invalidSyntax',
      detail: 'userName is given twice.',
    });
    expect(refusal(() => user({ name: { givenName: 'a', GivenName: 'b' } })).scimType).toBe('invalidSyntax');
  });

  it('wants the core schema among schemas and ignores others (Entra ID adds its own to groups)', () => {
    const entra = 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group';
    expect(
      readDocument(
        { schemas: [GROUP_SCHEMA, entra], displayName: 'G', externalId: 'e', members: [] },
        GROUP_ATTRIBUTES,
      ),
    ).toEqual({
      schemas: [GROUP_SCHEMA],
      externalId: 'e',
      displayName: 'G',
    });
    for (const body of [{}, { schemas: 'x' }, { schemas: [1] }, null, [], 'x'])
      expect(refusal(() => readDocument(body, USER_ATTRIBUTES)).scimType).toBe('invalidSyntax');
    expect(refusal(() => readDocument({ schemas: [entra], userName: 'a' }, USER_ATTRIBUTES)).scimType).toBe(
      'invalidValue',
    );
  });

  it('takes members of a group as ids, objects and addresses, thousands of them', () => {
    const group = (members: unknown): unknown =>
      readDocument({ schemas: [GROUP_SCHEMA], displayName: 'G', members }, GROUP_ATTRIBUTES);
    expect(
      group(['a', { value: 'b', display: 'B', type: 'User' }, { $ref: 'https://x.example/Users/c' }]),
    ).toMatchObject({
      members: [{ value: 'a' }, { value: 'b' }, { value: 'c' }],
    });
    expect(refusal(() => group([{ display: 'nobody' }])).detail).toBe('members.value: expected a value.');
    expect(group(Array.from({ length: 5000 }, (_, n) => `id${n}`))).toHaveProperty('members.4999');
  });
});
