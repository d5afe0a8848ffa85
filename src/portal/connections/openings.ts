// What the directory may hand on: a chief administrator opens groups and roles to it. Opening one is consent to whomever the
// directory puts in, so the page says what that gives before it asks; administration rights need a tick of their own.
import type { Request, Response } from 'express';
import { loadActing } from '../../entitlements/acting.ts';
import { carriedBy } from '../../entitlements/carried-by-groups.ts';
import { findRole, roleEntitlements } from '../../entitlements/find-role.ts';
import { findOpening, listOpeningPage } from '../../entitlements/list-openings.ts';
import { closeToConnection, openToConnection } from '../../entitlements/open-to-connection.ts';
import { listRolePage } from '../../entitlements/role-pages.ts';
import { HubError } from '../../errors.ts';
import { findGroup } from '../../groups/find-group.ts';
import { listGroupPage } from '../../groups/group-pages.ts';
import { nameListHref, PAGE_SIZE, readNameList } from '../name-list.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formFields, type Fault } from '../../web/refusal.ts';
import { actingWords } from '../rights/acting-words.ts';
import { fieldOf } from '../rights/desk.ts';
import { asRefusal, faultsOf } from '../rights/refusal-words.ts';
import { toProblem } from '../../web/problem.ts';
import { openConnection, type ConnectionDesk } from './connection-desk.ts';

type Target = { readonly kind: 'group' | 'role'; readonly id: string; readonly name: string };

const KINDS = ['group', 'role'] as const;
const DONE = ['opened', 'closed'] as const;

/** `group:<id>` or `role:<id>`. Throws HubError `not_found`. */
async function targetOf({ ctx }: ConnectionDesk, text: string): Promise<Target> {
  const [kind, id = ''] = text.split(':');
  if (kind === 'group') {
    const group = await findGroup(ctx, id);
    return { kind, id: group.id, name: String(group.document['displayName']) };
  }
  const role = await findRole(ctx, id);
  return { kind: 'role', id: role.id, name: role.name };
}

export function openingPages(settings: PortalSettings) {
  const { render } = settings;

  async function show(req: Request, res: Response): Promise<void> {
    const desk = await openConnection(settings, req, res, 'openings');
    const { ctx, connection, path, t } = desk;
    const at = `${path}/openings`;
    const { search, after } = readNameList(req);
    const { openings, next } = await listOpeningPage(ctx, connection.id, { search, after, size: PAGE_SIZE });
    const done = DONE.find((one) => one === req.query['done']);
    render(res, 'portal/connections/openings', {
      ...desk.frame,
      search,
      openings: openings.map((one) => ({ ...one, closeHref: `${at}/${one.targetId}/close` })),
      listHref: at,
      chooseHref: `${at}/choose`,
      firstHref: after === undefined ? undefined : nameListHref(at, { q: search }),
      nextHref: next === null ? undefined : nameListHref(at, { q: search, after: next }),
      ...(done && { notice: { kind: 'ok', text: t(`connections:done.${done}`) } }),
    });
  }

  /** What is not open yet: one of the two kinds, searched and paged by the address. */
  async function choose(req: Request, res: Response): Promise<void> {
    const desk = await openConnection(settings, req, res, 'openings');
    const { ctx, connection, path } = desk;
    const at = `${path}/openings/choose`;
    const kind = KINDS.find((one) => one === req.query['kind']) ?? 'group';
    const asked = { ...readNameList(req), notOpenTo: connection.id, size: PAGE_SIZE };
    const { search, after } = asked;
    const { rows, next } =
      kind === 'group'
        ? await listGroupPage(ctx, asked).then(({ groups, ...rest }) => ({ rows: groups, ...rest }))
        : await listRolePage(ctx, asked).then(({ roles, ...rest }) => ({ rows: roles, ...rest }));
    render(res, 'portal/connections/choose-opening', {
      ...desk.frame,
      kind,
      kinds: KINDS.map((value) => ({ value, chosen: value === kind })),
      search,
      rows: rows.map((row) => ({
        ...row,
        href: `${path}/openings/open?target=${kind}:${row.id}`,
        about: 'directory' in row ? row.directory : row.description,
      })),
      listHref: at,
      backHref: `${path}/openings`,
      firstHref: after === undefined ? undefined : nameListHref(at, { kind, q: search }),
      nextHref: next === null ? undefined : nameListHref(at, { kind, q: search, after: next }),
    });
  }

  async function askOpen(
    req: Request,
    res: Response,
    refused?: { refusal?: HubError; errors?: Fault[] },
  ): Promise<void> {
    const desk = await openConnection(settings, req, res, 'openings');
    const { ctx, path } = desk;
    const asked = fieldOf(req.method === 'POST' ? req.body : req.query, 'target');
    const target = await targetOf(desk, asked);
    const carried = target.kind === 'group' ? await carriedBy(ctx, [target.id]) : undefined;
    const entitlements =
      carried?.entitlements ?? (await roleEntitlements(ctx, target.id)).map(({ entitlement }) => entitlement);
    const accounts = entitlements.map(({ customerAccount }) => customerAccount);
    const words = await actingWords(settings, res, { acting: await loadActing(ctx) }, accounts);
    const { refusal, errors = [] } = refused ?? {};
    const faults = refusal ? faultsOf(refusal, words) : errors;
    render(
      res,
      'portal/connections/open',
      {
        ...desk.frame,
        target: { ...target, value: `${target.kind}:${target.id}` },
        gives: entitlements.map((one) => ({
          application: words.applicationOf(one.application),
          account: words.accountOf(one.customerAccount).title,
          lists: words.listsOf(one),
        })),
        administrationRights: [...new Set((carried?.administrationRights ?? []).map(({ name }) => name))],
        action: `${path}/openings/open`,
        backHref: `${path}/openings`,
        ...(faults.length > 0 && { errors: faults }),
      },
      { status: refusal ? toProblem(refusal).status : errors.length > 0 ? 422 : 200 },
    );
  }

  async function open(req: Request, res: Response): Promise<void> {
    const desk = await openConnection(settings, req, res, 'openings');
    const fields = formFields(req.body);
    const target = await targetOf(desk, fields['target'] ?? '');
    if (fields['consent'] !== '1')
      return askOpen(req, res, { errors: [{ key: 'connections:fault.consent', field: 'consent' }] });
    try {
      await openToConnection(desk.ctx, {
        connectionId: desk.connection.id,
        kind: target.kind,
        targetId: target.id,
        administrationRights: fields['administration'] === '1',
      });
    } catch (error) {
      const refusal = asRefusal(error);
      if (refusal.code === 'group_not_opened')
        return askOpen(req, res, { errors: [{ key: 'connections:fault.administration', field: 'administration' }] });
      return askOpen(req, res, { refusal });
    }
    res.redirect(303, `${desk.path}/openings?done=opened`);
  }

  /** Throws HubError `not_found` for what is not open. */
  async function openingAt(req: Request, { ctx, connection }: ConnectionDesk) {
    const found = await findOpening(ctx, connection.id, String(req.params['target']));
    if (!found) throw new HubError('not_found', 'This is not open to the connection.');
    return found;
  }

  async function askClose(req: Request, res: Response): Promise<void> {
    const desk = await openConnection(settings, req, res, 'openings');
    const opening = await openingAt(req, desk);
    render(res, 'portal/connections/close', {
      ...desk.frame,
      opening,
      action: `${desk.path}/openings/${opening.targetId}/close`,
      backHref: `${desk.path}/openings`,
    });
  }

  async function close(req: Request, res: Response): Promise<void> {
    const desk = await openConnection(settings, req, res, 'openings');
    const { targetId } = await openingAt(req, desk);
    await closeToConnection(desk.ctx, { connectionId: desk.connection.id, targetId });
    res.redirect(303, `${desk.path}/openings?done=closed`);
  }

  return { show, choose, askOpen: (req: Request, res: Response) => askOpen(req, res), open, askClose, close };
}
