// Groups and their members; see ../operations/groups.ts.
import type { OrganizationCtx } from '../../context.ts';
import { changeGroup } from '../../groups/change-group.ts';
import { createGroup } from '../../groups/create-group.ts';
import { deleteGroup } from '../../groups/delete-group.ts';
import { findGroup } from '../../groups/find-group.ts';
import { listGroupPage } from '../../groups/group-pages.ts';
import type { GroupRecord } from '../../groups/group-record.ts';
import { readMembers, type Member } from '../../groups/read-members.ts';
import type { Document, Json } from '../../provisioning/attribute.ts';
import { fold } from '../../provisioning/fold.ts';
import { listGroups } from '../../provisioning/read-groups.ts';
import { GROUP_SCHEMA } from '../../provisioning/schemas.ts';
import { keysetPage } from '../keyset-page.ts';
import type { Handlers } from '../operation.ts';
import type { groupOperations } from '../operations/groups.ts';
import { limitOf, page } from '../page.ts';

const textOf = (value: Json | undefined): string | null => (typeof value === 'string' ? value : null);

const shown = ({ id, version, createdAt, updatedAt, document }: GroupRecord) => ({
  id,
  displayName: String(document['displayName']),
  externalId: textOf(document['externalId']),
  version,
  createdAt,
  updatedAt,
});

async function membersOf(ctx: OrganizationCtx, groupId: string): Promise<Member[]> {
  const all: Member[] = [];
  for await (const chunk of readMembers(ctx, groupId)) all.push(...chunk);
  return all;
}

export const groupHandlers: Handlers<typeof groupOperations> = {
  'group.create': async (ctx, { body }) => {
    const { members = [], displayName, externalId } = body;
    const document: Document = {
      schemas: [GROUP_SCHEMA],
      displayName,
      ...(externalId === undefined ? {} : { externalId }),
    };
    return shown(await createGroup(ctx, document, members));
  },
  'group.list': async (ctx, { query, publicUrl }) => {
    const only = query.displayName === undefined ? undefined : { key: 'displayName', value: fold(query.displayName) };
    const { items, next } = await keysetPage(query, only, (asked) =>
      listGroups(ctx, asked, `${publicUrl.origin}/scim/v2`),
    );
    return {
      items: items.map((row) =>
        shown({
          ...row,
          createdAt: row.created_at,
          updatedAt: row.updated_at,
          document: JSON.parse(row.document) as Document,
        }),
      ),
      next,
    };
  },
  'group.search': async (ctx, { query }) => {
    const { name: search, source, after } = query;
    const { groups, next } = await listGroupPage(ctx, { search, source, after, size: limitOf(query) });
    return {
      items: groups.map(({ id, name, directory, members, nested, carries, opened }) => ({
        id,
        name,
        directory,
        members,
        nested,
        carries,
        opened,
      })),
      next,
    };
  },
  'group.get': async (ctx, { params }) => shown(await findGroup(ctx, params.group)),
  'group.change': async (ctx, { params, body }) =>
    shown(
      await changeGroup(ctx, params.group, {
        document: (document) => ({ ...document, displayName: body.displayName }),
        steps: [],
      }),
    ),
  'group.delete': (ctx, { params }) => deleteGroup(ctx, params.group),
  'member.list': async (ctx, { params, query }) => {
    await findGroup(ctx, params.group);
    // Users before groups, as the keys stand.
    const { items, next } = page(
      await membersOf(ctx, params.group),
      query,
      ({ value, type }) => `${type === 'User' ? 'a' : 'b'} ${value}`,
    );
    return {
      items: items.map(({ value, display, type }) => ({
        id: value,
        kind: type === 'User' ? ('user' as const) : ('group' as const),
        displayName: display,
      })),
      next,
    };
  },
  'member.change': async (ctx, { params, body }) =>
    shown(await changeGroup(ctx, params.group, { steps: [{ add: body.add ?? [], remove: body.remove ?? [] }] })),
};
