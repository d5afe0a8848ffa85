// One act on several people: a page that lists who is concerned, and for whom it is not possible and why; then the act, one
// person at a time, so that one refusal does not undo the others. Nothing happens before the second page is confirmed.
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
import { copyRights } from '../../entitlements/copy-rights.ts';
import { effectiveEntitlements } from '../../entitlements/effective.ts';
import { listRoles } from '../../entitlements/find-role.ts';
import { assign } from '../../entitlements/give-rights.ts';
import { HubError, type ErrorCode } from '../../errors.ts';
import { changeGroup } from '../../groups/change-group.ts';
import { dryRun } from '../../provisioning/dry-run.ts';
import { listOwnGroups } from '../../groups/list-own-groups.ts';
import { changeUser } from '../../users/change-user.ts';
import { eachUser } from '../../users/list-users.ts';
import type { ListedUser } from '../../users/listed-user.ts';
import { listedUsers } from '../../users/listed-users.ts';
import { languageOf } from '../../web/page.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formFields, formValues, refusalOf } from '../../web/refusal.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';
import { LIST_PATH, LIST_START, listHref, readFilter } from './list-query.ts';

const ACTS = ['deactivate', 'invite', 'join', 'role', 'copy'] as const;
type Act = (typeof ACTS)[number];

/** More would keep a person waiting for an answer; a narrower filter does the rest. */
const MOST = 200;

type Line = { user: ListedUser; code: ErrorCode | 'already' | 'himself' | null };

/** Not those for whom there is nothing to do. */
function isDone(act: Act, user: ListedUser): boolean {
  if (act === 'deactivate') return user.state === 'deactivated';
  return act === 'invite' ? user.state === 'active' || user.state === 'deactivated' : false;
}

/** `to`: the group that they join, the role that they get, the application in which they get what the actor holds. */
type Doing = { readonly act: Act; readonly to: string; /** Loaded once for all of them. */ readonly acting: Acting };

async function preview(ctx: OrganizationCtx, { act, to, acting }: Doing, user: ListedUser): Promise<Line['code']> {
  if (isDone(act, user)) return 'already';
  // It would end the very act: whoever means it does it on his own page.
  if (act === 'deactivate' && user.id === ctx.actor.id) return 'himself';
  if (act === 'deactivate') return refusalCode(() => checkDeactivation(ctx, user.id));
  if (act === 'invite') return refusalCode(() => checkTouching(ctx, user.id, 'send_link'));
  if (to === '') return null;
  if (act === 'join') return refusalCode(() => checkJoining(ctx, to, [user.id]));
  return given(() => dryRun(() => give(ctx, { act, to, acting }, user)));
}

/** How much was given. */
const give = async (ctx: OrganizationCtx, { act, to, acting }: Doing, { id }: ListedUser): Promise<number> => {
  const subject = { kind: 'user' as const, id };
  if (act === 'copy') return (await copyRights(ctx, { application: to, subject }, acting)).length;
  return (await assign(ctx, { subject, gifts: [{ roleId: to }] }, acting)).length;
};

async function given(act: () => Promise<number>): Promise<Line['code']> {
  let number = 0;
  const code = await refusalCode(async () => {
    number = await act();
  });
  return code ?? (number === 0 ? 'already' : null);
}

async function perform(ctx: OrganizationCtx, doing: Doing, user: ListedUser): Promise<Line['code']> {
  const { act, to } = doing;
  if (isDone(act, user)) return 'already';
  // It would end the very act: whoever means it does it on his own page.
  if (act === 'deactivate' && user.id === ctx.actor.id) return 'himself';
  if (act === 'role' || act === 'copy') return given(() => give(ctx, doing, user));
  return refusalCode(async () => {
    if (act === 'deactivate') await changeUser(ctx, user.id, (document) => ({ ...document, active: false }));
    else if (act === 'invite') await inviteUser(ctx, { userId: user.id });
    else await changeGroup(ctx, to, { steps: [{ add: [user.id], remove: [] }] });
  });
}

/** The ticked ones, or all that the filter finds. Throws HubError `too_many`. */
async function chosen(ctx: OrganizationCtx, body: unknown): Promise<ListedUser[]> {
  const fields = formFields(body);
  if (fields['all'] !== 'yes') return listedUsers(ctx, formValues(body, 'user').slice(0, MOST));
  const found: ListedUser[] = [];
  for await (const chunk of eachUser(ctx, readFilter(fields))) {
    found.push(...chunk);
    if (found.length > MOST) throw new HubError('too_many', `At most ${MOST} people in one go.`);
  }
  return found;
}

export function selectionPages({ site, render, catalogue }: PortalSettings) {
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
      users = await chosen(ctx, req.body);
    } catch (error) {
      if (refusalOf(error).code !== 'too_many') throw error;
      return void res.redirect(303, listHref({ ...LIST_START, ...readFilter(fields) }, {}, LIST_PATH, 'too_many'));
    }
    if (!act || users.length === 0)
      return void res.redirect(303, listHref({ ...LIST_START, ...readFilter(fields) }, {}, LIST_PATH, 'none'));
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
    const lines: Line[] = [];
    for (const user of users) {
      const code = await (confirmed ? perform : preview)(ctx, { act, to: chosenTo?.id ?? '', acting }, user);
      lines.push({ user, code });
    }
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
