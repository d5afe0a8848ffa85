import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { GROUP_ATTRIBUTES } from '../../src/provisioning/attribute-index.ts';
import { groupChanges, type GroupChanges } from '../../src/scim/group-changes.ts';
import { matchesElement } from '../../src/scim/match-element.ts';
import { PATCH_SCHEMA, parsePatch } from '../../src/scim/patch.ts';
import { refusal } from '../support/refusal.ts';

type Operation = { op: string; path?: string; value?: unknown };

const changes = (operations: Operation[]): GroupChanges =>
  groupChanges(parsePatch({ schemas: [PATCH_SCHEMA], Operations: operations }, GROUP_ATTRIBUTES));

const nothing = { add: [], remove: [], removeWhere: [] };

describe('the members of a group', () => {
  it('Entra ID adds with a list, removes by value list in its older dialect and by value path in the newer', () => {
    expect(changes([{ op: 'Add', path: 'members', value: [{ $ref: null, value: 'A' }] }]).members).toEqual([
      { ...nothing, add: ['a'] },
    ]);
    expect(changes([{ op: 'Remove', path: 'members', value: [{ $ref: null, value: 'a' }] }]).members).toEqual([
      { ...nothing, remove: ['a'] },
    ]);
    expect(changes([{ op: 'Remove', path: 'members[value eq "a"]' }]).members).toEqual([{ ...nothing, remove: ['a'] }]);
    expect(
      changes([{ op: 'remove', path: 'members[value eq "a" or value eq "b" or (value eq "c")]' }]).members,
    ).toEqual([{ ...nothing, remove: ['a', 'b', 'c'] }]);
  });

  it('Okta pushes a name, then replaces all members', () => {
    expect(changes([{ op: 'replace', value: { id: 'x', displayName: 'G' } }])).toEqual({
      displayName: 'G',
      members: [],
    });
    expect(changes([{ op: 'replace', path: 'members', value: [{ value: 'a', display: 'A' }, 'b'] }]).members).toEqual([
      { ...nothing, replaceWith: ['a', 'b'] },
    ]);
    expect(changes([{ op: 'replace', path: 'members', value: [] }]).members).toEqual([{ ...nothing, replaceWith: [] }]);
  });

  it('a path-less replace leaves them unless it names them', () => {
    expect(changes([{ op: 'replace', value: { displayName: 'G', externalId: 'e' } }])).toEqual({
      displayName: 'G',
      externalId: 'e',
      members: [],
    });
    expect(changes([{ op: 'replace', value: { members: [{ value: 'a' }] } }]).members).toEqual([
      { ...nothing, replaceWith: ['a'] },
    ]);
    expect(changes([{ op: 'add', value: { members: [{ value: 'a' }] } }]).members).toEqual([
      { ...nothing, add: ['a'] },
    ]);
  });

  it('remove without a filter empties the group; with an empty list it does nothing', () => {
    expect(changes([{ op: 'remove', path: 'members' }]).members).toEqual([{ ...nothing, replaceWith: [] }]);
    expect(changes([{ op: 'remove', path: 'members', value: [] }]).members).toEqual([nothing]);
  });

  it('members.value adds too, and a removed externalId is gone', () => {
    expect(changes([{ op: 'add', path: 'members.value', value: ['a', 'b'] }]).members).toEqual([
      { ...nothing, add: ['a', 'b'] },
    ]);
    expect(changes([{ op: 'remove', path: 'externalId' }])).toEqual({ externalId: null, members: [] });
  });

  it('any other filter is kept for the database', () => {
    const [change] = changes([{ op: 'remove', path: 'members[type eq "Group" and display sw "x"]' }]).members;
    expect(change).toMatchObject({ ...nothing, removeWhere: [{ kind: 'and' }] });
  });

  it('a member cannot be turned into another: mutability', () => {
    for (const operation of [
      { op: 'replace', path: 'members[value eq "a"]', value: { value: 'b' } },
      { op: 'replace', path: 'members[value eq "a"].value', value: 'b' },
      { op: 'add', path: 'members[type eq "User"]', value: { value: 'b' } },
      { op: 'remove', path: 'members.value' },
      { op: 'replace', path: 'members[value eq "a"].display', value: 'b' },
      { op: 'remove', path: 'displayName' },
    ])
      expect(refusal(() => changes([operation])).scimType).toBe('mutability');
  });

  it('a member without an id is refused', () => {
    expect(refusal(() => changes([{ op: 'add', path: 'members', value: [{ display: 'x' }] }])).scimType).toBe(
      'invalidValue',
    );
  });

  it('come out the same as one operation after the other, whatever the operations', () => {
    const ids = ['a', 'b', 'c', 'd', 'e'];
    const some = fc.subarray(ids);
    // An id is a group's if it comes after "c"; the reference knows, the folding must not need to.
    const typeOf = (id: string): string => (id > 'c' ? 'group' : 'user');
    const filters = [
      { text: 'type eq "Group"', hits: (id: string) => typeOf(id) === 'group' },
      { text: 'not (value eq "a")', hits: (id: string) => id !== 'a' },
      { text: 'value gt "b" and type eq "user"', hits: (id: string) => id > 'b' && typeOf(id) === 'user' },
    ];
    type Step = { operation: Operation; apply: (members: Set<string>) => Set<string> };
    const step: fc.Arbitrary<Step> = fc.oneof(
      some.map((list) => ({
        operation: { op: 'add', path: 'members', value: list.map((value) => ({ value })) },
        apply: (members: Set<string>) => new Set([...members, ...list]),
      })),
      some.map((list) => ({ operation: { op: 'replace', path: 'members', value: list }, apply: () => new Set(list) })),
      some.map((list) => ({
        operation: { op: 'remove', path: 'members', value: list },
        apply: (members: Set<string>) => new Set([...members].filter((id) => !list.includes(id))),
      })),
      fc.subarray(ids, { minLength: 1 }).map((list) => ({
        operation: { op: 'remove', path: `members[${list.map((id) => `value eq "${id}"`).join(' or ')}]` },
        apply: (members: Set<string>) => new Set([...members].filter((id) => !list.includes(id))),
      })),
      fc.constant<Step>({ operation: { op: 'remove', path: 'members' }, apply: () => new Set() }),
      fc.constantFrom(...filters).map(({ text, hits }) => ({
        operation: { op: 'remove', path: `members[${text}]` },
        apply: (members: Set<string>) => new Set([...members].filter((id) => !hits(id))),
      })),
    );
    const carriedOut = (start: readonly string[], { members }: GroupChanges): Set<string> =>
      members.reduce((current, { replaceWith, add, remove, removeWhere }) => {
        const kept = [...(replaceWith ?? current)].filter((id) => !remove.includes(id));
        const element = (id: string): { value: string; type: string } => ({ value: id, type: typeOf(id) });
        return new Set(
          [...kept, ...add].filter((id) => !removeWhere.some((filter) => matchesElement(filter, element(id)))),
        );
      }, new Set(start));
    fc.assert(
      fc.property(some, fc.array(step, { minLength: 1, maxLength: 7 }), (start, steps) => {
        const expected = steps.reduce((members, one) => one.apply(members), new Set(start));
        const folded = changes(steps.map((one) => one.operation));
        expect([...carriedOut(start, folded)].sort()).toEqual([...expected].sort());
        for (const { add, remove } of folded.members) expect(add.filter((id) => remove.includes(id))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});
