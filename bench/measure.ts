// Drives one server with autocannon and tells how fast it answered; takes turns between the hub and the bare ceiling,
// so that both meet the same machine.
import type { EventEmitter } from 'node:events';
import autocannon, { type Request, type Result } from 'autocannon';

export type Load = {
  /** Makes the next request; called once per request and never for another server. */
  next: () => Request;
  connections: number;
  /** Answers with another status make the measurement void. */
  status: number;
};
export type Figures = { rate: number; p50: number; p99: number };

const WARM_UP_S = 2;

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;

/** Requests per second and milliseconds. Throws when any answer was not what it should be. */
export async function drive(url: string, load: Load, seconds: number): Promise<Figures> {
  const times: number[] = [];
  const wrong = new Map<number, number>();
  let example = '';
  const run: EventEmitter & PromiseLike<Result> = autocannon({
    url,
    connections: load.connections,
    duration: seconds,
    requests: [
      {
        setupRequest: () => load.next(),
        onResponse: (status, body) => {
          if (status !== load.status) example ||= body.slice(0, 300);
        },
      },
    ],
  });
  const start = performance.now();
  run.on('response', (_client: unknown, status: number, _bytes: number, milliseconds: number) => {
    times.push(milliseconds);
    if (status !== load.status) wrong.set(status, (wrong.get(status) ?? 0) + 1);
  });
  const { errors, timeouts } = await run;
  const elapsed = (performance.now() - start) / 1000;
  if (wrong.size > 0 || errors > 0 || timeouts > 0) {
    throw new Error(
      `${url}: answers by status ${JSON.stringify([...wrong])}, ${errors} errors, ${timeouts} timeouts. ${example}`,
    );
  }
  times.sort((a, b) => a - b);
  return { rate: times.length / elapsed, p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

const middle = (numbers: number[]): number =>
  quantile(
    [...numbers].sort((a, b) => a - b),
    0.5,
  );

function median(figures: readonly Figures[]): Figures {
  const of = (key: keyof Figures) => middle(figures.map((one) => one[key]));
  return { rate: of('rate'), p50: of('p50'), p99: of('p99') };
}

export type Contender = { url: string; load: Load };
export type Rounds = { rounds: number; seconds: number };

/** Each contender's median over rounds in which all take their turn; who begins changes. */
export async function takeTurns<Name extends string>(
  contenders: Record<Name, Contender>,
  { rounds, seconds }: Rounds,
): Promise<Record<Name, Figures>> {
  const names = Object.keys(contenders) as Name[];
  const figures = new Map<Name, Figures[]>(names.map((name) => [name, []]));
  for (const name of names) await drive(contenders[name].url, contenders[name].load, WARM_UP_S);
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      figures.get(name)?.push(await drive(contenders[name].url, contenders[name].load, seconds));
    }
  }
  return Object.fromEntries([...figures].map(([name, all]) => [name, median(all)])) as Record<Name, Figures>;
}
