// Gives a role to a user or a group, from and until a day, and takes it back: each after a page that says what it changes.
import type { Request, Response } from 'express';
import { findAssignment } from '../../entitlements/assignment-row.ts';
import { endAssignment } from '../../entitlements/end-assignment.ts';
import type { Subject } from '../../entitlements/find-subject.ts';
import { assign } from '../../entitlements/give-rights.ts';
import { previewAct, type Preview } from '../../entitlements/preview-act.ts';
import { whomItReaches } from '../../entitlements/whom-it-reaches.ts';
import { HubError } from '../../errors.ts';
import { findGroup } from '../../groups/find-group.ts';
import { listGroupPage } from '../../groups/group-pages.ts';
import { findUser } from '../../users/find-user.ts';
import { listUsers } from '../../users/list-users.ts';
import { nameOf } from '../../users/user-row.ts';
import { toProblem } from '../../web/problem.ts';
import { readNameList } from '../name-list.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formFields } from '../../web/refusal.ts';
import { endOfDay, startOfDay } from '../../web/days.ts';
import type { Desk } from '../rights/desk.ts';
import { effectOf } from '../rights/preview-page.ts';
import { asRefusal, faultsOf, issueFaults } from '../rights/refusal-words.ts';
import type { Issue } from '../rights/editor-state.ts';
import { openRole } from './role-page.ts';

const MOST_FOUND = 20;

/** `user:<id>` or `group:<id>`, with the name it has. Throws HubError `not_found`. */
async function receiverOf({ ctx }: Desk, text: string): Promise<Subject & { name: string }> {
  const [kind, id = ''] = text.split(':');
  if (kind === 'group') {
    const group = await findGroup(ctx, id);
    return { kind, id: group.id, name: String(group.document['displayName']) };
  }
  const user = await findUser(ctx, id);
  return { kind: 'user', id: user.id, name: nameOf(user.document) };
}

export function assignPages(settings: PortalSettings) {
  const { timeZone } = settings.site;

  async function choose(req: Request, res: Response): Promise<void> {
    const { desk, role } = await openRole(settings, req, res);
    const { search } = readNameList(req);
    const users =
      search === undefined
        ? []
        : (await listUsers(desk.ctx, { search, sort: 'username', descending: false, size: MOST_FOUND })).users;
    const groups = search === undefined ? [] : (await listGroupPage(desk.ctx, { search, size: MOST_FOUND })).groups;
    settings.render(res, 'portal/roles/assign', {
      ...desk.frame,
      role,
      name: role.name,
      path: desk.subject.path,
      search,
      candidates: [
        ...users.map(({ id, name, userName }) => ({ value: `user:${id}`, kind: 'user', name, detail: userName })),
        ...groups.map(({ id, name, directory }) => ({
          value: `group:${id}`,
          kind: 'group',
          name,
          detail: directory ?? '',
        })),
      ],
    });
  }

  async function give(req: Request, res: Response): Promise<void> {
    const { desk, role } = await openRole(settings, req, res);
    const { ctx } = desk;
    const fields = formFields(req.body);
    const { receiver: asked = '', from = '', until = '' } = fields;
    if (asked === '') return choose(req, res);
    const receiver = await receiverOf(desk, asked);
    const validFrom = from === '' ? null : startOfDay(from, timeZone);
    const validUntil = until === '' ? null : endOfDay(until, timeZone);
    const issues: Issue[] = [
      ...(validFrom === undefined ? (['from'] as const) : []),
      ...(validUntil === undefined ? (['until'] as const) : []),
    ];
    const consent = fields['consent'] === '1';
    const act = (agreed: boolean) =>
      assign(ctx, {
        subject: { kind: receiver.kind, id: receiver.id },
        gifts: [
          {
            roleId: role.id,
            // What begins today begins now.
            validFrom: validFrom && validFrom > ctx.now ? validFrom : null,
            validUntil: validUntil ?? null,
          },
        ],
        consent: agreed,
      });
    let refusal: HubError | undefined;
    let found: Preview | undefined;
    if (issues.length === 0) {
      try {
        if (fields['act'] === 'save') {
          await act(consent);
          return res.redirect(303, `${desk.subject.path}?done=assigned`);
        }
        // The consent is asked on this very page.
        found = await previewAct(ctx, receiver, async () =>
          (await act(consent || desk.acting.unbounded)).map(({ id }) => id),
        );
      } catch (error) {
        refusal = asRefusal(error);
      }
    }
    const held = await desk.acts.standing(ctx);
    const words = await desk.words(held.map(({ entitlement }) => entitlement.customerAccount));
    const errors = issues.length > 0 ? issueFaults(issues) : refusal ? faultsOf(refusal, words) : [];
    settings.render(
      res,
      'portal/roles/assign-preview',
      {
        ...desk.frame,
        role,
        name: role.name,
        path: desk.subject.path,
        receiver: { ...receiver, value: asked },
        subject: { kind: receiver.kind },
        subjectName: receiver.name,
        from,
        until,
        effect: found && effectOf(desk, words, found),
        directories: await whomItReaches(ctx, receiver),
        consent,
        mayConsent: desk.acting.unbounded,
        ...(errors.length > 0 && { errors }),
      },
      { status: issues.length > 0 ? 422 : refusal ? toProblem(refusal).status : 200 },
    );
  }

  async function openEnding(req: Request, res: Response) {
    const opened = await openRole(settings, req, res);
    const assignment = await findAssignment(opened.desk.ctx, String(req.query['assignment'] ?? ''));
    if (assignment.roleId !== opened.role.id) throw new HubError('not_found', 'There is no such assignment here.');
    const receiver = await receiverOf(opened.desk, `${assignment.subjectKind}:${assignment.subjectId}`);
    return { ...opened, assignment, receiver };
  }

  async function showEnd(req: Request, res: Response, refused?: HubError): Promise<void> {
    const { desk, role, assignment, receiver } = await openEnding(req, res);
    let refusal = refused;
    let found: Preview | undefined;
    if (!refusal) {
      try {
        found = await previewAct(desk.ctx, receiver, async () => {
          await endAssignment(desk.ctx, assignment.id);
          return undefined;
        });
      } catch (error) {
        refusal = asRefusal(error);
      }
    }
    const held = await desk.acts.standing(desk.ctx);
    const words = await desk.words(held.map(({ entitlement }) => entitlement.customerAccount));
    settings.render(
      res,
      'portal/roles/end-assignment',
      {
        ...desk.frame,
        role,
        name: role.name,
        path: desk.subject.path,
        action: `${desk.subject.path}/end-assignment?assignment=${assignment.id}`,
        subject: { kind: receiver.kind },
        subjectName: receiver.name,
        by: assignment.givenBy.label,
        givenAt: assignment.givenAt,
        effect: found && effectOf(desk, words, found),
        directories: await whomItReaches(desk.ctx, receiver),
        ...(refusal && { errors: faultsOf(refusal, words) }),
      },
      { status: refusal ? toProblem(refusal).status : 200 },
    );
  }

  return {
    choose,
    give,
    askEnd: (req: Request, res: Response) => showEnd(req, res),
    end: async (req: Request, res: Response): Promise<void> => {
      const { desk, assignment } = await openEnding(req, res);
      try {
        await endAssignment(desk.ctx, assignment.id);
      } catch (error) {
        return showEnd(req, res, asRefusal(error));
      }
      res.redirect(303, `${desk.subject.path}?done=unassigned`);
    },
  };
}
