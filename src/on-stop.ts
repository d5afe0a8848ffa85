// The signals that end an entry. Once: a supervisor may tell the whole group of processes, npm forwards what it is told, and
// the keeper of several processes tells its own; the second telling must not cut short what the first began.

/** Calls `stop` at the first SIGTERM or SIGINT and passes over those that follow. */
export function onStop(stop: (signal: NodeJS.Signals) => void): void {
  let told = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (!told) stop(signal);
      told = true;
    });
  }
}
