// Random snapshots over two applications, an own and a foreign customer account, roles, groups and mandates, and a second, naive
// reading of the rules that asks one combination at a time: the measure for effective.ts and explain.ts.
import fc from 'fast-check';
import type { Box, Entitlement, Validity, Values } from '../../src/entitlements/box.ts';
import type { Question } from '../../src/entitlements/explain.ts';
import type { AssignmentSnapshot, RightsSnapshot } from '../../src/entitlements/snapshot.ts';
import { account, assign, contract, link, NOW, profiled, snapshot } from './applications.ts';

const validity: fc.Arbitrary<Validity> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ from: null, until: null }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { from: null, until: NOW },
      { from: NOW, until: NOW + 1 },
      { from: NOW + 1, until: null },
    ),
  },
);
const contracts: fc.Arbitrary<Values> = fc.oneof(
  fc.subarray(['1', '2', '3', '4'], { minLength: 1 }),
  fc.constant('*' as const),
);
const rights = fc.subarray(['a', 'b', 'c'], { minLength: 1 });
const applicationKey = fc.constantFrom('plain', 'profiled', 'profiled');
const accountId = fc.constantFrom('own', 'theirs');

const entitlement: fc.Arbitrary<Entitlement> = fc
  .record({
    application: applicationKey,
    customerAccount: accountId,
    rights,
    contracts,
    validity,
    profile: fc.constantFrom('strong', 'weak', 'free'),
  })
  .map(({ rights: chosen, contracts: on, profile, ...rest }) => ({
    ...rest,
    // Mostly whole profiles: else nearly everything would be broken.
    values: {
      rights:
        rest.application === 'plain' || chosen.length === 1
          ? chosen
          : (new Map([
              ['strong', ['a', 'c']],
              ['weak', ['b', 'c']],
            ]).get(profile) ?? chosen),
      contracts: on,
    },
    ...(rest.application === 'profiled' ? { profile } : {}),
  }));

const boxes = (customerAccount: string): fc.Arbitrary<Box[]> =>
  fc.array(
    fc
      .record({ application: applicationKey, rights: fc.oneof(rights, fc.constant('*' as const)), contracts, validity })
      .map(({ rights: chosen, contracts: on, ...rest }) => ({
        ...rest,
        customerAccount,
        values: { rights: chosen, contracts: on },
      })),
    { minLength: 1, maxLength: 4 },
  );

const assignments: fc.Arbitrary<AssignmentSnapshot[]> = fc
  .array(
    fc.record({
      id: fc.constantFrom('A', 'B', 'C', 'D', 'E', 'F'),
      given: entitlement,
      validity,
      role: fc.boolean(),
      group: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((all) =>
    [...new Map(all.map((one) => [one.id, one])).values()].map((one) =>
      assign(one.id, one.given, {
        validity: one.validity,
        ...(one.role ? { gives: { kind: 'role', roleId: 'r' } as const } : {}),
        ...(one.group ? { groupPath: [{ id: 'g', name: 'Group' }] } : {}),
      }),
    ),
  );

export const anySnapshot: fc.Arbitrary<RightsSnapshot> = fc
  .record({
    assignments,
    role: fc.array(entitlement, { maxLength: 3 }),
    own: boxes('own'),
    theirs: boxes('theirs'),
    links: fc.array(boxes('theirs'), { minLength: 4, maxLength: 4 }),
    ends: validity,
  })
  .map(({ assignments: given, role, own, theirs, links: [first = [], second = [], third = [], fourth = []], ends }) => {
    const resources = [contract('1'), contract('2'), contract('3'), contract('4', { state: 'closed' })];
    const passed = link('m2', 'them', 'mid', second, { onward: 1 });
    const chains = [
      [link('m1', 'them', 'us', first, { validity: ends })],
      [passed, link('m3', 'mid', 'us', third)],
      [passed, link('m4', 'mid', 'us', fourth)],
    ];
    return snapshot(
      given,
      [
        account('own', 'us', { resources, subscription: own }),
        account('theirs', 'them', { resources, subscription: theirs, chains }),
      ],
      { roles: new Map([['r', { id: 'r', name: 'Role', entitlements: role }]]) },
    );
  });

export const QUESTIONS: readonly Question[] = ['plain', 'profiled'].flatMap((application) =>
  ['own', 'theirs'].flatMap((customerAccount) =>
    ['a', 'b', 'c'].flatMap((right) =>
      ['1', '2', '4'].map((on) => ({ application, customerAccount, combination: { rights: right, contracts: on } })),
    ),
  ),
);

const within = (box: Box, { application, customerAccount, combination }: Question): boolean =>
  box.application === application &&
  box.customerAccount === customerAccount &&
  (box.validity.from ?? -Infinity) <= NOW &&
  NOW < (box.validity.until ?? Infinity) &&
  (box.values.rights === '*' || (box.values.rights ?? []).includes(combination.rights as string)) &&
  (box.values.contracts === '*' || (box.values.contracts ?? []).includes(combination.contracts as string));
const isNow = ({ from, until }: Validity): boolean => (from ?? -Infinity) <= NOW && NOW < (until ?? Infinity);

/** One combination, judged by the words of the rules. */
export function naiveAnswer(state: RightsSnapshot, question: Question): boolean {
  const place = state.accounts.get(question.customerAccount);
  if (place === undefined || question.combination.contracts === '4') return false;
  const limited = (q: Question): boolean =>
    place.subscription.some((box) => within(box, q)) &&
    (place.owner.id === 'us' ||
      place.chains.some((chain) =>
        chain.every((one) => isNow(one.validity) && one.boxes.some((box) => within(box, q))),
      ));
  const given = state.assignments
    .filter((one) => isNow(one.validity))
    .flatMap((one) =>
      one.gives.kind === 'role' ? (state.roles.get('r')?.entitlements ?? []) : one.gives.entitlements,
    );
  const cells = (profile: string | undefined) =>
    profiled.profiles.find(({ key }) => key === profile)?.cells.rights ?? {};
  const gives = (one: Entitlement, right: string): boolean => {
    const mandatory = Object.entries(cells(one.profile)).flatMap(([key, cell]) => (cell === 'X' ? [key] : []));
    const needed = one.profile === undefined ? [right] : [right, ...mandatory];
    const isAllowed = (key: string): boolean =>
      one.profile === undefined || ['X', 'O'].includes(cells(one.profile)[key] ?? '');
    return needed.every((key) => {
      const q = { ...question, combination: { ...question.combination, rights: key } };
      return isAllowed(key) && within(one, q) && limited(q);
    });
  };
  if (question.application === 'plain') return given.some((one) => gives(one, question.combination.rights as string));
  const strongest = ['strong', 'weak', 'free'].find((profile) =>
    given.some((one) => one.profile === profile && ['a', 'b', 'c'].some((right) => gives(one, right))),
  );
  return given.some((one) => one.profile === strongest && gives(one, question.combination.rights as string));
}
