// An audited event as a sentence: who did what to whom, and what of it changed. One sentence per action, in the locales.
import { ADMINISTRATION_RIGHTS } from '../entitlements/administration-rights-of.ts';
import type { Catalogue, Language } from '../applications/application.ts';
import { label } from '../applications/catalogue.ts';
import type { AuditedEvent } from '../audit/list-events.ts';
import type { Texts, Translate } from '../texts.ts';

export type ShownEvent = {
  readonly id: string;
  readonly at: Date;
  readonly sentence: string;
  readonly via: string;
  /** What is different now: a path in the record, and its value on both sides. */
  readonly changes: readonly { readonly path: string; readonly before: string; readonly after: string }[];
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
  if (facts['added'] !== undefined || facts['removed'] !== undefined)
    return t('history:what.members', { added: count(facts['added']), removed: count(facts['removed']) });
  return '';
}

const HIDDEN = new Set(['schemas', 'version']);

/** Leaves of a JSON value by path. */
function leaves(value: unknown, path: string, found: Map<string, string>): Map<string, string> {
  if (Array.isArray(value)) value.forEach((one, i) => leaves(one, `${path}[${i + 1}]`, found));
  else if (typeof value === 'object' && value !== null) {
    for (const [key, one] of Object.entries(value))
      if (!HIDDEN.has(key)) leaves(one, path === '' ? key : `${path}.${key}`, found);
  } else if (value !== undefined && value !== null) found.set(path, String(value));
  return found;
}

function changesOf({ before, after }: AuditedEvent): ShownEvent['changes'] {
  const [old, now] = [leaves(before, '', new Map()), leaves(after, '', new Map())];
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((path) => ({ path, before: old.get(path) ?? '', after: now.get(path) ?? '' }))
    .filter((change) => change.before !== change.after);
}

const doorOf = ({ actor: { kind, setupLink, actedBy }, targetKind }: AuditedEvent): string =>
  targetKind === 'received_mandate'
    ? 'organization'
    : actedBy
      ? 'support'
      : setupLink === undefined
        ? kind
        : 'setup_link';

export function shownEvent(event: AuditedEvent, telling: Telling): ShownEvent {
  const { texts, t } = telling;
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
    changes: changesOf(event),
    requestId: event.requestId,
    userId: event.targetKind === 'user' && event.targetName !== null ? event.targetId : undefined,
  };
}
