import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findApplication, loadCatalogue } from '../../src/applications/catalogue.ts';
import { accept, inferProfile, profileOf } from '../../src/entitlements/accept.ts';
import { contract, parcelsInternational } from './applications.ts';

const shipped = findApplication(await loadCatalogue('config/applications'), 'parcels_international');
const RIGHTS = shipped.rights.map(({ key }) => key);
const BORDERELS = shipped.borderels.map(({ key }) => key);
const subsets = Array.from({ length: 128 }, (_, bits) => RIGHTS.filter((_right, i) => (bits >> i) & 1).sort());
const isAccepted = (rights: string[], borderels: string[], profile: string): boolean =>
  accept({
    application: shipped,
    entitlement: { values: { rights, borderels, contracts: ['1'] }, profile },
    attributes: ['etoe_partner'],
    resources: [contract('1')],
  }).length === 0;
const allowedBorderels = (rights: string[], profile: string): string[] =>
  BORDERELS.filter((borderel) => isAccepted(rights, [borderel], profile));

describe('the matrix of the international parcels', () => {
  it('is shipped as the other tests have it', () => {
    expect(shipped.profiles.map(({ key, cells }) => [key, cells])).toEqual(
      parcelsInternational.profiles.map(({ key, cells }) => [key, cells]),
    );
  });

  const valid = shipped.profiles.map(({ key }) => ({
    profile: key,
    subsets: subsets.filter((rights) => allowedBorderels(rights, key).length > 0),
  }));

  it('accepts 10 of the 128 sets of rights, each under one profile', () => {
    expect(valid.map((one) => one.subsets.length)).toEqual([2, 2, 2, 4]);
    expect(new Set(valid.flatMap((one) => one.subsets.map((rights) => rights.join()))).size).toBe(10);
  });

  it('allows 12, 15, 7 and 15 borderels', () => {
    for (const [i, count] of [12, 15, 7, 15].entries()) {
      const { profile, subsets: all } = valid[i] as (typeof valid)[number];
      expect(all.map((rights) => allowedBorderels(rights, profile).length)).toEqual(all.map(() => count));
    }
  });

  it('has 205,046 valid pairs of rights and borderels', () => {
    const pairs = valid.flatMap(({ profile, subsets: all }) =>
      all.map((rights) => 2 ** allowedBorderels(rights, profile).length - 1),
    );
    expect(pairs.reduce((sum, count) => sum + count, 0)).toBe(205_046);
  });

  it('accepts a set of borderels exactly when it accepts each of them', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...subsets),
        fc.subarray(BORDERELS, { minLength: 1 }),
        fc.constantFrom(...shipped.profiles.map(({ key }) => key)),
        (rights, borderels, profile) => {
          const each = borderels.every((borderel) => isAccepted(rights, [borderel], profile));
          expect(isAccepted(rights, borderels, profile)).toBe(each);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('infers the profile that accepts, and none where none does', () => {
    for (const rights of subsets) {
      for (const borderel of ['b10', 'b21', 'b31']) {
        const fitting = shipped.profiles.filter(({ key }) => isAccepted(rights, [borderel], key));
        if (rights.some((right) => right === 'customs' || right === 'eshipper_pro')) {
          expect(fitting).toEqual([]);
          continue;
        }
        expect(inferProfile(shipped, { rights, borderels: [borderel], contracts: ['1'] })).toBe(fitting[0]?.key);
      }
    }
  });

  it('infers nothing where two profiles fit', () => {
    const twice = {
      ...shipped,
      profiles: [
        ...shipped.profiles,
        {
          ...(profileOf(shipped, 'read_only') as (typeof shipped.profiles)[number]),
          key: 'again',
        },
      ],
    };
    expect(inferProfile(twice, { rights: ['eshipper_light'], borderels: ['b10'], contracts: '*' })).toBeUndefined();
  });
});
