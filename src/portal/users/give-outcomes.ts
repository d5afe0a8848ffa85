// What giving to several people means for each of them, as the preview and the page after it say it.
import { label } from '../../applications/catalogue.ts';
import type { Entitlement } from '../../entitlements/box.ts';
import type { Outcome } from '../../entitlements/weigh-many.ts';
import type { ListedUser } from '../../users/listed-user.ts';
import { togetherFaults } from '../../web/refusal.ts';
import { missingFaults, type Fault } from '../rights/refusal-words.ts';
import type { Words } from '../rights/words.ts';

/** More combinations of one person than these are counted, not named. */
const MOST_NAMED = 6;

type Receiver = { readonly user: ListedUser; readonly outcome: Outcome };

/** Who gets it, and who does not and why, as selection-done.ejs shows it. */
export function splitOutcomes(outcomes: readonly Outcome[], users: readonly ListedUser[], words: Words) {
  const byId = new Map(users.map((user) => [user.id, user]));
  const receivers: Receiver[] = [];
  const refused: { user: ListedUser; code: string; faults: readonly Fault[] }[] = [];
  for (const outcome of outcomes) {
    const user = byId.get(outcome.userId);
    if (!user) continue;
    const { refusal, already } = outcome;
    if (!refusal && !already) receivers.push({ user, outcome });
    else {
      const missing = ((refusal?.details['missing'] ?? []) as { boxes: Entitlement[] }[]).flatMap(({ boxes }) => boxes);
      const why = refusal && refusal.code !== 'self_assignment' ? missingFaults(missing, words) : [];
      refused.push({
        user,
        code: refusal?.code ?? 'already',
        faults: [...togetherFaults(refusal?.details ?? {}), ...why],
      });
    }
  }
  return { receivers, refused };
}

/** People to whom it means the same stand together, most of them first. */
export function groupedByGain(receivers: readonly Receiver[], words: Words) {
  const shown = receivers.map(({ user, outcome: { gained, withheld } }) => ({
    user,
    lines: gained.slice(0, MOST_NAMED).map((box) => words.sentence(box)),
    more: Math.max(0, gained.length - MOST_NAMED),
    withheld,
  }));
  const alike = Map.groupBy(shown, ({ lines, more, withheld }) => JSON.stringify([lines, more, withheld]));
  return [...alike.values()]
    .toSorted((a, b) => b.length - a.length)
    .map((some) => ({ lines: [], more: 0, withheld: [], ...some[0], users: some.map(({ user }) => user) }));
}

/** What is better kept apart, and how many people would hold it together. */
export function reportedBy(receivers: readonly Receiver[], words: Words) {
  const found = receivers.flatMap(({ outcome }) => outcome.reported);
  return [...Map.groupBy(found, (one) => JSON.stringify(one)).values()].flatMap((same) =>
    same.slice(0, 1).map(({ between, customerAccountId }) => ({
      between: label(between, words.language),
      account: words.accountOf(customerAccountId).title,
      people: same.length,
    })),
  );
}
