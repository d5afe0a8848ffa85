import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { GROUP_ATTRIBUTES, USER_ATTRIBUTES } from '../../src/provisioning/attribute-index.ts';
import type { Filter } from '../../src/provisioning/filter-ast.ts';
import { ScimError } from '../../src/scim/errors.ts';
import { parseFilter, parsePathSyntax } from '../../src/scim/filter.ts';
import { resolveFilter } from '../../src/scim/resolve-filter.ts';
import { refusal } from '../support/refusal.ts';

/** The tree without positions, as nested lists: short to compare. */
function tree(filter: Filter): unknown {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return [filter.kind, ...filter.terms.map(tree)];
    case 'not':
      return ['not', tree(filter.term)];
    case 'present':
      return [filter.path, 'pr'];
    case 'compare':
      return [filter.path, filter.operator, filter.value];
    case 'element':
      return [filter.path, '[]', tree(filter.filter)];
  }
}

describe('the examples of RFC 7644 section 3.4.2.2', () => {
  const examples: readonly [string, unknown][] = [
    ['userName eq "bjensen"', ['userName', 'eq', 'bjensen']],
    [`name.familyName co "O'Malley"`, ['name.familyName', 'co', "O'Malley"]],
    [
      'urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"',
      ['urn:ietf:params:scim:schemas:core:2.0:User:userName', 'sw', 'J'],
    ],
    ['title pr', ['title', 'pr']],
    ['meta.lastModified gt "2011-05-13T04:42:34Z"', ['meta.lastModified', 'gt', '2011-05-13T04:42:34Z']],
    ['title pr and userType eq "Employee"', ['and', ['title', 'pr'], ['userType', 'eq', 'Employee']]],
    [
      'schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"',
      ['schemas', 'eq', 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'],
    ],
    [
      'userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")',
      [
        'and',
        ['userType', 'eq', 'Employee'],
        ['or', ['emails', 'co', 'example.com'], ['emails.value', 'co', 'example.org']],
      ],
    ],
    [
      'userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")',
      [
        'and',
        ['userType', 'ne', 'Employee'],
        ['not', ['or', ['emails', 'co', 'example.com'], ['emails.value', 'co', 'example.org']]],
      ],
    ],
    [
      'userType eq "Employee" and (emails.type eq "work")',
      ['and', ['userType', 'eq', 'Employee'], ['emails.type', 'eq', 'work']],
    ],
    [
      'emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]',
      [
        'or',
        ['emails', '[]', ['and', ['type', 'eq', 'work'], ['value', 'co', '@example.com']]],
        ['ims', '[]', ['and', ['type', 'eq', 'xmpp'], ['value', 'co', '@foo.com']]],
      ],
    ],
  ];
  it.each(examples)('%s', (text, expected) => {
    expect(tree(parseFilter(text, { lenient: false }))).toEqual(expected);
    expect(resolveFilter(parseFilter(text), USER_ATTRIBUTES)).toHaveProperty('kind');
  });
});

describe('the grammar of RFC 7644 figure 1', () => {
  it('binds not before and before or', () => {
    expect(tree(parseFilter('a pr or b pr and not (c pr) or d pr'))).toEqual([
      'or',
      ['a', 'pr'],
      ['and', ['b', 'pr'], ['not', ['c', 'pr']]],
      ['d', 'pr'],
    ]);
    expect(tree(parseFilter('(a pr or b pr) and ((c pr))'))).toEqual([
      'and',
      ['or', ['a', 'pr'], ['b', 'pr']],
      ['c', 'pr'],
    ]);
  });

  it('negates a whole group: not (A and B), not (A or B)', () => {
    expect(tree(parseFilter('not (a pr and b pr)'))).toEqual(['not', ['and', ['a', 'pr'], ['b', 'pr']]]);
    expect(tree(parseFilter('NOT(a pr or not (b pr))'))).toEqual(['not', ['or', ['a', 'pr'], ['not', ['b', 'pr']]]]);
  });

  it('reads operators and keywords in any case, and any space between', () => {
    expect(tree(parseFilter('  title  EQ   "x"  AND userName Pr '))).toEqual([
      'and',
      ['title', 'eq', 'x'],
      ['userName', 'pr'],
    ]);
  });

  it('reads every escape of JSON', () => {
    expect(tree(parseFilter(String.raw`title eq "a\"b\\c\/\u00e9\n\ud83d\ude00"`))).toEqual([
      'title',
      'eq',
      'a"b\\c/é\n😀',
    ]);
    expect(tree(parseFilter(String.raw`title eq "b\\"`))).toEqual(['title', 'eq', 'b\\']);
  });

  it('reads numbers, booleans and null', () => {
    const values = (text: string): unknown => (tree(parseFilter(`x eq ${text}`)) as unknown[])[2];
    expect(['1', '-1.5e2', 'true', 'false', 'null'].map(values)).toEqual([1, -150, true, false, null]);
  });

  it('round-trips any JSON string', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed() && !text.includes('\0')),
        (text) => {
          expect(tree(parseFilter(`title eq ${JSON.stringify(text)}`))).toEqual(['title', 'eq', text]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('either parses or refuses any text with invalidFilter, and never throws anything else', () => {
    const piece = fc.constantFrom(
      'a',
      'emails',
      '[',
      ']',
      '(',
      ')',
      ' ',
      ' and ',
      ' or ',
      'not ',
      ' eq ',
      ' pr',
      '"x"',
      '"',
      '\\',
      '.',
      '1',
      'é',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        try {
          parseFilter(pieces.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(ScimError);
          expect((error as ScimError).scimType).toBe('invalidFilter');
        }
      }),
      { numRuns: 2000 },
    );
  });

  const wrong: readonly [string, string][] = [
    ['', 'Filter, character 1: expected an attribute name, found the end.'],
    ['userName', 'Filter, character 9: expected a space and an operator, found the end.'],
    [
      'userName is "x"',
      'Filter, character 10: expected an operator (eq, ne, co, sw, ew, gt, ge, lt, le or pr), found "is \\"x\\"".',
    ],
    ['userName eq', 'Filter, character 12: expected a space and a value, found the end.'],
    ['userName eq "x', 'Filter, character 13: expected a closing quote for the string that begins here, found "\\"x".'],
    ['userName eq "\\x"', 'Filter, character 13: expected a valid JSON string, found "\\"\\\\x\\"".'],
    ['(a pr', 'Filter, character 6: expected and, or, or ")", found the end.'],
    ['a pr)', 'Filter, character 5: expected and, or, or the end of the filter, found ")".'],
    ['a pr b pr', 'Filter, character 6: expected and, or, or the end of the filter, found "b pr".'],
    ['not a pr', 'Filter, character 5: expected "(" after not, found "a pr".'],
    ['emails[type eq "work"', 'Filter, character 22: expected and, or, or "]", found the end.'],
    ['a pr and', 'Filter, character 9: expected an attribute name, found the end.'],
  ];
  it.each(wrong)('%s: says where and what was expected', (text, detail) => {
    expect(refusal(() => parseFilter(text))).toMatchObject({ status: 400, scimType: 'invalidFilter', detail });
  });
});

describe('the bounds of a filter', () => {
  it('refuses more than 8 KiB, 20 levels and 100 comparisons', () => {
    const nested = (levels: number): string => '('.repeat(levels) + 'a pr' + ')'.repeat(levels);
    const terms = (count: number): string => Array.from({ length: count }, () => 'a pr').join(' or ');
    expect(tree(parseFilter(nested(20)))).toEqual(['a', 'pr']);
    expect(refusal(() => parseFilter(nested(21))).detail).toContain('20 levels');
    expect(refusal(() => parseFilter(nested(2000))).detail).toContain('20 levels');
    expect(tree(parseFilter(terms(100)))).toHaveLength(101);
    expect(refusal(() => parseFilter(terms(101))).detail).toContain('100 comparisons');
    expect(refusal(() => parseFilter(`a eq "${'é'.repeat(4096)}"`)).detail).toContain('8192 bytes');
  });

  it('refuses characters that the database cannot hold', () => {
    for (const text of ['a eq "\0"', 'a eq "\\u0000"', 'a eq "\\ud800"', 'a eq "\ud800"'])
      expect(refusal(() => parseFilter(text)).scimType).toBe('invalidFilter');
  });
});

describe('what Entra ID sends', () => {
  it('a value without quotes, in lenient mode only', () => {
    expect(tree(parseFilter('externalId eq jyoung and active eq True'))).toEqual([
      'and',
      ['externalId', 'eq', 'jyoung'],
      ['active', 'eq', true],
    ]);
    expect(refusal(() => parseFilter('externalId eq jyoung', { lenient: false })).scimType).toBe('invalidFilter');
  });

  it('digits without quotes stay the text they are', () => {
    expect(resolveFilter(parseFilter('externalId eq 0012'), USER_ATTRIBUTES)).toMatchObject({ value: '0012' });
    expect(resolveFilter(parseFilter('externalId eq 1.50'), USER_ATTRIBUTES)).toMatchObject({ value: '1.50' });
  });

  it('emails[type eq "work"].value eq "x" is one test of one element', () => {
    expect(tree(parseFilter('emails[type eq "work"].value eq "x"'))).toEqual([
      'emails',
      '[]',
      ['and', ['type', 'eq', 'work'], ['value', 'eq', 'x']],
    ]);
  });

  it('manager compared as if it were simple, without its URN', () => {
    const resolved = resolveFilter(parseFilter('id eq "1" and manager eq "2"'), USER_ATTRIBUTES);
    expect(resolved).toMatchObject({
      terms: [
        { target: { key: 'id' } },
        { target: { key: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value' } },
      ],
    });
  });

  it('booleans in quotes', () => {
    expect(resolveFilter(parseFilter('active eq "False"'), USER_ATTRIBUTES)).toMatchObject({ value: false });
    expect(resolveFilter(parseFilter('roles[primary eq "True"]'), USER_ATTRIBUTES)).toMatchObject({
      filter: { value: true },
    });
  });
});

describe('a filter resolved against the schemas', () => {
  const resolved = (text: string): unknown => resolveFilter(parseFilter(text), USER_ATTRIBUTES);

  it('finds attributes in any case, by URN, and knows which step has many values', () => {
    expect(resolved('URN:ietf:params:SCIM:schemas:core:2.0:user:EMAILS.Type eq "WORK"')).toEqual({
      kind: 'compare',
      operator: 'eq',
      value: 'work',
      target: {
        key: 'emails.type',
        type: 'string',
        caseExact: false,
        steps: [
          { name: 'emails', many: true },
          { name: 'type', many: false },
        ],
      },
    });
  });

  it('compares a complex attribute by its value (RFC 7643 section 2.4)', () => {
    expect(resolved('emails co "x"')).toMatchObject({ target: { key: 'emails.value' } });
    expect(resolveFilter(parseFilter('members eq "id"'), GROUP_ATTRIBUTES)).toMatchObject({
      target: { key: 'members.value' },
    });
  });

  it('reads ne as the negation of eq, and null as no value', () => {
    expect(resolved('title ne "x"')).toMatchObject({ kind: 'not', term: { kind: 'compare', operator: 'eq' } });
    expect(resolved('title eq null')).toMatchObject({ kind: 'not', term: { kind: 'present' } });
    expect(resolved('title ne null')).toMatchObject({ kind: 'present' });
  });

  it('keeps the case of what is caseExact', () => {
    expect(resolved('externalId eq "AbC"')).toMatchObject({ value: 'AbC' });
    expect(resolved('userName eq "AbC"')).toMatchObject({ value: 'abc' });
  });

  const refused: readonly [string, string][] = [
    ['shoeSize eq 1', 'User has no attribute "shoeSize"'],
    ['emails.shoeSize pr', 'User has no attribute "emails.shoeSize"'],
    ['emails[shoeSize pr]', 'emails has no attribute "shoeSize"'],
    ['__proto__ pr or constructor pr', 'expected an attribute name'],
    ['constructor pr', 'User has no attribute "constructor"'],
    ['password eq "x"', 'password cannot be filtered by'],
    ['active gt true', 'gt does not go with active'],
    ['active co "t"', 'co does not go with active'],
    ['active eq "yes"', 'active is compared with true or false'],
    ['meta.created co "2024"', 'co does not go with meta.created'],
    ['meta.created gt "yesterday"', 'meta.created is compared with a dateTime'],
    ['x509Certificates.value sw "MII"', 'sw does not go with x509Certificates.value'],
    ['name eq "x"', 'name is complex'],
    ['title gt null', 'null goes with eq and ne only'],
    ['userName[value eq "x"]', 'userName has no sub-attributes'],
    ['emails[value[x pr]]', 'emails.value has no sub-attributes'],
  ];
  it.each(refused)('refuses %s with invalidFilter', (text, reason) => {
    const error = refusal(() => resolved(text));
    expect(error).toMatchObject({ status: 400, scimType: 'invalidFilter' });
    expect(error.detail).toContain(reason);
  });
});

describe('the path of a PATCH operation (RFC 7644 section 3.5.2 figure 7)', () => {
  it('reads attribute, value path and sub-attribute', () => {
    expect(parsePathSyntax('members')).toEqual({ path: 'members' });
    expect(parsePathSyntax('name.familyName')).toEqual({ path: 'name.familyName' });
    expect(parsePathSyntax('addresses[type eq "work"]')).toMatchObject({
      path: 'addresses',
      filter: { kind: 'compare' },
    });
    expect(parsePathSyntax('members[value eq "2819"].displayName')).toMatchObject({
      path: 'members',
      sub: 'displayName',
    });
  });

  it('refuses the path with invalidPath and what is in its brackets with invalidFilter', () => {
    for (const path of ['', '.x', 'a b', 'a]', 'a[b pr].', 'a[b pr] c', '/members'])
      expect(refusal(() => parsePathSyntax(path)).scimType).toBe('invalidPath');
    for (const path of ['a[', 'a[b]', 'a[b is "x"]', 'a[b pr'])
      expect(refusal(() => parsePathSyntax(path)).scimType).toBe('invalidFilter');
  });
});
