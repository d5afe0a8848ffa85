// "My users": the people of the organization, searched, filtered, sorted and paged by the address.
import type { Request, Response } from 'express';
import { checkAdministers } from '../../entitlements/check-administers.ts';
import { outranks, type Rank } from '../../entitlements/touching.ts';
import { findGroup } from '../../groups/find-group.ts';
import { listConnections } from '../../provisioning/connection.ts';
import { USER_STATES, type ListedUser } from '../../users/listed-user.ts';
import { listUsers, MOST_COUNTED, USER_SORTS, type UserListQuery, type UserPage } from '../../users/list-users.ts';
import { translatorOf } from '../../web/render.ts';
import type { Translate } from '../../texts.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';
import { creatorLabel } from './creator-label.ts';
import { filterFields, LIST_PATH, LIST_SAYS, listHref, PAGE_SIZES, readListQuery } from './list-query.ts';

type Choice = { value: string; label: string; chosen: boolean };

const columnsOf = (asked: UserListQuery) =>
  USER_SORTS.map((sort) => {
    const current = asked.sort === sort;
    return {
      key: sort,
      order: current ? (asked.descending ? 'descending' : 'ascending') : undefined,
      href: listHref(asked, { sort, descending: current && !asked.descending }),
    };
  });

/** What narrows the list, each with the link that lifts it. */
function chipsOf(asked: UserListQuery, names: { source: string; group: string }, t: Translate) {
  const { search, state, source, administrators, group } = asked;
  return [
    ...(search === undefined
      ? []
      : [{ label: t('users:filter.search', { search }), href: listHref(asked, { search: undefined }) }]),
    ...(state === undefined
      ? []
      : [
          {
            label: t('users:filter.state', { state: t(`users:state.${state}`) }),
            href: listHref(asked, { state: undefined }),
          },
        ]),
    ...(source === undefined
      ? []
      : [{ label: t('users:filter.source', { source: names.source }), href: listHref(asked, { source: undefined }) }]),
    ...(administrators === undefined
      ? []
      : [{ label: t('users:filter.administrators'), href: listHref(asked, { administrators: undefined }) }]),
    ...(group === undefined
      ? []
      : [{ label: t('users:filter.group', { group: names.group }), href: listHref(asked, { group: undefined }) }]),
  ];
}

const shownUser = (user: ListedUser, rank: Rank, himself: string, t: Translate) => ({
  ...user,
  href: `${LIST_PATH}/${user.id}`,
  creator: creatorLabel(user.createdBy, t),
  himself: user.id === himself,
  outranked: !outranks(rank, user.rank),
});

const rangeOf = ({ users, from, total }: UserPage) => ({
  from,
  to: from + users.length - 1,
  total,
  over: total > MOST_COUNTED,
  most: MOST_COUNTED,
});

export const userList = (settings: PortalSettings) => async (req: Request, res: Response) => {
  const visitor = visitorOf(req);
  const { ctx } = visitor;
  const t = translatorOf(settings.site, res);
  const asked = readListQuery(req);
  const rank = await checkAdministers(ctx);
  const [page, connections, group] = await Promise.all([
    listUsers(ctx, asked),
    listConnections(ctx),
    asked.group === undefined ? undefined : findGroup(ctx, asked.group),
  ]);
  const sources: Choice[] = [
    { value: 'own', label: t('users:source.own'), chosen: asked.source === 'own' },
    ...connections.map(({ id, name }) => ({ value: id, label: name, chosen: asked.source === id })),
  ];
  const names = {
    source: sources.find(({ chosen }) => chosen)?.label ?? '?',
    group: String(group?.document['displayName'] ?? ''),
  };
  const said = LIST_SAYS.find((one) => one === req.query['said']);
  const narrowed = Object.keys(filterFields(asked)).length > 0;
  settings.render(res, 'portal/users/list', {
    ...(await shellLocals(visitor, 'my_users')),
    organization: visitor.organizationName,
    ...(said && { notice: { kind: 'warning', text: t(`users:selection.${said}`) } }),
    asked,
    users: page.users.map((user) => shownUser(user, rank, ctx.actor.id, t)),
    columns: columnsOf(asked),
    states: USER_STATES.map((value) => ({ value, label: t(`users:state.${value}`), chosen: asked.state === value })),
    sources: connections.length === 0 ? [] : sources,
    chips: chipsOf(asked, names, t),
    narrowed,
    // A search or a filter keeps the order and the size of the page.
    kept: Object.fromEntries(
      new URLSearchParams(
        listHref({ sort: asked.sort, descending: asked.descending, size: asked.size }).split('?')[1] ?? '',
      ),
    ),
    fields: filterFields(asked),
    range: rangeOf(page),
    clearHref: LIST_PATH,
    nextHref: page.next === null ? undefined : listHref(asked, { after: page.next }),
    previousHref: page.previous === null ? undefined : listHref(asked, { before: page.previous }),
    sizes: PAGE_SIZES.map((size) => ({ size, href: listHref(asked, { size }), current: size === asked.size })),
    exportHref: listHref(asked, {}, `${LIST_PATH}/export.csv`),
  });
};
