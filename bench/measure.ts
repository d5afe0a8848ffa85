// Drives one server with autocannon and tells how fast it answered; takes turns between the hub and the bare ceiling,
// so that both meet the same machine.
import type { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import autocannon, { type Request, type Result } from 'autocannon';

export type Server = { url: string; pid: number };
export type Load = {
  /** Makes the next request; called once per request and never for another server. */
  next: () => Request;
  connections: number;
  /** Answers with another status make the measurement void. */
  status: number;
};
/** Requests per second, milliseconds, and microseconds of the server's own processor time per request (on Linux). */
export type Figures = { rate: number; p50: number; p99: number; cpu: number };

const WARM_UP_S = 2;

/** Of numbers in ascending order; NaN of none. */
export const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;

/** Microseconds that the process has had of processors so far; NaN where /proc does not tell. */
async function cpuOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // Fields 14 and 15 in ticks of 10 ms; the name before them may hold spaces.
  const [user = NaN, system = NaN] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).map(Number);
  return (user + system) * 10_000;
}

function figuresOf(times: number[], elapsedMs: number, cpu: number): Figures {
  times.sort((a, b) => a - b);
  return {
    rate: (times.length / elapsedMs) * 1000,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    cpu: cpu / times.length,
  };
}

/** Throws when any answer was not what it should be. */
export async function drive({ url, pid }: Server, load: Load, seconds: number): Promise<Figures> {
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
  const cpu = await cpuOf(pid);
  run.on('response', (_client: unknown, status: number, _bytes: number, milliseconds: number) => {
    times.push(milliseconds);
    if (status !== load.status) wrong.set(status, (wrong.get(status) ?? 0) + 1);
  });
  const { errors, timeouts } = await run;
  const elapsed = performance.now() - start;
  const used = (await cpuOf(pid)) - cpu;
  if (wrong.size > 0 || errors > 0 || timeouts > 0) {
    throw new Error(
      `${url}: answers by status ${JSON.stringify([...wrong])}, ${errors} errors, ${timeouts} timeouts. ${example}`,
    );
  }
  return figuresOf(times, elapsed, used);
}

export const middle = (numbers: number[]): number =>
  quantile(
    [...numbers].sort((a, b) => a - b),
    0.5,
  );

export function median(figures: readonly Figures[]): Figures {
  const of = (key: keyof Figures) => middle(figures.map((one) => one[key]));
  return { rate: of('rate'), p50: of('p50'), p99: of('p99'), cpu: of('cpu') };
}

type Contender = Server & { load: Load };
export type Rounds = { rounds: number; seconds: number };

/** Each contender's figures by round. In a round all take their turn; who begins changes. */
export async function takeTurns<Name extends string>(
  contenders: Record<Name, Contender>,
  { rounds, seconds }: Rounds,
): Promise<Record<Name, Figures[]>> {
  const names = Object.keys(contenders) as Name[];
  const figures = Object.fromEntries(names.map((name) => [name, [] as Figures[]])) as Record<Name, Figures[]>;
  for (const name of names) await drive(contenders[name], contenders[name].load, WARM_UP_S);
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      figures[name].push(await drive(contenders[name], contenders[name].load, seconds));
    }
  }
  return figures;
}

type Loop = {
  workers: number;
  seconds: number;
  /** The process whose processor time is counted. */
  pid?: number;
};

/** Figures of steps that need more than one request: each worker takes one step after the other. */
export async function repeat(
  step: (worker: number) => Promise<void>,
  { workers, seconds, pid = NaN }: Loop,
): Promise<Figures> {
  const times: number[] = [];
  const cpu = await cpuOf(pid);
  const start = performance.now();
  const end = start + seconds * 1000;
  const work = async (worker: number): Promise<void> => {
    while (performance.now() < end) {
      const begun = performance.now();
      await step(worker);
      times.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));
  return figuresOf(times, performance.now() - start, (await cpuOf(pid)) - cpu);
}
