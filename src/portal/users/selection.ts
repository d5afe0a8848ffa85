// One act on several people: a page that lists who is concerned, and for whom it is not possible and why; then the act. One
// refusal does not undo the others, and nothing happens before the second page is confirmed. What is given is one act for all
// of them; the others are done one person at a time. Rights that are composed first: give-selected.ts.
import type { Request, Response } from 'express';
import type { OrganizationCtx } from '../../context.ts';
import { inviteUser } from '../../credentials/invite-user.ts';
import { label } from '../../applications/catalogue.ts';
import { loadActing, type Acting } from '../../entitlements/acting.ts';
import { checkAdministers } from '../../entitlements/check-administers.ts';
import { refusalCode } from '../../entitlements/change-administration-rights.ts';
import { checkDeactivation } from '../../entitlements/check-deactivation.ts';
import { checkJoining } from '../../entitlements/check-joining.ts';
import { checkTouching } from '../../entitlements/check-rank.ts';
import { giftsOf } from '../../entitlements/copy-rights.ts';
import { effectiveEntitlements } from '../../entitlements/effective.ts';
import { listRoles } from '../../entitlements/find-role.ts';
import { giveToMany, MOST_RECEIVERS, previewGivingToMany } from '../../entitlements/give-to-many.ts';
import type { Gift } from '../../entitlements/give-rights.ts';
import type { ErrorCode } from '../../errors.ts';
import { changeGroup } from '../../groups/change-group.ts';
import { listOwnGroups } from '../../groups/list-own-groups.ts';
import { changeUser } from '../../users/change-user.ts';
import type { ListedUser } from '../../users/listed-user.ts';
import { languageOf } from '../../web/page.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formFields, refusalOf } from '../../web/refusal.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';
import { giveSelectedPages } from './give-selected.ts';
import { LIST_PATH, LIST_START, listHref, readFilter } from './list-query.ts';
import { selectedUsers } from './selected.ts';

const ACTS = ['deactivate', 'invite', 'join', 'role', 'copy', 'give'] as const;
type Act = (typeof ACTS)[number];
/** What gives the same to all of them, and takes as long for many as for one. */
const GIVING: readonly Act[] = ['role', 'copy', 'give'];

/** Of the others more would keep a person waiting for an answer; a narrower filter does the rest. */
const MOST = 200;

type Line = { user: ListedUser; code: ErrorCode | 'already' | 'himself' | null };

/** Not those for whom there is nothing to do. */
function isDone(act: Act, user: ListedUser): boolean {
  if (act === 'deactivate') return user.state === 'deactivated';
  return act === 'invite' ? user.state === 'active' || user.state === 'deactivated' : false;
}

/** `to`: the group that they join. */
type Doing = { readonly act: Act; readonly to: string };

async function preview(ctx: OrganizationCtx, { act, to }: Doing, user: ListedUser): Promise<Line['code']> {
  if (isDone(act, user)) return 'already';
  // It would end the very act: whoever means it does it on his own page.
  if (act === 'deactivate' && user.id === ctx.actor.id) return 'himself';
  if (act === 'deactivate') return refusalCode(() => checkDeactivation(ctx, user.id));
  if (act === 'invite') return refusalCode(() => checkTouching(ctx, user.id, 'send_link'));
  return to === '' ? null : refusalCode(() => checkJoining(ctx, to, [user.id]));
}

async function perform(ctx: OrganizationCtx, { act, to }: Doing, user: ListedUser): Promise<Line['code']> {
  if (isDone(act, user)) return 'already';
  if (act === 'deactivate' && user.id === ctx.actor.id) return 'himself';
  return refusalCode(async () => {
    if (act === 'deactivate') await changeUser(ctx, user.id, (document) => ({ ...document, active: false }));
    else if (act === 'invite') await inviteUser(ctx, { userId: user.id });
    else await changeGroup(ctx, to, { steps: [{ add: [user.id], remove: [] }] });
  });
}

/** The role, or all that the actor holds in the application. */
const giftsIn = (acting: Acting, act: Act, to: string): readonly Gift[] =>
  act === 'role'
    ? [{ roleId: to }]
    : giftsOf(effectiveEntitlements(acting.snapshot, { application: to }).effective, [], acting.snapshot.at);

/** What is refused to everybody is refused to each. */
async function give(
  act: typeof giveToMany,
  ctx: OrganizationCtx,
  users: readonly ListedUser[],
  { gifts, acting }: { readonly gifts: readonly Gift[]; readonly acting: Acting },
): Promise<Line[]> {
  const refused = (code: ErrorCode): Line[] => users.map((user) => ({ user, code }));
  let outcomes: Awaited<ReturnType<typeof giveToMany>> = [];
  const code = await refusalCode(async () => {
    outcomes = await act(ctx, { userIds: users.map(({ id }) => id), gifts }, acting);
  });
  if (code !== null) return refused(code);
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
    try {
      users = await selectedUsers(ctx, req.body, act && GIVING.includes(act) ? MOST_RECEIVERS : MOST);
    } catch (error) {
      if (refusalOf(error).code !== 'too_many') throw error;
      const said = act && GIVING.includes(act) ? 'too_many_given' : 'too_many';
      return void res.redirect(303, listHref({ ...LIST_START, ...readFilter(fields) }, {}, LIST_PATH, said));
    }
    if (!act || users.length === 0)
      return void res.redirect(303, listHref({ ...LIST_START, ...readFilter(fields) }, {}, LIST_PATH, 'none'));
    if (act === 'give') return chooseWhere(req, res, users);
    // A group to join, a role or an application is chosen on the second page; the third says for whom it is possible.
    const acting = await loadActing(ctx);
    const own = new Set(effectiveEntitlements(acting.snapshot).effective.map((one) => one.entitlement.application));
    const language = languageOf(res, site);
    const choices =
      act === 'join'
        ? await listOwnGroups(ctx)
        : act === 'role'
          ? await listRoles(ctx)
          : act === 'copy'
            ? [...catalogue.values()].flatMap((one) =>
                own.has(one.key) ? [{ id: one.key, name: label(one.label, language) }] : [],
              )
            : undefined;
    const chosenTo = choices?.find(({ id }) => id === fields['to']);
    const confirmed = fields['confirmed'] === 'yes' && (choices === undefined || chosenTo !== undefined);
    const to = chosenTo?.id ?? '';
    const lines: Line[] = [];
    if (to !== '' && GIVING.includes(act)) {
      const gifts = giftsIn(acting, act, to);
      lines.push(...(await give(confirmed ? giveToMany : previewGivingToMany, ctx, users, { gifts, acting })));
    } else if (!GIVING.includes(act)) {
      for (const user of users)
        lines.push({ user, code: await (confirmed ? perform : preview)(ctx, { act, to }, user) });
    } else lines.push(...users.map((user) => ({ user, code: null })));
    const possible = lines.filter(({ code }) => code === null);
    const refused = lines.filter(({ code }) => code !== null);
    return page(req, res, confirmed ? 'portal/users/selection-done' : 'portal/users/selection', {
      act,
      possible,
      refused,
      choices,
      to: chosenTo,
      action: `${LIST_PATH}/selection`,
    });
  };
}
