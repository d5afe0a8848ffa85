// Says what was proved, line by line, and stops at the first difference.
import { isDeepStrictEqual } from 'node:util';

export class Difference extends Error {}

/** Throws Difference unless both are equal. */
export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Difference(`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
}

/** Runs one step and prints its sentence with the time it took. */
export async function prove<T>(sentence: string, step: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await step();
  console.log(`  ✓ ${sentence} (${Math.round(performance.now() - start)} ms)`);
  return result;
}
