// Three hundred people sign in at once: what it does to an application that asks for tokens, to the supervisor's question
// whether the hub lives, and to its memory. Whom the hub cannot take it must send away, with the time to come back.
import { setTimeout as wait } from 'node:timers/promises';
import type { DemoFile } from '../../src/demo/demo-file.ts';
import { Browser } from '../../src/walkthrough/browser.ts';
import type { Home, Hub } from '../hub-process.ts';
import { quantile, repeat, type Figures } from '../measure.ts';
import type { Row } from '../report.ts';
import { crowd, type Person } from './people.ts';
import { nativeClient, signIn, TurnedAway } from './person.ts';

const PEOPLE = 300;
const TOKEN_P99_MS = 100;
const LIVEZ_P99_MS = 100;
const GROWTH_MB = 200;
const NOTHING: Figures = { rate: NaN, p50: NaN, p99: NaN, cpu: NaN };

/** @param tokens token requests for so many seconds, one after the other */
export async function storm(
  { hub, home, demo }: { hub: Hub; home: Home; demo: DemoFile },
  seconds: number,
  tokens: (seconds: number) => Promise<Figures>,
): Promise<Row[]> {
  const on = `${PEOPLE} people at once`;
  const people = await crowd(home, demo, PEOPLE);
  const alone = await tokens(seconds);
  const before = await hub.memory();
  const all = gather(demo, people, seconds + 2);
  const [figures, live, most] = await Promise.all([tokens(seconds), ask(hub, seconds), watch(hub, seconds)]);
  const { signedIn, turnedAway, took } = await all;
  const budget = Math.max(TOKEN_P99_MS, 3 * alone.p99);
  const row = (scenario: string, value: number, unit: string, limit: number): Row => ({
    scenario,
    on: `${on}: ${value.toFixed(0)} ${unit}`,
    figures: NOTHING,
    value,
    budget: `< ${limit.toFixed(0)} ${unit}`,
    ok: value < limit,
  });
  return [
    { scenario: 'oidc-token-in-storm', on, figures, budget: `p99 < ${budget.toFixed(0)} ms`, ok: figures.p99 < budget },
    { scenario: 'livez-in-storm', on, figures: live, budget: `p99 < ${LIVEZ_P99_MS} ms`, ok: live.p99 < LIVEZ_P99_MS },
    row('memory-in-storm', most - before, 'MB more', GROWTH_MB),
    {
      scenario: 'sign-ins-in-storm',
      on: `${on}: ${signedIn} signed in, ${turnedAway} sent away with Retry-After`,
      figures: { ...NOTHING, rate: signedIn / took },
      budget: 'no other answer',
      ok: signedIn > 0,
    },
  ];
}

/** Everybody tries again and again; another answer than a sign-in or "come back later" fails the run. */
async function gather(demo: DemoFile, people: readonly Person[], seconds: number) {
  const client = nativeClient(demo);
  const begun = performance.now();
  const count = { signedIn: 0, turnedAway: 0 };
  const go = async (person: Person) => {
    const browser = new Browser();
    while (performance.now() - begun < seconds * 1000) {
      try {
        await signIn(demo, client, person, browser);
        count.signedIn++;
      } catch (error) {
        if (!(error instanceof TurnedAway)) throw error;
        count.turnedAway++;
        // Nobody waits as long as he is asked to, but nobody types a password in no time either.
        await wait(500 + 500 * Math.random());
      }
    }
  };
  await Promise.all(people.map(go));
  return { ...count, took: (performance.now() - begun) / 1000 };
}

function ask({ origin }: Hub, seconds: number): Promise<Figures> {
  const step = async () => {
    const answer = await fetch(`${origin}/livez`, { signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error(`/livez: ${answer.status}`);
    await answer.text();
    await wait(20);
  };
  return repeat(step, { workers: 1, seconds }).then(({ rate, p50, p99, cpu }) => ({
    rate,
    p50: p50 - 20,
    p99: p99 - 20,
    cpu,
  }));
}

/** The most memory that it had, in MB. */
async function watch(hub: Hub, seconds: number): Promise<number> {
  const seen: number[] = [];
  for (const end = performance.now() + seconds * 1000; performance.now() < end; await wait(100))
    seen.push(await hub.memory());
  seen.sort((a, b) => a - b);
  return quantile(seen, 1);
}
