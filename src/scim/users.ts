// /Users (RFC 7644 sections 3.3 to 3.6): from the request to the domain and back to an answer.
import type { OrganizationCtx } from '../context.ts';
import type { Document } from '../provisioning/attribute.ts';
import { USER_ATTRIBUTES } from '../provisioning/attribute-index.ts';
import { portalAttributes, withPortal } from '../provisioning/portal-attributes.ts';
import { listUsers, readUser, userSource, type StoredResource } from '../provisioning/read-users.ts';
import { PORTAL_SCHEMA } from '../provisioning/schemas.ts';
import { changeAndReadUser } from '../users/change-user.ts';
import { createUser } from '../users/create-user.ts';
import { deleteUser } from '../users/delete-user.ts';
import type { UserRecord } from '../users/user-record.ts';
import { managerIdOf } from '../users/user-row.ts';
import { applyPatchInTurns } from './apply-patch.ts';
import { cursorPage } from './cursor-list.ts';
import { readDocument } from './document.ts';
import { NO_CONTENT, type Answer, type Exchange } from './exchange.ts';
import { fromSearch, fromUrl, readListQuery, type ListQuery } from './list-query.ts';
import { readPatch } from './patch.ts';
import { checkIfMatch, isUnchanged } from './preconditions.ts';
import { parseSelection, wants, type Selection } from './project.ts';
import { openList, renderUser } from './render.ts';

const selectionOf = ({ query }: Exchange): Selection =>
  parseSelection(
    { attributes: query.get('attributes'), excludedAttributes: query.get('excludedAttributes') },
    USER_ATTRIBUTES,
  );

/** With what users hold in the portal, where that was asked for. */
export async function withRequested(
  ctx: OrganizationCtx,
  stored: StoredResource[],
  selection: Selection,
): Promise<StoredResource[]> {
  if (!selection.included || !wants(selection, PORTAL_SCHEMA)) return stored;
  const attributes = await portalAttributes(
    ctx,
    stored.map(({ id }) => id),
  );
  return stored.map((one) => ({ ...one, document: withPortal(one.document, attributes.get(one.id)) }));
}

export const renderStoredUser = (stored: StoredResource, baseUrl: string, selection: Selection): string =>
  renderUser(
    { ...stored, createdAt: stored.created_at, updatedAt: stored.updated_at },
    stored.groups,
    baseUrl,
    selection,
  );

async function answer(
  exchange: Exchange,
  status: number,
  found: StoredResource,
  selection: Selection,
): Promise<Answer> {
  const { ctx, baseUrl } = exchange;
  const [stored = found] = await withRequested(ctx, [found], selection);
  return {
    status,
    body: renderStoredUser(stored, baseUrl, selection),
    version: stored.version,
    location: `${baseUrl}/Users/${stored.id}`,
  };
}

export async function getUser(exchange: Exchange, id: string): Promise<Answer> {
  const selection = selectionOf(exchange);
  const stored = await readUser(exchange.ctx, id, exchange.baseUrl);
  if (isUnchanged(exchange.ifNoneMatch, stored.version)) return { status: 304, version: stored.version };
  return answer(exchange, 200, stored, selection);
}

/** A user made this very moment is in no group: what was written is what reading would show, but for a manager's name. */
function asWritten(record: UserRecord, now: Date): StoredResource | undefined {
  const { id, version, createdAt, updatedAt, document } = record;
  if (createdAt !== now || managerIdOf(document)) return undefined;
  return {
    id,
    version,
    created_at: createdAt,
    updated_at: updatedAt,
    document: JSON.stringify(document),
    groups: null,
  };
}

export async function postUser(exchange: Exchange): Promise<Answer> {
  const selection = selectionOf(exchange);
  const given = readDocument(exchange.body, USER_ATTRIBUTES);
  const record = await createUser(exchange.ctx, { document: { ...given, active: given['active'] ?? true } });
  const stored = asWritten(record, exchange.ctx.now) ?? (await readUser(exchange.ctx, record.id, exchange.baseUrl));
  return answer(exchange, 201, stored, selection);
}

/** Absent attributes are cleared, but for `active`: leaving it out must neither end nor restore access. */
export async function putUser(exchange: Exchange, id: string): Promise<Answer> {
  const selection = selectionOf(exchange);
  const given = readDocument(exchange.body, USER_ATTRIBUTES);
  const change = (document: Document, record: { version: number }): Document => {
    checkIfMatch(exchange.ifMatch, record.version);
    return { ...given, active: given['active'] ?? document['active'] ?? true };
  };
  return answer(exchange, 200, await changeAndReadUser(exchange.ctx, id, change, exchange.baseUrl), selection);
}

export async function patchUser(exchange: Exchange, id: string): Promise<Answer> {
  const selection = selectionOf(exchange);
  const operations = await readPatch(exchange.body, USER_ATTRIBUTES);
  const change = async (document: Document, record: { version: number }): Promise<Document> => {
    checkIfMatch(exchange.ifMatch, record.version);
    const next = await applyPatchInTurns(document, operations, USER_ATTRIBUTES);
    return { ...next, active: next['active'] ?? document['active'] ?? true };
  };
  return answer(exchange, 200, await changeAndReadUser(exchange.ctx, id, change, exchange.baseUrl), selection);
}

export async function removeUser(exchange: Exchange, id: string): Promise<Answer> {
  await deleteUser(exchange.ctx, id, (version) => checkIfMatch(exchange.ifMatch, version));
  return NO_CONTENT;
}

async function list(exchange: Exchange, page: ListQuery): Promise<Answer> {
  const { ctx, baseUrl } = exchange;
  const { cursor } = page;
  const { head, resources } = cursor
    ? await cursorPage(exchange, { ...page, cursor }, userSource(baseUrl), (rows) => listUsers(ctx, rows, baseUrl))
    : await listUsers(ctx, page, baseUrl).then(({ total, resources: found }) => ({
        head: openList(total, page.startIndex, found.length),
        resources: found,
      }));
  const shown = await withRequested(ctx, [...resources], page.selection);
  const texts = shown.map((stored) => renderStoredUser(stored, baseUrl, page.selection));
  return { status: 200, body: `${head}${texts.join(',')}]}` };
}

export const queryUsers = (exchange: Exchange): Promise<Answer> =>
  list(exchange, readListQuery(fromUrl(exchange.query), USER_ATTRIBUTES, exchange.settings));
export const searchUsers = (exchange: Exchange): Promise<Answer> =>
  list(exchange, readListQuery(fromSearch(exchange.body), USER_ATTRIBUTES, exchange.settings));
