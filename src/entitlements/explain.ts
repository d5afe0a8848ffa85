// "Can this user do this, and who gave it to him?" for one combination. The causes are complete: withdrawing all
// of them makes the answer no, withdrawing anything else leaves it.
import { RESOURCE_DIMENSIONS, type Dimension } from '../applications/application.ts';
import { profileOf } from './accept.ts';
import type { Box, Entitlement, Values } from './box.ts';
import {
  effectiveEntitlements,
  type Cause,
  type Effective,
  type EffectiveEntitlement,
  type Withheld,
} from './effective.ts';
import { limitsAbove } from './limits-above.ts';
import type { RightsSnapshot } from './snapshot.ts';
import { mandatoryValues } from './value-rule.ts';

export type Question = {
  readonly application: string;
  readonly customerAccount: string;
  /** One value for each dimension of the application. */
  readonly combination: Readonly<Partial<Record<Dimension, string>>>;
};

export type Explanation = {
  readonly allowed: boolean;
  /** Empty where the answer is no. One per assignment, path and chain of mandates. */
  readonly causes: readonly Cause[];
  /** What was given for this combination and has no effect; it may stand beside a yes from elsewhere. */
  readonly withheld: readonly Withheld[];
};

/** A value that is no active resource or no value of the catalogue is never allowed, also not by `"*"`. */
export function explain(whole: RightsSnapshot, question: Question): Explanation {
  const snapshot = narrow(whole, question);
  const answer = effectiveEntitlements(snapshot, question);
  const withheld = answer.withheld.filter(({ entitlement }) => allows(entitlement, question));
  let giving = givingIn(answer, snapshot, question);
  if (giving.length === 0) return { allowed: false, causes: [], withheld };
  const causes = new Map<string, Cause>();
  let left = snapshot;
  // A stronger profile may hide another assignment that would give the same: it is a cause as well, so look beneath.
  while (giving.length > 0) {
    for (const cause of giving.flatMap((one) => withSupport(one, left, question))) {
      causes.set(
        JSON.stringify([cause.assignmentId, cause.groupPath.map(({ id }) => id), cause.role?.id, cause.mandates]),
        cause,
      );
    }
    const cited = new Set([...causes.values()].map(({ assignmentId }) => assignmentId));
    left = { ...snapshot, assignments: snapshot.assignments.filter(({ id }) => !cited.has(id)) };
    giving = givingIn(effectiveEntitlements(left, question), left, question);
  }
  return { allowed: true, causes: [...causes.values()], withheld };
}

/** Does the box allow the combination? Time is not asked, nor are the dimensions in `loose`. */
function allows(box: Box, question: Question, loose: readonly string[] = []): boolean {
  const holds = (values: Values | undefined, value: string | undefined): boolean =>
    value !== undefined && (values === '*' || (values ?? []).includes(value));
  return (
    box.application === question.application &&
    box.customerAccount === question.customerAccount &&
    Object.entries(box.values).every(
      ([dimension, values]) => loose.includes(dimension) || holds(values, question.combination[dimension as Dimension]),
    )
  );
}

/**
 * Profiles meet and are kept contract by contract, so only what reaches the asked one matters. Where an application wants two resources or
 * more in an entitlement, they hang together and all stay.
 */
function narrow(snapshot: RightsSnapshot, question: Question): RightsSnapshot {
  const minimum = snapshot.catalogue.get(question.application)?.minimum ?? {};
  if (RESOURCE_DIMENSIONS.some((dimension) => (minimum[dimension] ?? 1) > 1)) return snapshot;
  const reaching = (entitlements: readonly Entitlement[]): Entitlement[] =>
    entitlements.flatMap((entitlement) => {
      if (entitlement.application !== question.application) return [];
      if (entitlement.customerAccount !== question.customerAccount) return [];
      const values = { ...entitlement.values };
      for (const dimension of RESOURCE_DIMENSIONS) {
        const held = values[dimension];
        const asked = question.combination[dimension];
        // "*" stays as it is: by its form some applications refuse it.
        if (held === undefined || held === '*' || asked === undefined) continue;
        if (!held.includes(asked)) return [];
        values[dimension] = [asked];
      }
      return [{ ...entitlement, values }];
    });
  return {
    ...snapshot,
    assignments: snapshot.assignments.map((one) =>
      one.gives.kind === 'role'
        ? one
        : { ...one, gives: { ...one.gives, entitlements: reaching(one.gives.entitlements) } },
    ),
    roles: new Map(
      [...snapshot.roles].map(([id, role]) => [id, { ...role, entitlements: reaching(role.entitlements) }]),
    ),
  };
}

function givingIn({ effective }: Effective, snapshot: RightsSnapshot, question: Question): EffectiveEntitlement[] {
  const resources = snapshot.accounts.get(question.customerAccount)?.resources ?? [];
  const isLive = (dimension: 'contracts' | 'billing_addresses'): boolean => {
    const number = question.combination[dimension];
    return (
      number === undefined ||
      resources.some((one) => one.kind === dimension && one.number === number && one.state === 'active')
    );
  };
  if (!isLive('contracts') || !isLive('billing_addresses')) return [];
  return effective.filter(({ entitlement }) => allows(entitlement, question));
}

/** The causes, and on a foreign account also each chain of mandates that brings what the profile demands beside it. */
function withSupport(one: EffectiveEntitlement, snapshot: RightsSnapshot, question: Question): Cause[] {
  const account = snapshot.accounts.get(question.customerAccount);
  const application = snapshot.catalogue.get(question.application);
  if (one.forOrganization === undefined || account === undefined || application === undefined) return [...one.causes];
  let beside = [question];
  for (const [dimension, values] of mandatoryValues(profileOf(application, one.entitlement.profile))) {
    beside = beside.flatMap((q) => [
      q,
      ...values.map((value) => ({ ...q, combination: { ...q.combination, [dimension]: value } })),
    ]);
  }
  // Where a list must keep two values or more, any chain may bring the second.
  const counted = Object.entries(application.minimum).flatMap(([dimension, least]) => (least > 1 ? [dimension] : []));
  const chains = limitsAbove(account, snapshot, question.application).filter(({ boxes }) =>
    boxes.some((box) => beside.some((q) => allows(box, q, counted))),
  );
  return chains.flatMap(({ via }) => one.causes.map((cause) => ({ ...cause, mandates: via })));
}
