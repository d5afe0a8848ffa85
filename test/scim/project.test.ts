import { describe, expect, it } from '@jest/globals';
import { GROUP_ATTRIBUTES, USER_ATTRIBUTES, createIndex } from '../../src/provisioning/attribute-index.ts';
import type { Document } from '../../src/provisioning/attribute.ts';
import { define } from '../../src/provisioning/define-schema.ts';
import { ENTERPRISE_SCHEMA, USER, USER_SCHEMA } from '../../src/provisioning/schemas.ts';
import { parseSelection, project, wants, type SelectionQuery } from '../../src/scim/project.ts';

const RESOURCE: Document = {
  schemas: [USER_SCHEMA, ENTERPRISE_SCHEMA],
  id: '1',
  userName: 'ann',
  name: { givenName: 'Ann', familyName: 'Lee' },
  emails: [{ value: 'a@x', type: 'work' }, { value: 'b@x' }],
  [ENTERPRISE_SCHEMA]: { department: 'R&D', manager: { value: 'm', displayName: 'M' } },
  meta: { version: 'W/"1"', resourceType: 'User' },
};
const ALWAYS = { schemas: RESOURCE['schemas'], id: '1' };

const shown = (query: SelectionQuery): Document => project(RESOURCE, parseSelection(query, USER_ATTRIBUTES));

describe('attributes and excludedAttributes (RFC 7644 section 3.9)', () => {
  it('without either shows what is returned by default', () => {
    expect(shown({})).toEqual(RESOURCE);
    expect(shown({ attributes: '', excludedAttributes: ' , ' })).toEqual(RESOURCE);
    expect(parseSelection({}, USER_ATTRIBUTES).plain).toBe(true);
  });

  it('attributes=id (Entra ID) shows what is always returned', () => {
    expect(shown({ attributes: 'id' })).toEqual(ALWAYS);
  });

  it('shows the attributes asked for, in any case, as a string or a list', () => {
    expect(shown({ attributes: 'USERNAME, name.givenname' })).toEqual({
      ...ALWAYS,
      userName: 'ann',
      name: { givenName: 'Ann' },
    });
    expect(shown({ attributes: ['userName', 'emails.type'] })).toEqual({
      ...ALWAYS,
      userName: 'ann',
      emails: [{ type: 'work' }],
    });
    expect(shown({ attributes: `${USER_SCHEMA}:name` })).toEqual({ ...ALWAYS, name: RESOURCE['name'] });
  });

  it('shows an extension, its attributes and their sub-attributes by their URN', () => {
    expect(shown({ attributes: ENTERPRISE_SCHEMA })).toEqual({
      ...ALWAYS,
      [ENTERPRISE_SCHEMA]: RESOURCE[ENTERPRISE_SCHEMA],
    });
    expect(shown({ attributes: `${ENTERPRISE_SCHEMA}:manager.value` })).toEqual({
      ...ALWAYS,
      [ENTERPRISE_SCHEMA]: { manager: { value: 'm' } },
    });
    expect(shown({ attributes: USER_SCHEMA })).toEqual({ ...RESOURCE, [ENTERPRISE_SCHEMA]: undefined });
  });

  it('leaves out what is excluded, but never what is always returned', () => {
    expect(shown({ excludedAttributes: 'id,schemas,name,emails.value,meta' })).toEqual({
      ...ALWAYS,
      userName: 'ann',
      emails: [{ type: 'work' }],
      [ENTERPRISE_SCHEMA]: RESOURCE[ENTERPRISE_SCHEMA],
    });
    expect(shown({ excludedAttributes: ENTERPRISE_SCHEMA })).not.toHaveProperty([ENTERPRISE_SCHEMA]);
  });

  it('ignores unknown names, also those that mean something to JavaScript', () => {
    expect(shown({ attributes: 'shoeSize,__proto__,constructor' })).toEqual(ALWAYS);
    expect(shown({ excludedAttributes: 'shoeSize' })).toEqual(RESOURCE);
  });

  it('honors returned: request and never', () => {
    const tested = {
      id: 'urn:ietf:params:scim:schemas:extension:tested:2.0:User',
      name: 'T',
      description: '',
      attributes: [
        define('string', 'asked', '', { returned: 'request' }),
        define('string', 'hidden', '', { returned: 'never' }),
      ],
    };
    const index = createIndex(USER, [tested]);
    const resource: Document = { id: '1', [tested.id]: { asked: 'a', hidden: 'h' } };
    expect(project(resource, parseSelection({}, index))).toEqual({ id: '1' });
    expect(project(resource, parseSelection({ attributes: `${tested.id}:asked,${tested.id}:hidden` }, index))).toEqual({
      id: '1',
      [tested.id]: { asked: 'a' },
    });
  });
});

describe('wants', () => {
  it('tells what need not be read (Entra ID: excludedAttributes=members)', () => {
    const group = (query: SelectionQuery): boolean => wants(parseSelection(query, GROUP_ATTRIBUTES), 'members');
    expect(
      [{}, { attributes: 'members.value' }, { attributes: 'Members' }, { excludedAttributes: 'members.display' }].map(
        group,
      ),
    ).toEqual([true, true, true, true]);
    expect(
      [
        { excludedAttributes: 'MEMBERS' },
        { attributes: 'displayName' },
        { attributes: 'members', excludedAttributes: 'members' },
      ].map(group),
    ).toEqual([false, false, false]);
    const user = parseSelection({ attributes: ENTERPRISE_SCHEMA }, USER_ATTRIBUTES);
    expect([
      wants(user, 'manager.displayName'),
      wants(user, 'groups'),
      wants(user, 'id'),
      wants(user, 'password'),
    ]).toEqual([true, false, true, false]);
    expect(wants(parseSelection({ attributes: 'manager.value' }, USER_ATTRIBUTES), 'manager.displayName')).toBe(false);
  });
});
