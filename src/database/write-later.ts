// What no request waits for: gathered in memory by whoever asks and written every few seconds, and once more when the process
// ends. A process that is killed loses its last seconds.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Logger } from 'pino';

/** What is gathered inside a transaction is written outside it, later: its connection is somebody else's then. */
const outside = AsyncLocalStorage.snapshot();

type Gathered<Row> = {
  readonly everyMs: number;
  /** Everything since the last time; the caller begins anew. */
  readonly take: () => readonly Row[];
  readonly write: (rows: readonly Row[]) => Promise<unknown>;
  /** What to say of rows that could not be written and are gone. */
  readonly lost: (log: Logger, error: unknown, rows: number) => void;
};

/** `soon`: after something was gathered. `flush` writes now; one write follows the other. Neither throws. */
export function writeLater<Row>({ everyMs, take, write, lost }: Gathered<Row>) {
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  function flush(log: Logger): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const rows = take();
    if (rows.length === 0) return writing;
    writing = outside(() =>
      writing
        .then(() => write(rows))
        .then(
          () => undefined,
          (error: unknown) => lost(log, error, rows.length),
        ),
    );
    return writing;
  }

  const soon = (log: Logger): void => {
    timer ??= outside(() => setTimeout(() => void flush(log), everyMs).unref());
  };
  return { soon, flush };
}
