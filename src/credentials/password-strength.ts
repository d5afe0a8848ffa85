// How hard a password is to guess, in five steps: an estimate for a hint and never a rule (NIST SP 800-63B section 3.1.1.2).
// It is made in a thread of its own that ends when nobody has asked for a while; see strength-worker.ts.
import { Worker } from 'node:worker_threads';
import type { Language } from '../applications/application.ts';

/** 0 is guessed at once, 4 is not guessed. */
type Strength = 0 | 1 | 2 | 3 | 4;
export type StrengthQuestion = {
  readonly id: number;
  readonly password: string;
  readonly own: readonly string[];
  readonly language: Language;
};
export type Estimate = { readonly id: number; readonly strength: Strength };

const MOST_WAITING = 50;
const PATIENCE_MS = 5000;
const IDLE_MS = 60_000;
const SHORTEST_OWN = 3;

let thread: Worker | undefined;
let idle: NodeJS.Timeout | undefined;
let asked = 0;
const waiting = new Map<number, (strength: Strength | undefined) => void>();

function endThread(): void {
  const ending = thread;
  thread = undefined;
  for (const answer of waiting.values()) answer(undefined);
  void ending?.terminate();
}

function startThread(): Worker {
  const started = new Worker(new URL('./strength-worker.ts', import.meta.url), { execArgv: [] });
  started.on('message', ({ id, strength }: Estimate) => waiting.get(id)?.(strength));
  started.on('error', () => thread === started && endThread());
  // A hint keeps no process alive; listening to a thread would hold it again.
  started.unref();
  return started;
}

/** Whole names and their words: an attacker tries both. */
const wordsOf = (own: readonly string[]): string[] => [
  ...new Set(
    own.flatMap((name) => [name, ...name.split(/[^\p{L}\p{N}]+/u)]).filter((one) => one.length >= SHORTEST_OWN),
  ),
];

/** `own`: names of the person, of his company and of the portal. Undefined: too many are asking, or it took too long. */
export function passwordStrength(
  password: string,
  { own, language }: { own: readonly string[]; language: Language },
): Promise<Strength | undefined> {
  if (waiting.size >= MOST_WAITING) return Promise.resolve(undefined);
  clearTimeout(idle);
  idle = setTimeout(endThread, IDLE_MS).unref();
  thread ??= startThread();
  const id = asked++;
  const question: StrengthQuestion = { id, password: password.normalize('NFC'), own: wordsOf(own), language };
  thread.postMessage(question);
  return new Promise((resolve) => {
    const late = setTimeout(endThread, PATIENCE_MS);
    waiting.set(id, (strength) => {
      clearTimeout(late);
      waiting.delete(id);
      resolve(strength);
    });
  });
}
