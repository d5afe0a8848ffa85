// Whether the database answers, asked anew each time: red while it is away, green as soon as it is back.
import { query } from './query.ts';

const PATIENCE_MS = 2000;

/** Resolves to false after two seconds without an answer. */
export async function databaseAnswers(): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), PATIENCE_MS)));
  const asked = query('select 1').then(
    () => true,
    () => false,
  );
  const answer = await Promise.race([asked, late]);
  clearTimeout(timer);
  return answer;
}
