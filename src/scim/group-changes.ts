// PATCH operations on a group -> what becomes of its attributes, and set changes of its members that cost
// the same at any size (RFC 7644 section 3.5.2). Folded in order; it reads no member.
import type { Json } from '../provisioning/attribute.ts';
import type { ResolvedFilter } from '../provisioning/filter-ast.ts';
import { runAtOnce, runInTurns } from '../provisioning/turns.ts';
import { isObject } from './attribute-value.ts';
import { badRequest } from './errors.ts';
import type { PatchOperation } from './patch.ts';

/**
 * Carried out in this order: the members are `replaceWith`, where given, else those that are there; `remove`
 * goes, `add` comes (no id is in both), then whoever satisfies one of `removeWhere` goes. Ids are in lower
 * case. The filters are over one element of `members`.
 */
export type MemberChange = {
  readonly replaceWith?: readonly string[];
  readonly add: readonly string[];
  readonly remove: readonly string[];
  readonly removeWhere: readonly ResolvedFilter[];
};

export type GroupChanges = {
  readonly displayName?: string;
  /** null: it has none any more. */
  readonly externalId?: string | null;
  /** One after the other; more than one only where something follows a `removeWhere`. */
  readonly members: readonly MemberChange[];
};

type Draft = { replaceWith?: Set<string>; add: Set<string>; remove: Set<string>; removeWhere: ResolvedFilter[] };

/** The effect of the operations, the same as one after the other. Throws `mutability` for a changed member. */
export const groupChanges = (operations: readonly PatchOperation[]): GroupChanges => runAtOnce(changeSteps(operations));

/** The same in turns with others. */
export const groupChangesInTurns = (operations: readonly PatchOperation[]): Promise<GroupChanges> =>
  runInTurns(changeSteps(operations));

const STEP = 1000;

function* changeSteps(operations: readonly PatchOperation[]): Generator<void, GroupChanges> {
  const attributes: { displayName?: string; externalId?: string | null } = {};
  let changes: Draft[] = [];
  for (const operation of operations) {
    yield;
    const { key } = operation.attribute;
    if (key === 'members') changes = yield* changeMembers(changes, operation);
    else if (key === 'displayName' && operation.op !== 'remove') attributes.displayName = String(operation.value);
    else if (key === 'externalId') attributes.externalId = operation.op === 'remove' ? null : String(operation.value);
  }
  return { ...attributes, members: changes.map(finished) };
}

function finished({ replaceWith, add, remove, removeWhere }: Draft): MemberChange {
  return { ...(replaceWith ? { replaceWith: [...replaceWith] } : {}), add: [...add], remove: [...remove], removeWhere };
}

function* changeMembers(changes: Draft[], operation: PatchOperation): Generator<void, Draft[]> {
  if (operation.op === 'remove') {
    const named = operation.values
      ? yield* idsOf(operation.values)
      : operation.filter
        ? idsNamed(operation.filter)
        : undefined;
    if (named) return yield* removeIds(changes, named);
    // Whatever was decided before is void.
    if (!operation.filter) return [replacement([])];
    return removeWhere(changes, operation.filter);
  }
  if (operation.filter) {
    const named = operation.op === 'add' ? idsNamed(operation.filter) : undefined;
    if (named?.length !== 1)
      throw badRequest('mutability', 'Members are immutable: remove the member and add another.');
    return yield* addIds(changes, named);
  }
  const ids = yield* idsOf(Array.isArray(operation.value) ? (operation.value as readonly Json[]) : [operation.value]);
  return operation.op === 'replace' ? [replacement(ids)] : yield* addIds(changes, ids);
}

function replacement(ids: readonly string[]): Draft {
  return { replaceWith: new Set(ids), add: new Set(), remove: new Set(), removeWhere: [] };
}

/** The change that the next operation may be folded into. */
function open(changes: Draft[]): { all: Draft[]; last: Draft } {
  const last = changes.at(-1);
  if (last && last.removeWhere.length === 0) return { all: changes, last };
  const next: Draft = { add: new Set(), remove: new Set(), removeWhere: [] };
  return { all: [...changes, next], last: next };
}

function* addIds(changes: Draft[], ids: readonly string[]): Generator<void, Draft[]> {
  const { all, last } = open(changes);
  for (const [at, id] of ids.entries()) {
    if (at % STEP === STEP - 1) yield;
    if (last.replaceWith) last.replaceWith.add(id);
    else {
      last.add.add(id);
      last.remove.delete(id);
    }
  }
  return all;
}

function* removeIds(changes: Draft[], ids: readonly string[]): Generator<void, Draft[]> {
  // Two removals in either order are the same, so no new change is opened for this one.
  const last = changes.at(-1) ?? { add: new Set<string>(), remove: new Set<string>(), removeWhere: [] };
  for (const [at, id] of ids.entries()) {
    if (at % STEP === STEP - 1) yield;
    if (last.replaceWith) last.replaceWith.delete(id);
    else {
      last.add.delete(id);
      last.remove.add(id);
    }
  }
  return changes.length === 0 ? [last] : changes;
}

function removeWhere(changes: Draft[], filter: ResolvedFilter): Draft[] {
  const last = changes.at(-1) ?? { add: new Set<string>(), remove: new Set<string>(), removeWhere: [] };
  last.removeWhere.push(filter);
  return changes.length === 0 ? [last] : changes;
}

/** The ids of `value eq "a" or value eq "b"`; undefined for any other filter. */
function idsNamed(filter: ResolvedFilter): string[] | undefined {
  if (filter.kind === 'or') {
    const parts = filter.terms.map(idsNamed);
    return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
  }
  const names = filter.kind === 'compare' && filter.operator === 'eq' && filter.target.key === 'members.value';
  return names ? [String(filter.value)] : undefined;
}

function* idsOf(values: readonly Json[]): Generator<void, string[]> {
  const ids: string[] = [];
  for (const [at, value] of values.entries()) {
    if (at % STEP === STEP - 1) yield;
    const id = isObject(value) ? value['value'] : value;
    if (typeof id === 'string') ids.push(id.toLowerCase());
  }
  return ids;
}
