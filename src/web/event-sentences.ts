// An audited event as a sentence: who did what to whom, and what of it changed. One sentence per action, in the locales.
import type { Catalogue, Language } from '../applications/application.ts';
import { label } from '../applications/catalogue.ts';
import type { AuditedEvent } from '../audit/list-events.ts';
import { namesOf } from '../audit/named-things.ts';
import type { OrganizationCtx } from '../context.ts';
import { ADMINISTRATION_RIGHTS } from '../entitlements/administration-rights-of.ts';
import type { Texts, Translate } from '../texts.ts';
import { shownChange, type ShownChange } from './event-changes.ts';
import { changedLeaves, isIdText } from './event-leaves.ts';

export type ShownEvent = {
  readonly id: string;
  readonly at: Date;
  readonly sentence: string;
  readonly via: string;
  /** What is different now, in words. */
  readonly changes: readonly ShownChange[];
  /** So many more changes are not told. */
  readonly changesLeftOut: number;
  readonly requestId: string;
  /** The page of the person it is about. */
  readonly userId: string | undefined;
};

type Facts = Readonly<Record<string, unknown>>;
const factsOf = (value: unknown): Facts =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Facts) : {};
const count = (value: unknown): number => (Array.isArray(value) ? value.length : 0);

export type Telling = {
  readonly texts: Texts;
  readonly language: Language;
  readonly t: Translate;
  readonly catalogue: Catalogue;
  readonly timeZone: string;
};

function actorName({ actor, actorName: current }: AuditedEvent, t: Translate): string {
  const { kind, label: name, actedBy } = actor;
  if (actedBy) return t('history:actor.acting', { staff: actedBy.label, name: current ?? name });
  if (current !== null) return current;
  if (kind === 'operator') return t('history:actor.operator');
  return kind === 'system' ? t('history:actor.hub') : name;
}

/** What an event about rights, members or applications names besides its target. */
function whatOf({ before, after, roleName, accountNumber }: AuditedEvent, { language, t, catalogue }: Telling): string {
  const facts = { ...factsOf(before), ...factsOf(after) };
  const name = facts['name'];
  const right = ADMINISTRATION_RIGHTS.find((known) => known === name);
  if (right) return t(`administration-rights:${right}.label`);
  // Of a support visit: who came, or to whom.
  const visitor = facts['staff'] ?? facts['customer'];
  if (typeof visitor === 'string') return visitor;
  if (roleName !== null) return t('history:what.role', { role: roleName });
  const entitlement = factsOf(facts['entitlement']);
  const [box] = (Array.isArray(facts['boxes']) ? facts['boxes'] : []) as { application?: string }[];
  const application = catalogue.get(
    String(entitlement['application'] ?? facts['application'] ?? box?.application ?? ''),
  );
  if (application) {
    const shown = label(application.label, language);
    return accountNumber === null
      ? shown
      : t('history:what.application', { application: shown, account: accountNumber });
  }
  if (typeof facts['act'] === 'string' && typeof facts['people'] === 'number')
    return t('history:what.people', { act: t(`changes:value.act.${facts['act']}`), count: facts['people'] });
  if (facts['added'] !== undefined || facts['removed'] !== undefined)
    return t('history:what.members', { added: count(facts['added']), removed: count(facts['removed']) });
  return '';
}

const doorOf = ({ actor: { kind, setupLink, actedBy }, targetKind }: AuditedEvent): string =>
  targetKind === 'received_mandate'
    ? 'organization'
    : actedBy
      ? 'support'
      : setupLink === undefined
        ? kind
        : 'setup_link';

type Changed = ReturnType<typeof changedLeaves>;

/** What ids stand for is looked up in one statement, however many events there are. */
export async function shownEvents(
  ctx: OrganizationCtx,
  events: readonly AuditedEvent[],
  telling: Telling,
): Promise<ShownEvent[]> {
  const changed = events.map((event) => ({ event, changed: changedLeaves(event) }));
  const leaves = changed.flatMap((one) => one.changed.leaves);
  const textsIn = (some: typeof leaves) => some.flatMap(({ before, after }) => [...before, ...after].map(String));
  const ids = textsIn(leaves).filter(isIdText);
  const names = await namesOf(ctx, { ids, clients: textsIn(leaves.filter(({ path }) => path.at(-1) === 'client')) });
  return changed.map((one) => shownEvent(one.event, one.changed, names, telling));
}

function shownEvent(
  event: AuditedEvent,
  { leaves, leftOut }: Changed,
  names: ReadonlyMap<string, string>,
  telling: Telling,
): ShownEvent {
  const { texts, t } = telling;
  const words = { ...telling, names, about: event.action.split('.')[0] ?? '' };
  const key = `history:sentence.${event.action}`;
  const values = {
    actor: actorName(event, t),
    target: event.targetName ?? t('history:unnamed'),
    what: whatOf(event, telling),
    action: event.action,
    count: Number(factsOf(event.after)['attempts'] ?? 1),
  };
  const himself =
    event.actor.kind === 'user' &&
    !event.actor.actedBy &&
    event.actor.id === event.targetId &&
    texts.has('en', `history:himself.${event.action}`);
  return {
    id: event.id,
    at: event.at,
    sentence: t(
      himself
        ? `history:himself.${event.action}`
        : texts.has('en', key) || texts.has('en', `${key}_other`)
          ? key
          : 'history:other',
      values,
    ),
    via: t(`history:via.${doorOf(event)}`, { name: event.actor.label }),
    changes: leaves.map((leaf) => shownChange(leaf, words)),
    changesLeftOut: leftOut,
    requestId: event.requestId,
    userId: event.targetKind === 'user' && event.targetName !== null ? event.targetId : undefined,
  };
}
