// What holds entitlements that are changed one by one: a user or a group by its assignments, a role by what it gives.
// One set of acts for all of them, so that one editor serves them; the rules stand with the acts themselves.
import type { OrganizationCtx } from '../context.ts';
import { assignmentNotFound, entitlementOf, findAssignment, type Assignment } from './assignment-row.ts';
import { ALWAYS, type Box, type Entitlement } from './box.ts';
import { effectivePart, loadActing } from './acting.ts';
import { addToRole, endRoleEntitlement, replaceRoleEntitlement } from './change-role.ts';
import { effectiveEntitlements } from './effective.ts';
import { effectiveOf, endAssignment, replaceAssignments } from './end-assignment.ts';
import { findEnded } from './ended-assignment.ts';
import type { EntitlementInput, Span } from './entitlement-input.ts';
import { findEndedRoleEntitlement, findRole, roleEntitlements, type RoleEntitlement } from './find-role.ts';
import type { Subject } from './find-subject.ts';
import { assign } from './give-rights.ts';
import type { Giver } from './snapshot.ts';
import { effectIn, standingIn, type Standing } from './standing.ts';
import { replacedBy } from './replaced-by.ts';

type RoleHolder = { readonly kind: 'role'; readonly id: string };
export type Holder = Subject | RoleHolder;

/** One entitlement as it stands. Its id is its version: a change ends it and begins another. */
export type HeldEntitlement = {
  readonly id: string;
  readonly entitlement: Entitlement;
  readonly givenBy: Giver;
  readonly givenAt: Date;
};

export type EndedEntitlement = {
  readonly held: HeldEntitlement;
  readonly endedBy: Giver;
  readonly endedAt: Date;
  /** What stands now and was given in its place, by however many changes; empty where nothing was. */
  readonly successors: readonly HeldEntitlement[];
};

export type GivenEntitlement = EntitlementInput & Span;
type Consent = { readonly consent: boolean };

type Acts<H extends Holder> = {
  /** In the order in which they were given, each with its effect; what came by a group or a role is among them. */
  readonly standing: (ctx: OrganizationCtx, holder: H, application?: string) => Promise<Standing[]>;
  /** One that was given to the holder itself. Throws HubError `not_found`. */
  readonly find: (ctx: OrganizationCtx, holder: H, id: string) => Promise<HeldEntitlement>;
  /** Undefined for one that has not ended, is another holder's or does not exist. */
  readonly findEnded: (ctx: OrganizationCtx, holder: H, id: string) => Promise<EndedEntitlement | undefined>;
  /** What it gives at this moment. */
  readonly effect: (ctx: OrganizationCtx, holder: H) => Promise<Box[]>;
  /** The new one's id. */
  readonly give: (ctx: OrganizationCtx, holder: H, given: GivenEntitlement & Consent) => Promise<string[]>;
  readonly replace: (ctx: OrganizationCtx, id: string, given: GivenEntitlement & Consent) => Promise<string[]>;
  readonly end: (ctx: OrganizationCtx, id: string) => Promise<void>;
};

const heldOf = (assignment: Assignment): HeldEntitlement[] =>
  entitlementOf(assignment).map((entitlement) => ({
    id: assignment.id,
    entitlement,
    givenBy: assignment.givenBy as Giver,
    givenAt: assignment.givenAt,
  }));
const idsOf = (rows: readonly { readonly id: string }[]): string[] => rows.map(({ id }) => id);

const BY_ASSIGNMENT: Acts<Subject> = {
  standing: standingIn,
  find: async (ctx, subject, id) => {
    const assignment = await findAssignment(ctx, id);
    const [held] = assignment.subjectId === subject.id ? heldOf(assignment) : [];
    if (!held) throw assignmentNotFound(id);
    return held;
  },
  findEnded: async (ctx, subject, id) => {
    const ended = await findEnded(ctx, subject, id);
    const [held] = ended ? heldOf(ended.assignment) : [];
    if (!ended || !held) return undefined;
    const { endedAt, endedBy, successors } = ended;
    return { held, endedAt, endedBy: endedBy as Giver, successors: successors.flatMap(heldOf) };
  },
  effect: effectiveOf,
  give: async (ctx, subject, { consent, ...gift }) => idsOf(await assign(ctx, { subject, gifts: [gift], consent })),
  replace: async (ctx, id, { consent, ...gift }) =>
    idsOf(await replaceAssignments(ctx, { ids: [id], gifts: [gift], consent })),
  end: endAssignment,
};

const heldByRole = ({ id, entitlement, givenBy, givenAt }: RoleEntitlement): HeldEntitlement => ({
  id,
  entitlement,
  givenBy,
  givenAt,
});

const BY_ROLE: Acts<RoleHolder> = {
  standing: async (ctx, { id: roleId }, application) => {
    await findRole(ctx, roleId);
    const { snapshot } = await loadActing(ctx);
    return (await roleEntitlements(ctx, roleId))
      .filter(({ entitlement }) => application === undefined || entitlement.application === application)
      .map(({ id, entitlement, givenBy, givenAt }) => {
        const causes = [
          {
            assignmentId: id,
            givenBy,
            givenAt: givenAt.getTime(),
            validity: entitlement.validity,
            groupPath: [],
            mandates: [],
          },
        ];
        // One by one: which of two profiles counts is decided where the role meets others.
        const answer = effectiveEntitlements({
          ...snapshot,
          user: { ...snapshot.user, active: true },
          roles: new Map(),
          assignments: [
            {
              id,
              gives: { kind: 'entitlements', entitlements: [entitlement] },
              givenBy,
              givenAt: givenAt.getTime(),
              validity: ALWAYS,
              groupPath: [],
            },
          ],
        });
        return { assignmentId: id, entitlement, causes, direct: true, ...effectIn(entitlement, id, answer) };
      });
  },
  find: async (ctx, { id: roleId }, id) => {
    const found = (await roleEntitlements(ctx, roleId)).find((one) => one.id === id.toLowerCase());
    if (!found) throw assignmentNotFound(id);
    return heldByRole(found);
  },
  findEnded: async (ctx, { id: roleId }, id) => {
    const ended = await findEndedRoleEntitlement(ctx, roleId, id);
    if (!ended) return undefined;
    const replaced = await replacedBy(ctx, 'role_entitlement', { targetId: roleId, id });
    const standing = await roleEntitlements(ctx, roleId);
    return {
      held: heldByRole(ended),
      endedBy: ended.endedBy,
      endedAt: ended.endedAt,
      successors: standing.filter((one) => replaced.has(one.id)).map(heldByRole),
    };
  },
  effect: async (ctx, { id }) =>
    effectivePart(
      await loadActing(ctx),
      (await roleEntitlements(ctx, id)).map(({ entitlement }) => entitlement),
    ),
  give: async (ctx, { id: roleId }, { consent, ...entitlement }) =>
    idsOf(await addToRole(ctx, { roleId, entitlements: [entitlement], consent })),
  replace: async (ctx, id, { consent, ...entitlement }) => [
    (await replaceRoleEntitlement(ctx, { id, entitlement, consent })).id,
  ],
  end: endRoleEntitlement,
};

const isRole = (holder: Holder): holder is RoleHolder => holder.kind === 'role';

/** The acts on one holder. */
export function actsOn(holder: Holder) {
  const bound = <H extends Holder>(acts: Acts<H>, of: H) => ({
    standing: (ctx: OrganizationCtx, application?: string) => acts.standing(ctx, of, application),
    find: (ctx: OrganizationCtx, id: string) => acts.find(ctx, of, id),
    findEnded: (ctx: OrganizationCtx, id: string) => acts.findEnded(ctx, of, id),
    effect: (ctx: OrganizationCtx) => acts.effect(ctx, of),
    give: (ctx: OrganizationCtx, given: GivenEntitlement & Consent) => acts.give(ctx, of, given),
    replace: acts.replace,
    end: acts.end,
  });
  return isRole(holder) ? bound(BY_ROLE, holder) : bound(BY_ASSIGNMENT, holder);
}
