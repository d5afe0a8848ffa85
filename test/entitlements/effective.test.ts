import { describe, expect, it } from '@jest/globals';
import { effectiveEntitlements, overfull } from '../../src/entitlements/effective.ts';
import { profileConflict } from '../../src/entitlements/precedence.ts';
import type { RightsSnapshot } from '../../src/entitlements/snapshot.ts';
import { account, assign, contract, entitlement, everything, link, NOW, snapshot } from './applications.ts';

const given = (rights: string[], contracts: string[] | '*', profile?: string) =>
  entitlement(
    profile === undefined ? 'plain' : 'profiled',
    'own',
    { rights, contracts },
    profile === undefined ? {} : { profile },
  );

/** Effective entitlements in short: rights, contracts, until. */
const held = (state: RightsSnapshot): string[] =>
  effectiveEntitlements(state).effective.map(({ entitlement: { values, validity, profile } }) =>
    [String(values.rights), String(values.contracts), profile, validity.until].filter((part) => part != null).join(' '),
  );
const codes = (state: RightsSnapshot): string[] => effectiveEntitlements(state).withheld.map(({ code }) => code);

describe('effective entitlements', () => {
  it('are what was assigned, on an own account within the subscription', () => {
    const narrow = account('own', 'us', {
      subscription: [{ ...everything('plain', 'own'), values: { rights: ['a'], contracts: '*' } }],
    });
    expect(held(snapshot([assign('1', given(['a', 'b'], ['1', '2']))], [narrow]))).toEqual(['a 1,2']);
    expect(codes(snapshot([assign('1', given(['b'], ['1']))], [narrow]))).toEqual(['outside_subscription']);
  });

  it('come by group and role and say so', () => {
    const state = snapshot(
      [
        assign('1', given(['a'], ['1']), {
          gives: { kind: 'role', roleId: 'r' },
          groupPath: [
            { id: 'g1', name: 'Team' },
            { id: 'g2', name: 'Department' },
          ],
        }),
        assign('1', given(['a'], ['1']), { gives: { kind: 'role', roleId: 'r' } }),
      ],
      undefined,
      { roles: new Map([['r', { id: 'r', name: 'Clerk', entitlements: [given(['a'], ['1'])] }]]) },
    );
    const [only, ...others] = effectiveEntitlements(state).effective;
    expect(others).toEqual([]);
    expect(only?.causes.map(({ role, groupPath }) => [role?.name, groupPath.map(({ name }) => name)])).toEqual([
      ['Clerk', ['Team', 'Department']],
      ['Clerk', []],
    ]);
  });

  it('end with the first end of all that they rest on', () => {
    const state = snapshot(
      [assign('1', given(['a'], ['1']), { validity: { from: 0, until: NOW + 9 } })],
      [
        account('own', 'us', {
          subscription: [{ ...everything('plain', 'own'), validity: { from: null, until: NOW + 5 } }],
        }),
      ],
    );
    expect(held(state)).toEqual([`a 1 ${NOW + 5}`]);
    expect(held({ ...state, at: NOW + 5 })).toEqual([]);
    expect(codes({ ...state, at: NOW + 9 })).toEqual(['ended']);
    expect(codes({ ...state, at: -1 })).toEqual(['not_yet_valid']);
  });

  it('are none for a deactivated user or a suspended organization or owner', () => {
    const state = snapshot([assign('1', given(['a'], ['1']))]);
    const { user } = state;
    expect(codes({ ...state, user: { ...user, active: false } })).toEqual(['user_inactive']);
    const suspended = { ...user, organization: { ...user.organization, state: 'suspended' as const } };
    expect(codes({ ...state, user: suspended })).toEqual(['organization_suspended']);
    const owner = account('own', 'us', { owner: { id: 'us', state: 'suspended' } });
    expect(codes(snapshot(state.assignments, [owner]))).toEqual(['owner_suspended']);
    expect(held(snapshot(state.assignments, [owner]))).toEqual([]);
  });

  it('lose closed contracts and give nothing when none is left', () => {
    const resources = [contract('1', { state: 'closed' }), contract('2')];
    const accounts = [account('own', 'us', { resources })];
    expect(held(snapshot([assign('1', given(['a'], ['1', '2']))], accounts))).toEqual(['a 2']);
    const state = snapshot([assign('1', given(['a'], ['1']))], accounts);
    expect(held(state)).toEqual([]);
    expect(codes(state)).toEqual(['no_active_contract', 'minimum_missing']);
    expect(held(snapshot([assign('1', given(['a'], '*'))], accounts))).toEqual(['a *']);
  });

  it('give nothing where a limit takes a mandatory value away, and come back with it', () => {
    const limit = (rights: string[]) => [
      account('own', 'us', {
        subscription: [{ ...everything('profiled', 'own'), values: { rights, contracts: '*' } }],
      }),
    ];
    const assignments = [assign('1', given(['a', 'c'], ['1'], 'strong'))];
    expect(held(snapshot(assignments, limit(['c'])))).toEqual([]);
    expect(codes(snapshot(assignments, limit(['c'])))).toEqual(['profile_broken']);
    expect(held(snapshot(assignments, limit(['a', 'c'])))).toEqual(['a,c 1 strong']);
  });

  it('keep a profile whole although the limit comes in pieces', () => {
    const box = (rights: string[], contracts: string[]) => ({
      ...everything('profiled', 'own'),
      values: { rights, contracts },
    });
    const pieces = account('own', 'us', { subscription: [box(['a'], ['1']), box(['c'], ['1', '2'])] });
    const state = snapshot([assign('1', given(['a', 'c'], ['1', '2'], 'strong'))], [pieces]);
    expect(held(state).sort()).toEqual(['a 1 strong', 'c 1 strong']);
    expect(effectiveEntitlements(state).withheld.map(({ code, entitlement: { values } }) => [code, values])).toEqual([
      ['profile_broken', { rights: ['c'], contracts: ['2'] }],
    ]);
  });

  it('need as many values as the catalogue says, after the cut too', () => {
    const base = snapshot(
      [assign('1', given(['a', 'b', 'c'], ['1']))],
      [
        account('own', 'us', {
          subscription: [
            { ...everything('plain', 'own'), values: { rights: ['a'], contracts: '*' } },
            { ...everything('plain', 'own'), values: { rights: ['b'], contracts: '*' } },
          ],
        }),
      ],
    );
    const demanding = (least: number) => {
      const plain = base.catalogue.get('plain');
      return { ...base, catalogue: new Map(plain ? [['plain', { ...plain, minimum: { rights: least } }]] : []) };
    };
    expect(held(demanding(2))).toEqual(['a 1', 'b 1']);
    expect(held(demanding(3))).toEqual([]);
    expect(codes(demanding(3))).toContain('minimum_missing');
  });

  it('let the first profile of the precedence count, contract by contract', () => {
    const strong = assign('1', given(['a'], ['1'], 'strong'));
    expect(held(snapshot([strong, assign('2', given(['b'], ['1', '2'], 'weak'))]))).toEqual(['a 1 strong', 'b 2 weak']);
    expect(held(snapshot([strong, assign('2', given(['b'], '*', 'weak'))]))).toEqual(['a 1 strong', 'b 2,3 weak']);
    const all = assign('1', given(['a'], '*', 'strong'));
    const state = snapshot([all, assign('2', given(['b'], ['1', '2'], 'weak'))]);
    expect(held(state)).toEqual(['a * strong']);
    expect(codes(state)).toEqual(['profile_conflict']);
  });

  it('are for another organization where its mandates reach, and name them', () => {
    const box = (rights: string[]) => ({
      ...everything('plain', 'theirs'),
      values: { rights, contracts: '*' as const },
    });
    const foreign = account('theirs', 'them', {
      chains: [
        [link('m1', 'them', 'us', [box(['a'])])],
        [link('m2', 'them', 'mid', [box(['b', 'c'])], { onward: 1 }), link('m3', 'mid', 'us', [box(['b'])])],
      ],
    });
    const assignments = [assign('1', { ...given(['a', 'b', 'c'], ['1']), customerAccount: 'theirs' })];
    const show = (accounts: (typeof foreign)[]) =>
      effectiveEntitlements(snapshot(assignments, accounts)).effective.map((one) => [
        one.entitlement.values.rights,
        one.forOrganization,
        one.causes.map(({ mandates }) => mandates),
      ]);
    expect(show([foreign])).toEqual([
      [['a'], { id: 'them', via: ['m1'] }, [['m1']]],
      [['b'], { id: 'them', via: ['m2', 'm3'] }, [['m2', 'm3']]],
    ]);
    const cut = (change: Partial<ReturnType<typeof link>>) => ({
      ...foreign,
      chains: foreign.chains.map((chain) => chain.map((one) => (one.id === 'm2' ? { ...one, ...change } : one))),
    });
    expect(show([cut({ onward: 0 })])).toHaveLength(1);
    expect(show([cut({ fromState: 'suspended' })])).toHaveLength(1);
    expect(show([cut({ validity: { from: null, until: NOW } })])).toHaveLength(1);
    expect(codes(snapshot(assignments, [{ ...foreign, chains: [] }]))).toEqual(['outside_mandates']);
  });

  it('report an application with more than 500 of them', () => {
    const many = (count: number) =>
      effectiveEntitlements(snapshot(Array.from({ length: count }, (_, i) => assign(String(i), given(['a'], ['1'])))));
    expect(overfull(many(500).effective)).toEqual([]);
    expect(overfull(many(501).effective)).toEqual(['plain']);
  });
});

describe('two profiles on one contract at save', () => {
  const app = snapshot([]).catalogue.get('profiled') as NonNullable<ReturnType<RightsSnapshot['catalogue']['get']>>;
  it('are a conflict only where contract and time meet', () => {
    const strong = given(['a'], ['1'], 'strong');
    expect(profileConflict(app, [strong, given(['b'], '*', 'weak')])).not.toBeNull();
    expect(profileConflict(app, [strong, given(['b'], ['2'], 'weak')])).toBeNull();
    expect(profileConflict(app, [strong, given(['a', 'c'], ['1'], 'strong')])).toBeNull();
    const early = { ...strong, validity: { from: null, until: 5 } };
    const late = { ...given(['b'], ['1'], 'weak'), validity: { from: 5, until: null } };
    expect(profileConflict(app, [early, late])).toBeNull();
  });
});
