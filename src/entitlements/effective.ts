// What a user holds at one instant and why, and what he was given that has no effect and why not. The only place
// that computes it: tokens, ceilings, screens and "who gave me this?" all read this answer.
import type { Application, Dimension } from '../applications/application.ts';
import type { ErrorCode } from '../errors.ts';
import { profileOf } from './accept.ts';
import type { Entitlement, Validity, Values } from './box.ts';
import { missing } from './covers.ts';
import { intersectUnion, withoutContained } from './intersect.ts';
import { keepMinimum, keepProfile } from './keep-profile.ts';
import { limitsAbove, type Limit } from './limits-above.ts';
import { outrank, type Outranked } from './precedence.ts';
import type { AccountSnapshot, AssignmentSnapshot, Giver, GroupStep, RightsSnapshot } from './snapshot.ts';
import { intersectValidity, isValidAt } from './validity.ts';
import { valueRule, type ValueRule } from './value-rule.ts';

/** More for one user and application are refused when they are given. */
export const MAX_EFFECTIVE = 500;

export type Cause = {
  readonly assignmentId: string;
  readonly givenBy: Giver;
  readonly givenAt: number;
  /** Of the assignment itself. */
  readonly validity: Validity;
  /** From the user's own group up to the assigned one; empty: given to the user himself. */
  readonly groupPath: readonly GroupStep[];
  readonly role?: { readonly id: string; readonly name: string };
  /** Mandates from the owner's down to the one received; empty on an own customer account. */
  readonly mandates: readonly string[];
};

export type EffectiveEntitlement = {
  /** Its validity is the common part of all that it rests on, so its end is the first end above it. */
  readonly entitlement: Entitlement;
  /** Present when it is held for another organization. */
  readonly forOrganization?: { readonly id: string; readonly via: readonly string[] };
  /** One per path by which the assignment reaches the user; never empty. */
  readonly causes: readonly Cause[];
};

/** Why something given has no effect at the moment, beside the codes of errors.ts. */
export const WITHHELD_CODES = [
  'user_inactive',
  'organization_suspended',
  'owner_suspended',
  'not_yet_valid',
  'ended',
  'outside_subscription',
  'outside_mandates',
] as const;

/** An ErrorCode: a value rule; profile_broken, minimum_missing; profile_conflict: a stronger profile stands there. */
export type WithheldCode = ErrorCode | (typeof WITHHELD_CODES)[number];

export type Withheld = {
  readonly code: WithheldCode;
  /** What has no effect; where single values dropped out, only those stand in their list. */
  readonly entitlement: Entitlement;
  /** The list whose values dropped out; absent where the reason is not one of single values. */
  readonly dimension?: Dimension;
  readonly causes: readonly Cause[];
};

export type Effective = { readonly effective: readonly EffectiveEntitlement[]; readonly withheld: readonly Withheld[] };

/** What an assignment gives the user before anything is cut. */
export type Assigned = { readonly entitlement: Entitlement; readonly causes: readonly Cause[] };

/** All entitlements of all assignments, one entry per assignment and entitlement; causes do not name mandates yet. */
export function assignedIn(snapshot: RightsSnapshot): Assigned[] {
  return [...Map.groupBy(snapshot.assignments, (assignment) => assignment.id).values()].flatMap((paths) => {
    const { gives, validity } = paths[0] as AssignmentSnapshot;
    const role = gives.kind === 'role' ? snapshot.roles.get(gives.roleId) : undefined;
    const given = gives.kind === 'role' ? (role?.entitlements ?? []) : gives.entitlements;
    const causes = paths.map((path): Cause => ({
      assignmentId: path.id,
      givenBy: path.givenBy,
      givenAt: path.givenAt,
      validity: path.validity,
      groupPath: path.groupPath,
      ...(role === undefined ? {} : { role: { id: role.id, name: role.name } }),
      mandates: [],
    }));
    return given.flatMap((entitlement) => {
      const common = intersectValidity(entitlement.validity, validity);
      return common === null ? [] : [{ entitlement: { ...entitlement, validity: common }, causes }];
    });
  });
}

/** Applications in which one user would hold more than `MAX_EFFECTIVE`; whoever gives is then refused with `too_many`. */
export function overfull(effective: readonly EffectiveEntitlement[]): string[] {
  return [...Map.groupBy(effective, ({ entitlement }) => entitlement.application)].flatMap(([application, held]) =>
    held.length > MAX_EFFECTIVE ? [application] : [],
  );
}

/** Everything at once; `of` narrows the work to one application. */
export function effectiveEntitlements(snapshot: RightsSnapshot, of?: { readonly application: string }): Effective {
  const cut = new Cut(snapshot);
  for (const assigned of assignedIn(snapshot)) {
    if (of === undefined || of.application === assigned.entitlement.application) cut.add(assigned);
  }
  return cut.settle();
}

/** One computation: what stands above an account and which values are refused there is worked out once. */
class Cut {
  readonly #snapshot: RightsSnapshot;
  readonly #limits = new Map<string, readonly Limit[]>();
  readonly #rules = new Map<string, ValueRule>();
  readonly #effective: EffectiveEntitlement[] = [];
  readonly #withheld: Withheld[] = [];

  constructor(snapshot: RightsSnapshot) {
    this.#snapshot = snapshot;
  }

  add(assigned: Assigned): void {
    const { entitlement, causes } = assigned;
    const withhold = (code: WithheldCode, what = entitlement): void => {
      this.#withheld.push({ code, entitlement: what, causes });
    };
    const account = this.#snapshot.accounts.get(entitlement.customerAccount);
    const application = this.#snapshot.catalogue.get(entitlement.application);
    const refusal = this.#refusal(entitlement, application, account);
    if (refusal !== null) return withhold(refusal);
    if (account === undefined || application === undefined) return;

    const whole = this.#dropValues(assigned, application, account);
    if (whole === null) return;
    const limits = this.#limitsOn(account, application);
    const isOwn = account.owner.id === this.#snapshot.user.organization.id;
    const cut = limits.map((limit) => ({ limit, pieces: intersectUnion(whole, limit.boxes) }));
    const pieces = withoutContained(cut.flatMap((part) => part.pieces));
    if (pieces.length === 0) return withhold(isOwn ? 'outside_subscription' : 'outside_mandates', whole);

    const faithful = keepProfile(profileOf(application, entitlement.profile), whole, pieces);
    const kept = keepMinimum(application, faithful);
    if (faithful !== pieces) this.#lost('profile_broken', pieces, faithful, causes);
    if (kept !== faithful) this.#lost('minimum_missing', faithful, kept, causes);
    for (const { limit, pieces: own } of cut) {
      const held = kept === pieces ? own : withoutContained(own.flatMap((piece) => intersectUnion(piece, kept)));
      for (const piece of held) {
        this.#effective.push({
          entitlement: piece,
          ...(isOwn ? {} : { forOrganization: { id: account.owner.id, via: limit.via } }),
          causes: isOwn ? causes : causes.map((cause) => ({ ...cause, mandates: limit.via })),
        });
      }
    }
  }

  /** Settles two profiles on one contract; call it last. */
  settle(): Effective {
    const places = Map.groupBy(this.#effective, ({ entitlement }) =>
      JSON.stringify([entitlement.application, entitlement.customerAccount]),
    );
    const effective = [...places.values()].flatMap((together) => {
      const { application: key, customerAccount } = (together[0] as EffectiveEntitlement).entitlement;
      const application = this.#snapshot.catalogue.get(key) as Application;
      if (new Set(together.map(({ entitlement }) => entitlement.profile)).size < 2) return together;
      const all = together.map(({ entitlement }) => entitlement);
      const resources = this.#snapshot.accounts.get(customerAccount)?.resources ?? [];
      const outranked = outrank(application, all, resources);
      return together.flatMap((one, i) => {
        const { kept, withheld } = outranked[i] as Outranked;
        for (const entitlement of withheld) {
          this.#withheld.push({ code: 'profile_conflict', entitlement, causes: one.causes });
        }
        const lasting = keepMinimum(application, kept);
        if (lasting !== kept) this.#lost('minimum_missing', kept, lasting, one.causes);
        return lasting.map((entitlement) => ({ ...one, entitlement }));
      });
    });
    return { effective, withheld: this.#withheld };
  }

  /** Why the entitlement as a whole gives nothing, whatever its values. */
  #refusal(
    entitlement: Entitlement,
    application: Application | undefined,
    account: AccountSnapshot | undefined,
  ): WithheldCode | null {
    const { user, at } = this.#snapshot;
    if (!user.active) return 'user_inactive';
    if (user.organization.state !== 'active') return 'organization_suspended';
    if (!isValidAt(entitlement.validity, at)) {
      return entitlement.validity.from !== null && entitlement.validity.from > at ? 'not_yet_valid' : 'ended';
    }
    if (application === undefined) return 'unknown_application';
    if (account === undefined) return 'outside_mandates';
    if (account.owner.state !== 'active') return 'owner_suspended';
    if (application.profiles.length > 0 && profileOf(application, entitlement.profile) === undefined) {
      return 'profile_required';
    }
    return null;
  }

  /** Values that the catalogue, the organization or the resources no longer allow drop out; null where a list is left empty. */
  #dropValues(
    { entitlement, causes }: Assigned,
    application: Application,
    account: AccountSnapshot,
  ): Entitlement | null {
    const rule = this.#ruleFor(entitlement, application, account);
    const values: Partial<Record<Dimension, Values>> = {};
    let dropped = false;
    for (const dimension of application.dimensions) {
      const given = entitlement.values[dimension] ?? [];
      const lost = new Map<ErrorCode, string[]>();
      for (const value of given === '*' ? ['*'] : given) {
        const code = rule.refusal(dimension, value);
        if (code === null) continue;
        const sofar = lost.get(code);
        if (sofar === undefined) lost.set(code, [value]);
        else sofar.push(value);
      }
      for (const [code, list] of lost) {
        const entitlementLost = { ...entitlement, values: { ...entitlement.values, [dimension]: list } };
        this.#withheld.push({ code, entitlement: entitlementLost, dimension, causes });
      }
      values[dimension] = given;
      if (lost.size === 0) continue;
      const gone = new Set([...lost.values()].flat());
      values[dimension] = given === '*' ? [] : given.filter((value) => !gone.has(value));
      dropped = true;
    }
    if (application.dimensions.some((dimension) => values[dimension]?.length === 0)) {
      this.#withheld.push({ code: 'minimum_missing', entitlement, causes });
      return null;
    }
    return dropped || Object.keys(entitlement.values).length > application.dimensions.length
      ? { ...entitlement, values }
      : entitlement;
  }

  #lost(
    code: WithheldCode,
    before: readonly Entitlement[],
    after: readonly Entitlement[],
    causes: readonly Cause[],
  ): void {
    for (const piece of before) {
      for (const box of missing(after, piece)) this.#withheld.push({ code, entitlement: { ...piece, ...box }, causes });
    }
  }

  #limitsOn(account: AccountSnapshot, application: Application): readonly Limit[] {
    const key = JSON.stringify([account.id, application.key]);
    let limits = this.#limits.get(key);
    if (limits === undefined) {
      limits = limitsAbove(account, this.#snapshot, application.key);
      this.#limits.set(key, limits);
    }
    return limits;
  }

  #ruleFor(entitlement: Entitlement, application: Application, account: AccountSnapshot): ValueRule {
    const key = JSON.stringify([account.id, application.key, entitlement.profile]);
    let rule = this.#rules.get(key);
    if (rule === undefined) {
      const profile = profileOf(application, entitlement.profile);
      rule = valueRule({
        application,
        attributes: this.#snapshot.user.organization.attributes,
        resources: account.resources,
        ...(profile === undefined ? {} : { profile }),
      });
      this.#rules.set(key, rule);
    }
    return rule;
  }
}
