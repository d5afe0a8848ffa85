// "Existing users": who passes to the directory. Nobody does by a matching name; whom the directory asked for stands first, and
// an administrator ticks. A page says what would pass, by doing it and undoing it, before it is done.
import type { Request, Response } from 'express';
import { touchRefusalsOfMany } from '../../entitlements/touch-many.ts';
import { listConnections } from '../../provisioning/connection.ts';
import { dryRun } from '../../provisioning/dry-run.ts';
import { findHandoverCandidates, type HandoverCandidate } from '../../provisioning/hand-over.ts';
import { findHandoverGroups, handOver } from '../../provisioning/hand-over-groups.ts';
import { handoverNames } from '../../provisioning/hand-over-names.ts';
import { handOverRefusals } from '../../provisioning/may-hand-over.ts';
import { findWantedUsers } from '../../provisioning/wanted-users.ts';
import { isId } from '../../users/is-id.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formFields, formValues, refusalOf, type Fault } from '../../web/refusal.ts';
import { fieldOf } from '../rights/desk.ts';
import { openConnection, type ConnectionDesk } from './connection-desk.ts';

const PAGE = 50;
const KINDS = ['users', 'groups'] as const;

export function handoverPages(settings: PortalSettings) {
  const { render } = settings;

  /** Whose they are now: the organization's own, or another connection's that this one succeeds. */
  async function sourceOf(desk: ConnectionDesk, asked: string) {
    const others = (await listConnections(desk.ctx)).filter(({ id }) => id !== desk.connection.id);
    return { others, from: others.find(({ id }) => id === asked)?.id ?? null };
  }

  async function show(
    req: Request,
    res: Response,
    { errors, status = 200 }: { errors?: readonly Fault[]; status?: number } = {},
  ): Promise<void> {
    const desk = await openConnection(settings, req, res, 'existing');
    const { ctx, connection, path, t } = desk;
    const kind = KINDS.find((one) => one === fieldOf(req.query, 'kind')) ?? 'users';
    const search = fieldOf(req.query, 'q').slice(0, 200);
    const after = fieldOf(req.query, 'after');
    const { others, from } = await sourceOf(desk, fieldOf(req.query, 'from'));
    const asked = { from, search, limit: PAGE + 1, ...(isId(after) && { after }) };
    const first = kind === 'users' && from === null && search === '' && !isId(after);
    const wanted = first ? await findWantedUsers(ctx, connection.id) : [];
    const users = kind === 'users' ? await findHandoverCandidates(ctx, connection.id, asked) : [];
    const groups = kind === 'groups' ? await findHandoverGroups(ctx, connection.id, asked) : [];
    const rows = kind === 'users' ? users : groups;
    const shownUsers = users.slice(0, PAGE).filter(({ id }) => !wanted.some((one) => one.id === id));
    const refusals = await touchRefusalsOfMany(
      ctx,
      [...wanted, ...shownUsers].map(({ id }) => id),
      'change_username',
    );
    const shown = (user: HandoverCandidate) => ({ ...user, refusal: refusals.get(user.id) });
    const shownGroups = groups.slice(0, PAGE);
    const closed = await handOverRefusals(
      ctx,
      shownGroups.map(({ id }) => id),
    );
    const link = (more: Record<string, string>) => {
      const query = new URLSearchParams({ kind, ...(search && { q: search }), ...(from && { from }), ...more });
      return `${path}/existing?${query.toString()}`;
    };
    const last = rows.length > PAGE ? rows[PAGE - 1] : undefined;
    const [doneUsers, doneGroups] = [Number(req.query['users']), Number(req.query['groups'])];
    const done = Number.isInteger(doneUsers) && Number.isInteger(doneGroups);
    render(
      res,
      'portal/connections/existing',
      {
        ...desk.frame,
        kind,
        kinds: KINDS.map((key) => ({ key, href: link({ kind: key }), current: key === kind })),
        search,
        from,
        sources: others.map(({ id, name }) => ({ value: id, label: name, selected: id === from })),
        action: `${path}/existing`,
        wanted: wanted.map(shown),
        users: shownUsers.map(shown),
        groups: shownGroups.map((group) => ({ ...group, refusal: closed.get(group.id) })),
        firstHref: isId(after) ? link({}) : undefined,
        nextHref: last && link({ after: last.id }),
        ...(done && {
          notice: {
            kind: 'ok',
            text: t('connections:existing.done', {
              users: t('connections:counted.users', { count: doneUsers, shown: doneUsers }),
              groups: t('connections:counted.groups', { count: doneGroups, shown: doneGroups }),
            }),
          },
        }),
        ...(errors && { errors }),
      },
      { status },
    );
  }

  async function act(req: Request, res: Response): Promise<void> {
    const desk = await openConnection(settings, req, res, 'existing');
    const { ctx, connection, path } = desk;
    const fields = formFields(req.body);
    const userIds = formValues(req.body, 'user');
    const groupIds = formValues(req.body, 'group');
    const { from } = await sourceOf(desk, fields['from'] ?? '');
    if (userIds.length + groupIds.length === 0)
      return show(req, res, { errors: [{ key: 'connections:fault.nobody' }], status: 422 });
    const pass = () => handOver(ctx, { connectionId: connection.id, from, userIds, groupIds });
    try {
      if (fields['act'] === 'save') {
        const { users, groups } = await pass();
        return res.redirect(303, `${path}/existing?users=${users}&groups=${groups}`);
      }
      const effect = await dryRun(pass);
      render(res, 'portal/connections/existing-preview', {
        ...desk.frame,
        action: `${path}/existing`,
        backHref: `${path}/existing`,
        effect,
        names: await handoverNames(ctx, { userIds, groupIds }),
        carried: [
          ...(from === null ? [] : [['from', from]]),
          ...userIds.map((id) => ['user', id]),
          ...groupIds.map((id) => ['group', id]),
        ],
      });
    } catch (error) {
      const { faults, status } = refusalOf(error);
      await show(req, res, { errors: faults, status });
    }
  }

  return { show: (req: Request, res: Response) => show(req, res), act };
}
