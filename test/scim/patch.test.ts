import { describe, expect, it } from '@jest/globals';
import { USER_ATTRIBUTES } from '../../src/provisioning/attribute-index.ts';
import type { Document } from '../../src/provisioning/attribute.ts';
import { ENTERPRISE_SCHEMA, USER_SCHEMA } from '../../src/provisioning/schemas.ts';
import { applyPatch } from '../../src/scim/apply-patch.ts';
import { PATCH_SCHEMA, parsePatch } from '../../src/scim/patch.ts';
import { refusal } from '../support/refusal.ts';

const START: Document = {
  schemas: [USER_SCHEMA, ENTERPRISE_SCHEMA],
  userName: 'ann',
  name: { givenName: 'Ann', familyName: 'Lee' },
  active: true,
  emails: [
    { value: 'ann@work.example', type: 'work', primary: true },
    { value: 'ann@home.example', type: 'home' },
  ],
  [ENTERPRISE_SCHEMA]: { department: 'R&D' },
};

type Operation = { op: string; path?: string | null; value?: unknown };

function patched(operations: Operation[], document: Document = START): Document {
  const before = JSON.stringify(document);
  try {
    return applyPatch(
      document,
      parsePatch({ schemas: [PATCH_SCHEMA], Operations: operations }, USER_ATTRIBUTES),
      USER_ATTRIBUTES,
    );
  } finally {
    expect(JSON.stringify(document)).toBe(before);
  }
}

function scimType(operations: Operation[], document?: Document): unknown {
  return refusal(() => patched(operations, document)).scimType;
}

describe('PATCH as Entra ID sends it', () => {
  it('active as the string "False", in any case of op and path', () => {
    for (const value of ['False', 'false', false, [{ $ref: null, value: 'False' }]])
      expect(patched([{ op: 'Replace', path: 'Active', value }])).toEqual({ ...START, active: false });
  });

  it('one path-less replace with dotted and URN keys', () => {
    const value = {
      active: 'True',
      'name.givenName': 'Anna',
      [`${ENTERPRISE_SCHEMA}:employeeNumber`]: '7',
      'emails[type eq "work"].value': 'n@work.example',
      shoeSize: 3,
    };
    expect(patched([{ op: 'Replace', value }])).toEqual({
      ...START,
      name: { givenName: 'Anna', familyName: 'Lee' },
      emails: [
        { value: 'n@work.example', type: 'work', primary: true },
        { value: 'ann@home.example', type: 'home' },
      ],
      [ENTERPRISE_SCHEMA]: { department: 'R&D', employeeNumber: '7' },
    });
  });

  it('Add manager in every shape', () => {
    const shapes: Operation[] = [
      { op: 'Add', path: 'manager', value: [{ $ref: 'https://hub.example/Users/m1', value: 'm1' }] },
      { op: 'add', path: 'manager', value: 'm1' },
      { op: 'Replace', path: 'manager.value', value: 'm1' },
      { op: 'Replace', path: `${ENTERPRISE_SCHEMA}:manager`, value: { value: 'm1' } },
      { op: 'Replace', path: `${ENTERPRISE_SCHEMA}:manager.value`, value: 'm1' },
      { op: 'add', value: { [ENTERPRISE_SCHEMA]: { manager: { value: 'm1', displayName: 'ignored' } } } },
      { op: 'add', path: ENTERPRISE_SCHEMA, value: { manager: 'm1' } },
    ];
    for (const shape of shapes)
      expect(patched([shape])).toEqual({
        ...START,
        [ENTERPRISE_SCHEMA]: { department: 'R&D', manager: { value: 'm1' } },
      });
    const led = patched([{ op: 'add', path: 'manager', value: 'm1' }]);
    for (const gone of [
      { op: 'Remove', path: 'manager' },
      { op: 'Replace', path: 'manager', value: '' },
      { op: 'replace', path: 'manager', value: null },
    ])
      expect(patched([gone], led)).toEqual(START);
  });

  it('replace through a value path that selects nothing creates the element', () => {
    const document: Document = { schemas: [USER_SCHEMA], userName: 'ann' };
    expect(patched([{ op: 'Replace', path: 'emails[type eq "Work"].value', value: 'a@x' }], document)).toEqual({
      ...document,
      emails: [{ type: 'Work', value: 'a@x' }],
    });
    expect(patched([{ op: 'Add', path: 'addresses[type eq "work"].postalCode', value: 1000 }], document)).toEqual({
      ...document,
      addresses: [{ type: 'work', postalCode: '1000' }],
    });
    expect(patched([{ op: 'Replace', path: 'roles[primary eq "True"].value', value: 'r' }], document)).toEqual({
      ...document,
      roles: [{ primary: true, value: 'r' }],
    });
    expect(
      patched(
        [{ op: 'Replace', path: 'phoneNumbers[type eq "work" and primary eq true].value', value: '1' }],
        document,
      ),
    ).toMatchObject({ phoneNumbers: [{ type: 'work', primary: true, value: '1' }] });
  });

  it('several such operations build one element', () => {
    const path = (sub: string): string => `addresses[type eq "work"].${sub}`;
    expect(
      patched([
        { op: 'Add', path: path('postalCode'), value: '1' },
        { op: 'Add', path: path('country'), value: 'BE' },
      ]),
    ).toMatchObject({
      addresses: [{ type: 'work', postalCode: '1', country: 'BE' }],
    });
  });
});

describe('PATCH as Okta sends it', () => {
  it('path-less {active: false}', () => {
    expect(patched([{ op: 'replace', value: { active: false } }])).toEqual({ ...START, active: false });
  });

  it('readOnly attributes and a password in a path-less value are ignored', () => {
    expect(patched([{ op: 'replace', value: { id: 'x', meta: {}, groups: [], schemas: [], password: 'x' } }])).toBe(
      START,
    );
  });
});

describe('add (RFC 7644 section 3.5.2.1)', () => {
  it('appends to a list, merges into a complex attribute, replaces a simple one', () => {
    expect(patched([{ op: 'add', path: 'emails', value: [{ value: 'c@x' }] }])).toMatchObject({
      emails: [{}, {}, { value: 'c@x' }],
    });
    expect(patched([{ op: 'add', path: 'name', value: { middleName: 'M' } }])).toMatchObject({
      name: { givenName: 'Ann', middleName: 'M' },
    });
    expect(patched([{ op: 'add', path: 'userName', value: 'bea' }])).toMatchObject({ userName: 'bea' });
  });

  it('changes nothing where the value is already there, and says so by identity', () => {
    expect(patched([{ op: 'add', path: 'emails', value: { value: 'ANN@home.example', type: 'Home' } }])).not.toBe(
      START,
    );
    expect(patched([{ op: 'add', path: 'emails', value: { value: 'ann@home.example', type: 'home' } }])).toBe(START);
    expect(patched([{ op: 'replace', value: { userName: 'ann', active: 'true' } }])).toBe(START);
    expect(patched([{ op: 'add', path: 'emails', value: { value: 'ANN@home.example', type: 'Home' } }])).toHaveProperty(
      'emails.length',
      2,
    );
  });

  it('a new primary takes it from the old one; two at once are refused', () => {
    expect(patched([{ op: 'add', path: 'emails', value: [{ value: 'c@x', primary: true }] }])).toMatchObject({
      emails: [{ primary: false }, {}, { value: 'c@x', primary: true }],
    });
    expect(patched([{ op: 'replace', path: 'emails[type eq "home"].primary', value: 'True' }])).toMatchObject({
      emails: [{ primary: false }, { primary: true }],
    });
    expect(
      scimType([
        {
          op: 'add',
          path: 'emails',
          value: [
            { value: 'c@x', primary: true },
            { value: 'd@x', primary: true },
          ],
        },
      ]),
    ).toBe('invalidValue');
    expect(scimType([{ op: 'replace', path: 'emails[value co "@"].primary', value: true }])).toBe('invalidValue');
  });

  it('refuses more values than there may be', () => {
    const value = Array.from({ length: 199 }, (_, n) => ({ value: `x${n}@x` }));
    expect(scimType([{ op: 'add', path: 'emails', value }])).toBe('invalidValue');
  });
});

describe('remove (RFC 7644 section 3.5.2.2)', () => {
  it('takes away an attribute, a sub-attribute, selected values, a sub-attribute of selected values', () => {
    expect(patched([{ op: 'remove', path: 'name' }])).not.toHaveProperty('name');
    expect(patched([{ op: 'remove', path: 'name.givenName' }])).toMatchObject({ name: { familyName: 'Lee' } });
    expect(patched([{ op: 'remove', path: 'emails[type eq "WORK"]' }])).toMatchObject({ emails: [{ type: 'home' }] });
    expect(patched([{ op: 'remove', path: 'emails[not (type eq "work")].type' }])).toMatchObject({
      emails: [{ type: 'work' }, { value: 'ann@home.example' }],
    });
    expect(
      patched([{ op: 'remove', path: 'emails', value: [{ $ref: null, value: 'ANN@work.example' }] }]),
    ).toMatchObject({ emails: [{ type: 'home' }] });
  });

  it('leaves no empty list, object, extension nor its URN behind', () => {
    expect(patched([{ op: 'remove', path: 'emails[value pr]' }])).not.toHaveProperty('emails');
    expect(
      patched([
        { op: 'remove', path: 'name.givenName' },
        { op: 'remove', path: 'name.familyName' },
      ]),
    ).not.toHaveProperty('name');
    const without = patched([{ op: 'remove', path: `${ENTERPRISE_SCHEMA}:department` }]);
    expect(without).not.toHaveProperty([ENTERPRISE_SCHEMA]);
    expect(without).toMatchObject({ schemas: [USER_SCHEMA] });
    expect(patched([{ op: 'remove', path: ENTERPRISE_SCHEMA }])).toEqual(without);
  });

  it('of what is not there changes nothing', () => {
    expect(
      patched([
        { op: 'remove', path: 'emails[type eq "other"]' },
        { op: 'remove', path: 'title' },
      ]),
    ).toBe(START);
  });

  it('without a path is noTarget; of a required attribute mutability', () => {
    expect(scimType([{ op: 'remove' }])).toBe('noTarget');
    expect(scimType([{ op: 'remove', value: { active: true } }])).toBe('noTarget');
    expect(scimType([{ op: 'remove', path: 'userName' }])).toBe('mutability');
  });
});

describe('replace (RFC 7644 section 3.5.2.3)', () => {
  it('replaces a whole list, and no value means none', () => {
    expect(patched([{ op: 'replace', path: 'emails', value: [{ value: 'c@x' }] }])).toMatchObject({
      emails: [{ value: 'c@x' }],
    });
    expect(patched([{ op: 'replace', path: 'emails', value: [] }])).not.toHaveProperty('emails');
    expect(patched([{ op: 'replace', value: { emails: null } }])).not.toHaveProperty('emails');
  });

  it('leaves sub-attributes that are not given unchanged', () => {
    expect(patched([{ op: 'replace', path: 'name', value: { givenName: 'Bea' } }])).toMatchObject({
      name: { givenName: 'Bea', familyName: 'Lee' },
    });
  });

  it('replaces each selected value whole, which stays what the filter says', () => {
    expect(patched([{ op: 'replace', path: 'emails[type eq "work"]', value: { value: 'n@x' } }])).toMatchObject({
      emails: [{ value: 'n@x', type: 'work' }, { type: 'home' }],
    });
  });

  it('is noTarget where no value is selected and the filter cannot be made true', () => {
    for (const filter of [
      'type ne "work" and type ne "home"',
      'value co "nobody"',
      'type eq "x" or type eq "y"',
      'not (value pr)',
    ])
      expect(scimType([{ op: 'replace', path: `emails[${filter}].value`, value: 'x' }])).toBe('noTarget');
  });

  it('of a required attribute by nothing is refused', () => {
    expect(scimType([{ op: 'replace', path: 'userName', value: null }])).toBe('invalidValue');
    expect(scimType([{ op: 'replace', path: 'userName', value: ' ' }])).toBe('invalidValue');
  });
});

describe('what PATCH refuses', () => {
  it('a path that names nothing, or is none: invalidPath', () => {
    for (const path of [
      'shoeSize',
      'emails.shoeSize',
      'emails[type eq "work"].shoeSize',
      'name[givenName pr].familyName',
      'userName[value pr]',
      'a b',
      '__proto__',
      'constructor',
    ])
      expect(scimType([{ op: 'replace', path, value: 'x' }])).toBe('invalidPath');
    expect(scimType([{ op: 'replace', path: 'emails[shoeSize eq 1].value', value: 'x' }])).toBe('invalidFilter');
  });

  it('what is readOnly: mutability', () => {
    for (const path of ['id', 'meta', 'meta.version', 'groups', 'groups[value eq "x"]', 'manager.displayName'])
      for (const op of ['add', 'replace', 'remove']) expect(scimType([{ op, path, value: 'x' }])).toBe('mutability');
  });

  it('a value of the wrong type: invalidValue', () => {
    expect(scimType([{ op: 'replace', path: 'active', value: 'maybe' }])).toBe('invalidValue');
    expect(scimType([{ op: 'replace', path: 'name', value: 'Ann' }])).toBe('invalidValue');
    expect(scimType([{ op: 'replace', path: 'title' }])).toBe('invalidValue');
    expect(scimType([{ op: 'replace', value: 'x' }])).toBe('invalidValue');
    expect(scimType([{ op: 'add', path: ENTERPRISE_SCHEMA, value: 'x' }])).toBe('invalidValue');
  });

  it('a message of the wrong form: invalidSyntax', () => {
    const bodies: unknown[] = [
      null,
      [],
      { Operations: [] },
      { schemas: [USER_SCHEMA], Operations: [{ op: 'add', path: 'title', value: 'x' }] },
      { schemas: [PATCH_SCHEMA] },
      { schemas: [PATCH_SCHEMA], Operations: [] },
      { schemas: [PATCH_SCHEMA], Operations: [null] },
      { schemas: [PATCH_SCHEMA], Operations: [{ op: 'move' }] },
      { schemas: [PATCH_SCHEMA], Operations: Array.from({ length: 1001 }, () => ({ op: 'remove', path: 'title' })) },
    ];
    for (const body of bodies) expect(refusal(() => parsePatch(body, USER_ATTRIBUTES)).scimType).toBe('invalidSyntax');
  });

  it('everything, when one operation is bad', () => {
    expect(
      scimType([
        { op: 'replace', path: 'title', value: 'x' },
        { op: 'replace', path: 'emails[value co "nobody"].value', value: 'x' },
      ]),
    ).toBe('noTarget');
  });

  it('nothing it merely does not know in a path-less value, also names that mean something to JavaScript', () => {
    const body = JSON.parse(
      `{"schemas":["${PATCH_SCHEMA}"],"Operations":[{"op":"add","value":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"title":"x"}}]}`,
    );
    const next = applyPatch(START, parsePatch(body, USER_ATTRIBUTES), USER_ATTRIBUTES);
    expect(next).toEqual({ ...START, title: 'x' });
    expect('polluted' in {}).toBe(false);
  });
});
