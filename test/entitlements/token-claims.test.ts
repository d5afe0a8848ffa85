import { describe, expect, it } from '@jest/globals';
import { effectiveEntitlements } from '../../src/entitlements/effective.ts';
import type { AssignmentSnapshot, RightsSnapshot } from '../../src/entitlements/snapshot.ts';
import { entitlementVersion, tokenClaims } from '../../src/entitlements/token-claims.ts';
import {
  account,
  application,
  assign,
  entitlement,
  everything,
  link,
  NOW,
  plain,
  profiled,
  snapshot,
  value,
} from './applications.ts';

const setting = { issuer: 'https://hub.test', accountNumber: (id: string) => `number of ${id}` };
const claims = (state: RightsSnapshot, app = plain) =>
  tokenClaims(effectiveEntitlements(state).effective, { ...setting, application: app });
const given = (rights: string[], contracts: string[] | '*') => entitlement('plain', 'own', { rights, contracts });
const state = (...assignments: AssignmentSnapshot[]) => snapshot(assignments);

describe('token claims', () => {
  it('hold one element per entitlement, with arrays and without lists the application lacks', () => {
    const until = NOW + 61_999;
    const own = { ...given(['a', 'b'], '*'), validity: { from: null, until } };
    expect(claims(state(assign('1', own)))).toEqual({
      authorization_details: [
        {
          type: 'https://hub.test/rar/entitlement/v1',
          identifier: 'number of own',
          privileges: ['a', 'b'],
          contracts: ['*'],
          not_after: Math.floor(until / 1000),
        },
      ],
      roles: [],
      ent_v: expect.stringMatching(/^[\w-]{16}$/),
      notAfter: Math.floor(until / 1000),
    });
  });

  it('name profile, organization acted for and mandates', () => {
    const theirs = account('theirs', 'them', {
      chains: [[link('m1', 'them', 'us', [everything('profiled', 'theirs')])]],
    });
    const one = entitlement('profiled', 'theirs', { rights: ['a'], contracts: ['1'] }, { profile: 'strong' });
    expect(claims(snapshot([assign('1', one)], [theirs]), profiled).authorization_details).toEqual([
      {
        type: 'https://hub.test/rar/entitlement/v1',
        identifier: 'number of theirs',
        privileges: ['a'],
        contracts: ['1'],
        profile: 'strong',
        for: { organization: 'them', via: ['m1'] },
      },
    ]);
  });

  it('merge what differs in one list and keep apart what does not', () => {
    const details = claims(
      state(assign('1', given(['a'], ['1'])), assign('2', given(['a'], ['2'])), assign('3', given(['b'], ['3']))),
    ).authorization_details;
    expect(details.map(({ privileges, contracts }) => [privileges, contracts])).toEqual([
      [['a'], ['1', '2']],
      [['b'], ['3']],
    ]);
  });

  it('do not merge different ends, and end the token with the first', () => {
    const ends = (seconds: number) => ({ validity: { from: null, until: NOW + seconds * 1000 } });
    const result = claims(
      state(assign('1', given(['a'], ['1']), ends(50)), assign('2', given(['a'], ['2']), ends(90))),
    );
    expect(result.authorization_details).toHaveLength(2);
    expect(result.notAfter).toBe(NOW / 1000 + 50);
  });

  it('say "access" for an application without rights and carry roles that give something', () => {
    const reporter = application('reporter', { dimensions: ['contracts'] });
    const base = snapshot(
      [
        assign('1', entitlement('reporter', 'own', { contracts: ['1'] }), { gives: { kind: 'role', roleId: 'r' } }),
        assign('2', given(['a'], ['1']), { gives: { kind: 'role', roleId: 'other' } }),
      ],
      [account('own', 'us', { subscription: [{ ...everything('reporter', 'own'), values: { contracts: '*' } }] })],
      {
        catalogue: new Map([['reporter', reporter]]),
        roles: new Map([
          ['r', { id: 'r', name: 'Clerk', entitlements: [entitlement('reporter', 'own', { contracts: ['1'] })] }],
          ['other', { id: 'other', name: 'Other', entitlements: [given(['a'], ['1'])] }],
        ]),
      },
    );
    const result = claims(base, reporter);
    expect(result.authorization_details.map(({ privileges, contracts }) => [privileges, contracts])).toEqual([
      [['access'], ['1']],
    ]);
    expect(result.roles).toEqual(['Clerk']);
    expect(result).not.toHaveProperty('entitlements');
  });

  it('flatten only a flat application held on one customer account', () => {
    const flat = application('flat', { dimensions: ['rights'], rights: [value('x'), value('y')], flatRights: true });
    const accounts = ['own', 'own2'].map((id) =>
      account(id, 'us', { subscription: [{ ...everything('flat', id), values: { rights: '*' } }] }),
    );
    const on = (id: string, right: string) => assign(id + right, entitlement('flat', id, { rights: [right] }));
    const catalogue = { catalogue: new Map([['flat', flat]]) };
    expect(claims(snapshot([on('own', 'y'), on('own', 'x')], accounts, catalogue), flat).entitlements).toEqual([
      'x',
      'y',
    ]);
    expect(claims(snapshot([on('own', 'y'), on('own2', 'x')], accounts, catalogue), flat).entitlements).toBeUndefined();
  });
});

describe('ent_v', () => {
  const version = (one: RightsSnapshot) => entitlementVersion(effectiveEntitlements(one).effective);

  it('is the same for the same rights in other pieces, by whomever given', () => {
    const whole = state(assign('1', given(['a', 'b'], ['1', '2'])));
    const parts = state(
      assign('2', given(['b'], ['1', '2'])),
      assign('3', given(['a', 'b'], ['2'])),
      assign('4', given(['a'], ['1'])),
    );
    expect(version(parts)).toBe(version(whole));
    expect(version(state(assign('1', given(['a', 'b'], ['1']))))).not.toBe(version(whole));
  });

  it('changes when a date passes, and only if rights change with it', () => {
    const ends = { validity: { from: null, until: NOW + 10 } };
    const begins = { validity: { from: NOW + 10, until: null } };
    const ending = state(assign('1', given(['a'], ['1'])), assign('2', given(['b'], ['1']), ends));
    expect(version({ ...ending, at: NOW + 10 })).not.toBe(version(ending));
    const beginning = state(assign('1', given(['a'], ['1'])), assign('2', given(['b'], ['1']), begins));
    expect(version({ ...beginning, at: NOW + 10 })).not.toBe(version(beginning));
    const hidden = state(assign('1', given(['a'], ['1'])), assign('2', given(['a'], ['1']), ends));
    expect(version({ ...hidden, at: NOW + 10 })).toBe(version(hidden));
  });

  it('tells profiles, accounts and organizations acted for apart', () => {
    const on = (id: string, owner: string, profile: string) => {
      const chains = owner === 'us' ? [] : [[link('m', owner, 'us', [everything('profiled', id)])]];
      return version(
        snapshot(
          [assign('1', entitlement('profiled', id, { rights: ['c'], contracts: ['1'] }, { profile }))],
          [account(id, owner, { chains })],
          {
            catalogue: new Map([
              ['profiled', { ...profiled, profiles: profiled.profiles.map((one) => ({ ...one, cells: {} })) }],
            ]),
          },
        ),
      );
    };
    const all = [on('x', 'us', 'weak'), on('x', 'us', 'strong'), on('y', 'us', 'weak'), on('x', 'them', 'weak')];
    expect(new Set(all).size).toBe(4);
  });
});
