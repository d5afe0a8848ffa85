// The list of users, as it is filtered, for a spreadsheet.
import type { Request, Response } from 'express';
import type { Translate } from '../../texts.ts';
import { eachUser, type UserFilter } from '../../users/list-users.ts';
import type { ListedUser } from '../../users/listed-user.ts';
import { dayOf } from '../../web/days.ts';
import { translatorOf } from '../../web/render.ts';
import type { OrganizationCtx } from '../../context.ts';
import { sendCsv } from '../csv.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { visitorOf } from '../signed-in.ts';
import { creatorLabel } from './creator-label.ts';
import { readFilter } from './list-query.ts';

const COLUMNS = [
  'username',
  'name',
  'email',
  'state',
  'rank',
  'created_by',
  'source',
  'created',
  'last_sign_in',
  'deactivated',
] as const;

const rowOf = (user: ListedUser, t: Translate): string[] => [
  user.userName,
  user.name,
  user.email ?? '',
  t(`users:state.${user.state}`),
  t(`users:rank.${user.rank}`),
  creatorLabel(user.createdBy, t),
  user.directory?.name ?? t('users:source.own'),
  user.createdAt.toISOString(),
  user.lastSignInAt?.toISOString() ?? '',
  user.deactivatedAt?.toISOString() ?? '',
];

async function* rows(ctx: OrganizationCtx, filter: UserFilter, t: Translate): AsyncGenerator<string[][]> {
  for await (const chunk of eachUser(ctx, filter)) yield chunk.map((user) => rowOf(user, t));
}

export const userExport = (settings: PortalSettings) => async (req: Request, res: Response) => {
  const { ctx } = visitorOf(req);
  const t = translatorOf(settings.site, res);
  const header = COLUMNS.map((column) => t(`users:column.${column}`));
  await sendCsv(
    res,
    `${t('users:export_name')}-${dayOf(ctx.now, settings.site.timeZone)}`,
    header,
    rows(ctx, readFilter(req.query), t),
  );
};
