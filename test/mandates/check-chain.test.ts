import { describe, expect, it } from '@jest/globals';
import { checkChain, mostOnward, type ChainLink } from '../../src/mandates/check-chain.ts';

const link = (fromOrganization: string, toOrganization: string, onward = 0): ChainLink => ({
  fromOrganization,
  toOrganization,
  onward,
});

describe('a chain of mandates', () => {
  it.each([
    ['one link', [link('a', 'b')], null],
    ['three links that each allow the rest', [link('a', 'b', 2), link('b', 'c', 1), link('c', 'd')], null],
    ['a link that allows no further', [link('a', 'b'), link('b', 'c')], 'mandate_not_onward'],
    [
      'an owner who allows one where two follow',
      [link('a', 'b', 1), link('b', 'c', 1), link('c', 'd')],
      'mandate_not_onward',
    ],
    ['a path back to its owner', [link('a', 'b', 3), link('b', 'a')], 'mandate_cycle'],
    [
      'a path that meets an organization twice',
      [link('a', 'b', 3), link('b', 'c', 3), link('c', 'b')],
      'mandate_cycle',
    ],
    ['a mandate to oneself', [link('a', 'a')], 'mandate_cycle'],
    ['links that do not join', [link('a', 'b', 3), link('c', 'd')], 'invalid_input'],
    ['no link at all', [], 'invalid_input'],
  ])('is judged: %s', (_, links, expected) => {
    expect(checkChain(links)).toBe(expected);
  });

  it('lets each further link carry less', () => {
    expect(mostOnward([])).toBe(3);
    expect(mostOnward([link('a', 'b', 3)])).toBe(2);
    expect(mostOnward([link('a', 'b', 3), link('b', 'c', 1)])).toBe(0);
    expect(mostOnward([link('a', 'b', 1), link('b', 'c', 1)])).toBe(0);
  });
});
