// /Groups (RFC 7644 sections 3.3 to 3.6). A PATCH answers 204: nobody waits for 100,000 members to hear that one
// was added. Where members are answered they are streamed.
import { changeGroup, type MemberStep } from '../groups/change-group.ts';
import { createGroup } from '../groups/create-group.ts';
import { deleteGroup } from '../groups/delete-group.ts';
import { readMembers, type Member } from '../groups/read-members.ts';
import type { Document, Json } from '../provisioning/attribute.ts';
import { GROUP_ATTRIBUTES } from '../provisioning/attribute-index.ts';
import { groupSource, listGroups, readGroup, type StoredGroup } from '../provisioning/read-groups.ts';
import { isObject } from './attribute-value.ts';
import { cursorPage } from './cursor-list.ts';
import { readDocument } from './document.ts';
import { NO_CONTENT, type Answer, type Exchange } from './exchange.ts';
import { groupChangesInTurns, type GroupChanges, type MemberChange } from './group-changes.ts';
import { fromSearch, fromUrl, readListQuery, type ListQuery } from './list-query.ts';
import { matchesElement } from './match-element.ts';
import { readLongMembers, readPatch } from './patch.ts';
import { checkIfMatch, isUnchanged } from './preconditions.ts';
import { parseSelection, wants, type Selection } from './project.ts';
import { openList, renderGroup } from './render.ts';

const selectionOf = ({ query }: Exchange): Selection =>
  parseSelection(
    { attributes: query.get('attributes'), excludedAttributes: query.get('excludedAttributes') },
    GROUP_ATTRIBUTES,
  );

export function renderStoredGroup(
  exchange: Exchange,
  stored: StoredGroup,
  selection: Selection,
): AsyncGenerator<string> {
  const members = wants(selection, 'members') ? readMembers(exchange.ctx, stored.id) : undefined;
  return renderGroup(
    { ...stored, createdAt: stored.created_at, updatedAt: stored.updated_at },
    members,
    exchange.baseUrl,
    selection,
  );
}

async function answer(exchange: Exchange, status: number, id: string): Promise<Answer> {
  const selection = selectionOf(exchange);
  const stored = await readGroup(exchange.ctx, id);
  if (status === 200 && exchange.method === 'GET' && isUnchanged(exchange.ifNoneMatch, stored.version)) {
    return { status: 304, version: stored.version };
  }
  return {
    status,
    body: renderStoredGroup(exchange, stored, selection),
    version: stored.version,
    location: `${exchange.baseUrl}/Groups/${id}`,
  };
}

export const getGroup = (exchange: Exchange, id: string): Promise<Answer> => answer(exchange, 200, id);

/** The body as the group's own attributes and the ids of its members. */
async function readGroupBody(body: unknown): Promise<{ document: Document; members: string[] }> {
  if (isObject(body)) await readLongMembers(body, GROUP_ATTRIBUTES);
  const { members = [], ...document } = readDocument(body, GROUP_ATTRIBUTES);
  const ids = (members as readonly { readonly value?: Json }[]).map((member) => String(member.value));
  return { document, members: ids };
}

export async function postGroup(exchange: Exchange): Promise<Answer> {
  const { document, members } = await readGroupBody(exchange.body);
  return answer(exchange, 201, (await createGroup(exchange.ctx, document, members)).id);
}

/** The members afterwards are exactly those of the body (RFC 7644 section 3.5.1). */
export async function putGroup(exchange: Exchange, id: string): Promise<Answer> {
  const { document, members } = await readGroupBody(exchange.body);
  await changeGroup(exchange.ctx, id, {
    document: (_before, record) => {
      checkIfMatch(exchange.ifMatch, record.version);
      return document;
    },
    steps: [{ replaceWith: members, add: [], remove: [] }],
  });
  return answer(exchange, 200, id);
}

function patched(document: Document, changes: GroupChanges): Document {
  const { externalId, ...rest } = document;
  const kept = changes.externalId === undefined ? externalId : changes.externalId;
  return {
    ...rest,
    ...(kept === undefined || kept === null ? {} : { externalId: kept }),
    ...(changes.displayName === undefined ? {} : { displayName: changes.displayName }),
  };
}

function stepOf({ removeWhere, ...change }: MemberChange): MemberStep {
  if (removeWhere.length === 0) return change;
  return { ...change, removeWhere: (member: Member) => removeWhere.some((filter) => matchesElement(filter, member)) };
}

export async function patchGroup(exchange: Exchange, id: string): Promise<Answer> {
  const changes = await groupChangesInTurns(await readPatch(exchange.body, GROUP_ATTRIBUTES));
  const touches =
    changes.displayName !== undefined || changes.externalId !== undefined || exchange.ifMatch !== undefined;
  await changeGroup(exchange.ctx, id, {
    ...(touches
      ? {
          document: (document: Document, record: { version: number }) => {
            checkIfMatch(exchange.ifMatch, record.version);
            return patched(document, changes);
          },
        }
      : {}),
    steps: changes.members.map(stepOf),
  });
  return selectionOf(exchange).plain ? NO_CONTENT : answer(exchange, 200, id);
}

export async function removeGroup(exchange: Exchange, id: string): Promise<Answer> {
  await deleteGroup(exchange.ctx, id, (version) => checkIfMatch(exchange.ifMatch, version));
  return NO_CONTENT;
}

async function* renderList(
  exchange: Exchange,
  page: ListQuery,
  { head, resources }: { readonly head: string; readonly resources: readonly StoredGroup[] },
): AsyncGenerator<string> {
  yield head;
  for (const [position, stored] of resources.entries()) {
    if (position > 0) yield ',';
    yield* renderStoredGroup(exchange, stored, page.selection);
  }
  yield ']}';
}

async function list(exchange: Exchange, page: ListQuery): Promise<Answer> {
  const { ctx, baseUrl } = exchange;
  const { cursor } = page;
  if (cursor) {
    const walked = await cursorPage(exchange, { ...page, cursor }, groupSource(baseUrl), (rows) =>
      listGroups(ctx, rows, baseUrl),
    );
    return { status: 200, body: renderList(exchange, page, walked) };
  }
  const { total, resources } = await listGroups(ctx, page, baseUrl);
  const head = openList(total, page.startIndex, resources.length);
  return { status: 200, body: renderList(exchange, page, { head, resources }) };
}

export const queryGroups = (exchange: Exchange): Promise<Answer> =>
  list(exchange, readListQuery(fromUrl(exchange.query), GROUP_ATTRIBUTES, exchange.settings));
export const searchGroups = (exchange: Exchange): Promise<Answer> =>
  list(exchange, readListQuery(fromSearch(exchange.body), GROUP_ATTRIBUTES, exchange.settings));
