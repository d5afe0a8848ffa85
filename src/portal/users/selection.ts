// One act on several people: a page that lists who is concerned, and for whom it is not possible and why; then the act. One
// refusal does not undo the others, and nothing happens before the second page is confirmed. What is given, joined or left is one
// act for all of them. Rights that are composed first: give-selected.ts. What works in the background: bulk-act-pages.ts.
import type { Request, Response } from 'express';
import type { OrganizationCtx } from '../../context.ts';
import { label } from '../../applications/catalogue.ts';
import { BULK_ACTS, MOST_PEOPLE, type BulkActKind } from '../../bulk-acts/bulk-act-kinds.ts';
import { prepareBulkAct } from '../../bulk-acts/prepare-bulk-act.ts';
import { loadActing, type Acting } from '../../entitlements/acting.ts';
import { checkAdministers } from '../../entitlements/check-administers.ts';
import { refusalCode } from '../../entitlements/change-administration-rights.ts';
import { giftsOf } from '../../entitlements/copy-rights.ts';
import { effectiveEntitlements } from '../../entitlements/effective.ts';
import { listRoles } from '../../entitlements/find-role.ts';
import { giveToMany, MOST_RECEIVERS, previewGivingToMany } from '../../entitlements/give-to-many.ts';
import type { Gift } from '../../entitlements/give-rights.ts';
import type { ErrorCode, HubError } from '../../errors.ts';
import { changeMembershipOfMany, previewMembershipOfMany } from '../../groups/change-membership-of-many.ts';
import { listOwnGroups } from '../../groups/list-own-groups.ts';
import type { ListedUser } from '../../users/listed-user.ts';
import { languageOf } from '../../web/page.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formFields, refusalOf } from '../../web/refusal.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';
import { BULK_PATH } from './bulk-act-pages.ts';
import { giveSelectedPages } from './give-selected.ts';
import { LIST_PATH, LIST_START, listHref, readFilter } from './list-query.ts';
import { selectedUsers } from './selected.ts';

/** What is the same for all of them, and takes as long for many as for one. */
const AT_ONCE = ['join', 'leave', 'role', 'copy', 'give'] as const;
type AtOnce = (typeof AT_ONCE)[number];
const ACTS = [...BULK_ACTS, ...AT_ONCE] as const;
type Act = (typeof ACTS)[number];

const inBackground = (act: Act): act is BulkActKind => BULK_ACTS.some((one) => one === act);

type Line = { user: ListedUser; code: ErrorCode | 'already' | null };
type ManyOutcome = { readonly userId: string; readonly refusal: HubError | null; readonly already: boolean };

/** The role, or all that the actor holds in the application. */
const giftsIn = (acting: Acting, act: AtOnce, to: string): readonly Gift[] =>
  act === 'role'
    ? [{ roleId: to }]
    : giftsOf(effectiveEntitlements(acting.snapshot, { application: to }).effective, [], acting.snapshot.at);

type Doing = { readonly act: AtOnce; readonly to: string; readonly acting: Acting; readonly confirmed: boolean };

function outcomesOf(
  ctx: OrganizationCtx,
  { act, to, acting, confirmed }: Doing,
  userIds: readonly string[],
): Promise<readonly ManyOutcome[]> {
  if (act === 'join' || act === 'leave') {
    const asked = { groupId: to, userIds, to: act === 'join' ? 'in' : 'out' } as const;
    return (confirmed ? changeMembershipOfMany : previewMembershipOfMany)(ctx, asked, acting);
  }
  return (confirmed ? giveToMany : previewGivingToMany)(ctx, { userIds, gifts: giftsIn(acting, act, to) }, acting);
}

/** What is refused to everybody is refused to each. */
async function linesOf(ctx: OrganizationCtx, doing: Doing, users: readonly ListedUser[]): Promise<Line[]> {
  if (doing.to === '') return users.map((user) => ({ user, code: null }));
  let outcomes: readonly ManyOutcome[] = [];
  const code = await refusalCode(async () => {
    outcomes = await outcomesOf(
      ctx,
      doing,
      users.map(({ id }) => id),
    );
  });
  if (code !== null) return users.map((user) => ({ user, code }));
  const byId = new Map(outcomes.map((one) => [one.userId, one]));
  return users.flatMap((user): Line[] => {
    const outcome = byId.get(user.id);
    return outcome ? [{ user, code: outcome.refusal?.code ?? (outcome.already ? 'already' : null) }] : [];
  });
}

export function selectionPages(settings: PortalSettings) {
  const { site, render, catalogue } = settings;
  const { chooseWhere } = giveSelectedPages(settings);

  async function page(
    req: Request,
    res: Response,
    view: string,
    locals: Record<string, unknown>,
    status = 200,
  ): Promise<void> {
    render(
      res,
      view,
      { ...(await shellLocals(visitorOf(req), 'my_users')), listHref: LIST_PATH, ...locals },
      { status },
    );
  }

  /** The first page, and the answer of the second. */
  return async function post(req: Request, res: Response): Promise<void> {
    const { ctx } = visitorOf(req);
    await checkAdministers(ctx);
    const fields = formFields(req.body);
    const act = ACTS.find((known) => known === fields['act']);
    let users: ListedUser[];
    const background = act !== undefined && inBackground(act);
    try {
      users = await selectedUsers(ctx, req.body, background ? MOST_PEOPLE : MOST_RECEIVERS);
    } catch (error) {
      if (refusalOf(error).code !== 'too_many') throw error;
      const said = background ? 'too_many' : 'too_many_given';
      return void res.redirect(303, listHref({ ...LIST_START, ...readFilter(fields) }, {}, LIST_PATH, said));
    }
    if (!act || users.length === 0)
      return void res.redirect(303, listHref({ ...LIST_START, ...readFilter(fields) }, {}, LIST_PATH, 'none'));
    if (act === 'give') return chooseWhere(req, res, users);
    if (inBackground(act)) {
      const { id } = await prepareBulkAct(ctx, { act, userIds: users.map((user) => user.id) });
      return res.redirect(303, `${BULK_PATH}/${id}`);
    }
    // A group to join, a role or an application is chosen on the second page; the third says for whom it is possible.
    const acting = await loadActing(ctx);
    const own = new Set(effectiveEntitlements(acting.snapshot).effective.map((one) => one.entitlement.application));
    const language = languageOf(res, site);
    const { part = '' } = fields;
    const groups = act === 'join' || act === 'leave' ? await listOwnGroups(ctx, part) : undefined;
    const choices =
      groups?.groups ??
      (act === 'role'
        ? await listRoles(ctx)
        : [...catalogue.values()].flatMap((one) =>
            own.has(one.key) ? [{ id: one.key, name: label(one.label, language) }] : [],
          ));
    // Looking for another group is not choosing the one that was marked.
    const chosenTo = fields['look'] === 'yes' ? undefined : choices.find(({ id }) => id === fields['to']);
    const confirmed = fields['confirmed'] === 'yes' && chosenTo !== undefined;
    const lines = await linesOf(ctx, { act, to: chosenTo?.id ?? '', acting, confirmed }, users);
    const possible = lines.filter(({ code }) => code === null);
    const refused = lines.filter(({ code }) => code !== null);
    return page(req, res, confirmed ? 'portal/users/selection-done' : 'portal/users/selection', {
      act,
      possible,
      refused,
      choices,
      narrowing: groups && (groups.more || part !== '') ? { part, more: groups.more } : undefined,
      to: chosenTo,
      action: `${LIST_PATH}/selection`,
    });
  };
}
