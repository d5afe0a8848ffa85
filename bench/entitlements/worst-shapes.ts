// Times the rights model at its limits: 64 boxes asked of a union of 500, 500 effective entitlements, thousands of
// contracts. Prints one line per shape: best and median of several runs, in milliseconds. Budget: 50 ms.
import type { Application } from '../../src/applications/application.ts';
import { ALWAYS, type Box, type Entitlement, type Validity } from '../../src/entitlements/box.ts';
import { coverage, equalUnions } from '../../src/entitlements/covers.ts';
import { effectiveEntitlements } from '../../src/entitlements/effective.ts';
import { explain } from '../../src/entitlements/explain.ts';
import { mayGive } from '../../src/entitlements/giving.ts';
import type { AssignmentSnapshot, RightsSnapshot } from '../../src/entitlements/snapshot.ts';
import { entitlementVersion, tokenClaims } from '../../src/entitlements/token-claims.ts';

const NOW = 1_000_000_000;
const BUDGET = 50;

/** A fixed sequence, so that two runs measure the same. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
const next = random(7);
const some = (values: readonly string[], share: number): string[] => {
  const chosen = values.filter(() => next() < share);
  return chosen.length > 0 ? chosen : [values[Math.floor(next() * values.length)] as string];
};
const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${String(i).padStart(6, '0')}`);
const RIGHTS = names('right', 13);
const PRODUCTS = names('product', 23);
const BORDERELS = names('borderel', 15);
const CONTRACTS = names('BPI/2024/', 5000);
const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

const box = (values: Box['values'], validity: Validity = ALWAYS): Box => ({
  application: 'app',
  customerAccount: 'account',
  values,
  validity,
});
const until = (): Validity => ({ from: null, until: NOW + Math.ceil(next() * 400) * 86_400_000 });

function measure(shape: string, work: () => string): void {
  const runs = times(7, () => {
    const start = performance.now();
    const answer = work();
    return { ms: performance.now() - start, answer };
  });
  const sorted = runs.map(({ ms }) => ms).sort((a, b) => a - b);
  const median = sorted[3] as number;
  const [best, middle] = [sorted[0] as number, median].map((ms) => ms.toFixed(1).padStart(7));
  console.log(`${shape.padEnd(76)} ${best} ${middle} ${median <= BUDGET ? ' ' : '!'} ${runs[0]?.answer ?? ''}`);
}

function measureCover(shape: string, union: readonly Box[], asked: readonly Box[]): void {
  measure(`covers: ${shape}`, () => {
    const held = coverage(union);
    return `${asked.filter((one) => held.covers(one)).length} of ${asked.length} covered`;
  });
}

console.log(`${'shape'.padEnd(76)} ${'best'.padStart(7)} ${'median'.padStart(7)}   ms; "!" is over ${BUDGET}`);

const wide = times(500, () =>
  box({ rights: some(RIGHTS, 0.5), products: some(PRODUCTS, 0.5), contracts: some(CONTRACTS, 0.02) }),
);
const askedWide = times(64, () =>
  box({ rights: some(RIGHTS, 0.5), products: some(PRODUCTS, 0.5), contracts: some(CONTRACTS, 0.02) }),
);
measureCover('500 random boxes of about 100 contracts, 64 random asked', wide, askedWide);

const chunks = times(500, (i) =>
  box({ rights: RIGHTS, products: PRODUCTS, contracts: CONTRACTS.slice(i * 10, i * 10 + 10) }),
);
const askedAll = times(64, (i) =>
  box({ rights: RIGHTS, products: PRODUCTS, contracts: CONTRACTS.filter((_, j) => j % 64 !== i) }),
);
measureCover('500 disjoint chunks of contracts, 64 asked over nearly all 5,000', chunks, askedAll);

const dense = times(500, () =>
  box({ rights: some(RIGHTS, 0.5), products: some(PRODUCTS, 0.5), contracts: some(CONTRACTS, 0.1) }),
);
measureCover('500 random boxes of about 500 contracts, 64 asked over nearly all', dense, askedAll);

const full = times(500, () =>
  box({ rights: some(RIGHTS, 0.5), products: some(PRODUCTS, 0.5), contracts: some(CONTRACTS, 0.5) }),
);
measureCover('500 random boxes of about 2,500 contracts, 64 asked over nearly all', full, askedAll);

const four = times(500, () =>
  box({
    rights: some(RIGHTS, 0.6),
    products: some(PRODUCTS, 0.6),
    borderels: some(BORDERELS, 0.6),
    contracts: some(CONTRACTS, 0.1),
  }),
);
const askedFour = times(64, () =>
  box({
    rights: some(RIGHTS, 0.3),
    products: some(PRODUCTS, 0.3),
    borderels: some(BORDERELS, 0.3),
    contracts: some(CONTRACTS, 0.02),
  }),
);
measureCover('four lists, 500 random boxes, 64 random asked', four, askedFour);

const dated = times(500, () =>
  box({ rights: some(RIGHTS, 0.5), products: some(PRODUCTS, 0.5), contracts: some(CONTRACTS, 0.1) }, until()),
);
const askedDated = times(64, () =>
  box({ rights: RIGHTS, products: PRODUCTS, contracts: some(CONTRACTS, 0.1) }, { from: NOW, until: NOW + 86_400_000 }),
);
measureCover('500 random boxes with up to 400 end dates, 64 asked for a day', dated, askedDated);
const askedLong = times(64, () =>
  box(
    { rights: some(RIGHTS, 0.5), products: some(PRODUCTS, 0.5), contracts: some(CONTRACTS, 0.1) },
    { from: NOW, until: NOW + 300 * 86_400_000 },
  ),
);
measureCover('500 random boxes with up to 400 end dates, 64 asked for 300 days', dated, askedLong);

const turns = times(500, (i) =>
  box(
    { rights: some(RIGHTS, 0.9), products: some(PRODUCTS, 0.9), contracts: '*' },
    { from: NOW + i * 1000, until: NOW + (i + 40) * 1000 },
  ),
);
const askedTurns = times(64, () =>
  box(
    { rights: RIGHTS, products: PRODUCTS, contracts: some(CONTRACTS, 0.02) },
    { from: NOW + 40_000, until: NOW + 400_000 },
  ),
);
measureCover('500 spans of time that follow each other, 64 asked across them', turns, askedTurns);

measure('mayGive with the missing boxes: 500 random boxes, 64 random gains', () => {
  const gains = askedWide.map((one, i) => ({ receiverUserId: String(i), boxes: [one] }));
  const decision = mayGive({ at: NOW, ceiling: wide, chief: false, gains });
  return decision.ok ? 'ok' : `${decision.code}, ${decision.missing.flatMap(({ boxes }) => boxes).length} boxes`;
});
measure('equalUnions: 500 chunks, and the same cut by right', () =>
  String(
    equalUnions(
      chunks,
      RIGHTS.map((right) => box({ rights: [right], products: PRODUCTS, contracts: CONTRACTS })),
    ),
  ),
);

const label = { nl: '', fr: '', de: '', en: '' };
const app: Application = {
  key: 'app',
  codes: [],
  label,
  dimensions: ['rights', 'products', 'contracts'],
  minimum: { rights: 1, products: 1, contracts: 1 },
  rights: RIGHTS.map((key) => ({ key, label })),
  products: PRODUCTS.map((key) => ({ key, label })),
  borderels: [],
  onlyMasterContracts: false,
  profiles: ['p', 'q'].map((key, i) => ({
    key,
    label,
    cells: { rights: Object.fromEntries(RIGHTS.map((right, j) => [right, j === i ? 'X' : 'O'])) },
  })),
  profilePrecedence: ['p', 'q'],
  flatRights: false,
  admit: 'holders',
};

function heldBy(
  entitlements: readonly Entitlement[],
  application: Application,
  subscription: readonly Box[],
): RightsSnapshot {
  const assignments = entitlements.map((one, i): AssignmentSnapshot => ({
    id: String(i),
    gives: { kind: 'entitlements', entitlements: [one] },
    givenBy: { kind: 'user', id: 'g', label: 'g' },
    givenAt: 0,
    validity: ALWAYS,
    groupPath: [],
  }));
  return {
    at: NOW,
    catalogue: new Map([['app', application]]),
    user: { id: 'u', active: true, organization: { id: 'o', state: 'active', attributes: [] } },
    assignments,
    roles: new Map(),
    accounts: new Map([
      [
        'account',
        {
          id: 'account',
          owner: { id: 'o', state: 'active' },
          resources: CONTRACTS.map((number) => ({ kind: 'contracts', number, state: 'active', master: false })),
          subscription,
          chains: [],
        },
      ],
    ]),
  };
}
const noProfiles: Application = { ...app, profiles: [], profilePrecedence: [] };
const all = [box({ rights: '*', products: '*', contracts: '*' })];
const settings = { issuer: 'https://hub', accountNumber: (id: string) => id };
function measureRights(shape: string, state: RightsSnapshot): void {
  const application = state.catalogue.get('app') as Application;
  measure(`effective: ${shape}`, () => `${effectiveEntitlements(state).effective.length} entitlements`);
  const { effective } = effectiveEntitlements(state);
  measure(`ent_v: ${shape}`, () => entitlementVersion(effective));
  measure(
    `claims: ${shape}`,
    () => `${tokenClaims(effective, { ...settings, application }).authorization_details.length} elements`,
  );
  const combination = {
    rights: RIGHTS[0] as string,
    products: PRODUCTS[0] as string,
    contracts: CONTRACTS[0] as string,
  };
  measure(`explain: ${shape}`, () => {
    const { allowed, causes } = explain(state, { application: 'app', customerAccount: 'account', combination });
    return `${allowed ? 'yes' : 'no'}, ${causes.length} causes`;
  });
}
measureRights('500 of 100 contracts', heldBy(wide, noProfiles, all));
measureRights('500 of 500 contracts with end dates', heldBy(dated, noProfiles, all));
measureRights(
  '500 of 100 contracts, limit of 40 boxes',
  heldBy(
    wide,
    noProfiles,
    times(40, () => box({ rights: some(RIGHTS, 0.8), products: '*', contracts: '*' })),
  ),
);
measureRights(
  '250 + 250 of two profiles that meet',
  heldBy(
    wide.map((one, i) => {
      const profile = i % 2 === 0 ? 'p' : 'q';
      const own = new Set([...(one.values.rights ?? []), RIGHTS[i % 2] as string]);
      return { ...one, profile, values: { ...one.values, rights: [...own].sort() } };
    }),
    app,
    all,
  ),
);
