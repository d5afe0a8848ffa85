import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { explain } from '../../src/entitlements/explain.ts';
import type { RightsSnapshot } from '../../src/entitlements/snapshot.ts';
import { account, assign, entitlement, everything, link, snapshot } from './applications.ts';
import { anySnapshot, naiveAnswer, QUESTIONS } from './random-snapshots.ts';

const withoutAssignments = (state: RightsSnapshot, ids: ReadonlySet<string>): RightsSnapshot => ({
  ...state,
  assignments: state.assignments.filter(({ id }) => !ids.has(id)),
});
const withoutMandates = (state: RightsSnapshot, ids: ReadonlySet<string>): RightsSnapshot => ({
  ...state,
  accounts: new Map(
    [...state.accounts].map(([id, one]) => [
      id,
      { ...one, chains: one.chains.filter((chain) => chain.every((link) => !ids.has(link.id))) },
    ]),
  ),
});
const question = fc.constantFrom(...QUESTIONS);

describe('explain', () => {
  it('answers as the rules read, combination by combination', () => {
    let yes = 0;
    fc.assert(
      fc.property(anySnapshot, (state) => {
        for (const one of QUESTIONS) {
          const { allowed } = explain(state, one);
          if (allowed) yes++;
          expect([one, allowed]).toEqual([one, naiveAnswer(state, one)]);
        }
      }),
      { numRuns: 150 },
    );
    expect(yes).toBeGreaterThan(200);
  });

  it('cites assignments whose withdrawal ends the right, and no other matters', () => {
    fc.assert(
      fc.property(anySnapshot, question, (state, asked) => {
        const { allowed, causes } = explain(state, asked);
        fc.pre(allowed);
        const cited = new Set(causes.map(({ assignmentId }) => assignmentId));
        expect(naiveAnswer(withoutAssignments(state, cited), asked)).toBe(false);
        const others = state.assignments.map(({ id }) => id).filter((id) => !cited.has(id));
        for (const id of others) expect(naiveAnswer(withoutAssignments(state, new Set([id])), asked)).toBe(true);
        expect(naiveAnswer(withoutAssignments(state, new Set(others)), asked)).toBe(true);
      }),
      { numRuns: 250 },
    );
  });

  it('cites mandates whose withdrawal ends the right, and no other matters', () => {
    const foreign = fc.constantFrom(...QUESTIONS.filter(({ customerAccount }) => customerAccount === 'theirs'));
    fc.assert(
      fc.property(anySnapshot, foreign, (state, asked) => {
        const { allowed, causes } = explain(state, asked);
        fc.pre(allowed);
        const cited = new Set(causes.flatMap(({ mandates }) => mandates));
        expect(naiveAnswer(withoutMandates(state, cited), asked)).toBe(false);
        const others = ['m1', 'm2', 'm3', 'm4'].filter((id) => !cited.has(id));
        for (const id of others) expect(naiveAnswer(withoutMandates(state, new Set([id])), asked)).toBe(true);
        expect(naiveAnswer(withoutMandates(state, new Set(others)), asked)).toBe(true);
      }),
      { numRuns: 250 },
    );
  });

  it('cites the mandate that brings what the profile demands beside a right from another mandate', () => {
    const only = (right: string) => ({
      ...everything('profiled', 'theirs'),
      values: { rights: [right], contracts: ['1'] },
    });
    const theirs = account('theirs', 'them', {
      chains: [
        [link('demanded', 'them', 'us', [only('a')])],
        [link('asked', 'them', 'us', [only('c')])],
        [link('idle', 'them', 'us', [only('b')])],
      ],
    });
    const given = { rights: ['a', 'c'], contracts: ['1'] };
    const state = snapshot([assign('1', entitlement('profiled', 'theirs', given, { profile: 'strong' }))], [theirs]);
    const asked = {
      application: 'profiled',
      customerAccount: 'theirs',
      combination: { rights: 'c', contracts: '1' },
    };
    const { causes } = explain(state, asked);
    expect(causes.flatMap(({ mandates }) => mandates).sort()).toEqual(['asked', 'demanded']);
    expect(explain(withoutMandates(state, new Set(['demanded'])), asked).allowed).toBe(false);
    expect(explain(withoutMandates(state, new Set(['idle'])), asked).allowed).toBe(true);
  });

  it('says who gave it, when, and by which group and role', () => {
    const given = entitlement('plain', 'own', { rights: ['a'], contracts: ['1'] });
    const state = snapshot(
      [
        assign('direct', given, { givenAt: 7 }),
        assign('grouped', given, { gives: { kind: 'role', roleId: 'r' }, groupPath: [{ id: 'g', name: 'Team' }] }),
      ],
      undefined,
      { roles: new Map([['r', { id: 'r', name: 'Clerk', entitlements: [given] }]]) },
    );
    const { causes } = explain(state, {
      application: 'plain',
      customerAccount: 'own',
      combination: { rights: 'a', contracts: '1' },
    });
    expect(
      causes.map((one) => [one.assignmentId, one.givenBy.label, one.givenAt, one.groupPath[0]?.name, one.role?.name]),
    ).toEqual([
      ['direct', 'Giver of direct', 7, undefined, undefined],
      ['grouped', 'Giver of grouped', 1, 'Team', 'Clerk'],
    ]);
  });

  it('says why what was given has no effect', () => {
    const state = snapshot(
      [assign('1', entitlement('plain', 'own', { rights: ['a'], contracts: ['1'] }))],
      [account('own', 'us', { subscription: [] })],
    );
    const answer = explain(state, {
      application: 'plain',
      customerAccount: 'own',
      combination: { rights: 'a', contracts: '1' },
    });
    expect(answer.allowed).toBe(false);
    expect(answer.withheld.map(({ code, causes }) => [code, causes[0]?.assignmentId])).toEqual([
      ['outside_subscription', '1'],
    ]);
  });

  it('answers no for a contract that is closed or unknown, also where all are given', () => {
    const state = snapshot([assign('1', entitlement('plain', 'own', { rights: ['a'], contracts: '*' }))]);
    const ask = (contracts: string) =>
      explain(state, { application: 'plain', customerAccount: 'own', combination: { rights: 'a', contracts } }).allowed;
    expect([ask('1'), ask('99')]).toEqual([true, false]);
  });
});
