// What the SCIM load tests ask: requests as directories send them, spread over the organizations of the population.
import type { Request } from 'autocannon';
import {
  LARGE_GROUPS,
  largeGroupId,
  patchBody,
  person,
  sizeOf,
  smallGroupId,
  token,
  userId,
  userNameOf,
  type Population,
} from '../load/population.ts';

export type Budget = {
  /** Least share of the ceiling's rate. */
  ratio?: number;
  /** Milliseconds. */
  p99?: number;
};
export type ScimScenario = {
  name: string;
  title: string;
  status: number;
  connections: number;
  budget: Budget;
  /** Only where the population has it. */
  possible?: (population: Population) => boolean;
  next: (population: Population) => () => Request;
};

/** Requests at once in a test of throughput, and in one of waiting. */
const MANY = 16;
const FEW = 4;

const any = (below: number): number => Math.floor(Math.random() * below);
// New names in every run and process: the databases are kept.
let created = 0;
const run = Date.now().toString(36);

function request(organization: number, method: string, path: string, body?: string): Request {
  const headers: Record<string, string> = { authorization: `Bearer ${token(organization)}` };
  if (body === undefined) return { method, path: `/scim/v2${path}`, headers };
  return { method, path: `/scim/v2${path}`, headers: { ...headers, 'content-type': 'application/scim+json' }, body };
}

/** One of all users, each as likely as any other. */
function anyUser(population: Population): { organization: number; n: number } {
  const first = sizeOf(population, 0);
  const drawn = any(population.users);
  if (drawn < first || population.organizations === 1) return { organization: 0, n: any(first) };
  const organization = 1 + any(population.organizations - 1);
  return { organization, n: any(sizeOf(population, organization)) };
}

/** Adds a user who is no member and takes him out again, so that the group keeps its size. */
function addAndRemove(groupId: string, population: Population, size: number): () => Request {
  const path = `/Groups/${groupId}`;
  const outside = sizeOf(population, 0) - size;
  const here: string[] = [];
  return () => {
    const goes = here.length >= MANY ? here.shift() : undefined;
    if (goes !== undefined)
      return request(0, 'PATCH', path, patchBody({ op: 'remove', path: 'members', value: [{ value: goes }] }));
    const comes = userId(0, size + any(outside));
    here.push(comes);
    return request(0, 'PATCH', path, patchBody({ op: 'add', path: 'members', value: [{ value: comes }] }));
  };
}

const lookUp: ScimScenario['next'] = (population) => () => {
  const { organization, n } = anyUser(population);
  const filter = encodeURIComponent(`userName eq "${userNameOf(organization, n)}"`).replace('%40', '@');
  return request(organization, 'GET', `/Users?filter=${filter}`);
};

const member = (size: number, groupId: string): ScimScenario => ({
  name: `scim-member-${size}`,
  title: `one member more or less in a group of ${size}`,
  status: 204,
  connections: FEW,
  budget: { p99: 20 },
  possible: (population) => sizeOf(population, 0) >= 2 * size,
  next: (population) => addAndRemove(groupId, population, size),
});

export const SCIM_SCENARIOS: readonly ScimScenario[] = [
  {
    name: 'scim-create',
    title: 'POST /Users',
    status: 201,
    connections: MANY,
    budget: { ratio: 0.5 },
    next: (population) => () => {
      const { organization, n } = anyUser(population);
      // A multiple of ten has no manager: directories send managers once all people are there.
      const body = person(organization, n - (n % 10), `${run}-${created++}`);
      return request(organization, 'POST', '/Users', JSON.stringify(body));
    },
  },
  {
    name: 'scim-read',
    title: 'GET /Users/:id, two groups and a manager',
    status: 200,
    connections: MANY,
    budget: { ratio: 0.5 },
    next: (population) => () => {
      const { organization, n } = anyUser(population);
      return request(organization, 'GET', `/Users/${userId(organization, n)}`);
    },
  },
  {
    name: 'scim-look-up',
    title: 'GET /Users?filter=userName eq',
    status: 200,
    connections: MANY,
    budget: { ratio: 0.5 },
    next: lookUp,
  },
  // How long one waits where the machine is busy and not overrun: the same with few at once.
  {
    name: 'scim-look-up-wait',
    title: 'GET /Users?filter=userName eq, 4 at once',
    status: 200,
    connections: FEW,
    budget: { p99: 10 },
    next: lookUp,
  },
  {
    name: 'scim-patch',
    title: 'PATCH /Users/:id, one attribute',
    status: 200,
    connections: MANY,
    budget: { ratio: 0.5 },
    next: (population) => () => {
      const { organization, n } = anyUser(population);
      const body = patchBody({ op: 'replace', path: 'title', value: `Manager ${created++}` });
      return request(organization, 'PATCH', `/Users/${userId(organization, n)}`, body);
    },
  },
  {
    name: 'scim-page',
    title: 'GET /Users?count=100, a page of the first thousand',
    status: 200,
    connections: FEW,
    budget: { ratio: 0.75 },
    next: (population) => () =>
      request(0, 'GET', `/Users?startIndex=${1 + 100 * any(Math.min(10, sizeOf(population, 0) / 100))}&count=100`),
  },
  member(10, smallGroupId(0, 0)),
  ...LARGE_GROUPS.map((size) => member(size, largeGroupId(size))),
];
