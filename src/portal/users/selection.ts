// One act on several people: a page that lists who is concerned, and for whom it is not possible and why; then the act, one
// person at a time, so that one refusal does not undo the others. Nothing happens before the second page is confirmed.
import type { Request, Response } from 'express';
import type { OrganizationCtx } from '../../context.ts';
import { inviteUser } from '../../credentials/invite-user.ts';
import { checkAdministers } from '../../entitlements/check-administers.ts';
import { refusalCode } from '../../entitlements/change-administration-rights.ts';
import { checkDeactivation } from '../../entitlements/check-deactivation.ts';
import { checkJoining } from '../../entitlements/check-joining.ts';
import { checkTouching } from '../../entitlements/check-rank.ts';
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
import type { PortalSettings } from '../portal-settings.ts';
import { formFields, formValues, refusalOf } from '../refusal.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';
import { LIST_PATH, LIST_START, listHref, readFilter } from './list-query.ts';

const ACTS = ['deactivate', 'invite', 'join', 'role'] as const;
type Act = (typeof ACTS)[number];

/** More would keep a person waiting for an answer; a narrower filter does the rest. */
const MOST = 200;

type Line = { user: ListedUser; code: ErrorCode | 'already' | 'himself' | null };

/** Not those for whom there is nothing to do. */
function isDone(act: Act, user: ListedUser): boolean {
  if (act === 'deactivate') return user.state === 'deactivated';
  return act === 'invite' ? user.state === 'active' || user.state === 'deactivated' : false;
}

/** `to`: the group that they join, or the role that they get. */
async function preview(ctx: OrganizationCtx, act: Act, user: ListedUser, to: string): Promise<Line['code']> {
  if (isDone(act, user)) return 'already';
  // It would end the very act: whoever means it does it on his own page.
  if (act === 'deactivate' && user.id === ctx.actor.id) return 'himself';
  if (act === 'deactivate') return refusalCode(() => checkDeactivation(ctx, user.id));
  if (act === 'invite') return refusalCode(() => checkTouching(ctx, user.id, 'send_link'));
  if (to === '') return null;
  return refusalCode(() => (act === 'join' ? checkJoining(ctx, to, [user.id]) : dryRun(() => giveRole(ctx, user, to))));
}

const giveRole = (ctx: OrganizationCtx, { id }: ListedUser, roleId: string) =>
  assign(ctx, { subject: { kind: 'user', id }, gifts: [{ roleId }] });

async function perform(ctx: OrganizationCtx, act: Act, user: ListedUser, to: string): Promise<Line['code']> {
  if (isDone(act, user)) return 'already';
  // It would end the very act: whoever means it does it on his own page.
  if (act === 'deactivate' && user.id === ctx.actor.id) return 'himself';
  return refusalCode(async () => {
    if (act === 'deactivate') await changeUser(ctx, user.id, (document) => ({ ...document, active: false }));
    else if (act === 'invite') await inviteUser(ctx, { userId: user.id });
    else if (act === 'join') await changeGroup(ctx, to, { steps: [{ add: [user.id], remove: [] }] });
    else await giveRole(ctx, user, to);
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

export function selectionPages({ render }: PortalSettings) {
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
    // A group to join or a role to get is chosen on the second page; the third says for whom it is possible.
    const choices = act === 'join' ? await listOwnGroups(ctx) : act === 'role' ? await listRoles(ctx) : undefined;
    const chosenTo = choices?.find(({ id }) => id === fields['to']);
    const confirmed = fields['confirmed'] === 'yes' && (choices === undefined || chosenTo !== undefined);
    const lines: Line[] = [];
    for (const user of users) {
      const code = await (confirmed ? perform : preview)(ctx, act, user, chosenTo?.id ?? '');
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
