// Long lists without holding the event loop: other requests have their turn every few milliseconds.
import { setImmediate as turn } from 'node:timers/promises';

const PORTION_MS = 8;
/** So many of a list are done between two looks at the clock. */
const LOOK_EVERY = 500;

type Pace = () => Promise<void> | undefined;

/** To be called now and then: it lets others have their turn when the last time was long ago. `await pace()` */
export function startPace(): Pace {
  let begun = performance.now();
  return () => {
    if (performance.now() - begun < PORTION_MS) return undefined;
    return turn().then(() => {
      begun = performance.now();
    });
  };
}

export async function eachInTurns<T>(
  list: Iterable<T>,
  each: (one: T) => void,
  pace: Pace = startPace(),
): Promise<void> {
  let done = 0;
  for (const one of list) {
    each(one);
    done += 1;
    if (done % LOOK_EVERY === 0) await pace();
  }
}

/** Runs what yields now and then. */
export async function runInTurns<R>(steps: Generator<void, R>): Promise<R> {
  const pace = startPace();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await pace();
  }
}

/** The same at a stretch, for what is known to be short. */
export function runAtOnce<R>(steps: Generator<void, R>): R {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
