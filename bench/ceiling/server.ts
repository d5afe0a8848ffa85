// The ceiling: what `node:http` and `pg` alone reach with the hub's statements, pool and payload. No framework, no
// checks, no tokens, no parsing beyond the parameters that a statement needs. What the hub is slower by is its own cost.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import type { OrganizationCtx } from '../../src/context.ts';
import { UNOPENED_GROUPS } from '../../src/entitlements/carried-rights.ts';
import { CHANGE_MEMBERS } from '../../src/groups/change-members.ts';
import { FIND_GROUP } from '../../src/groups/find-group.ts';
import { READ_USER, usersPage, type StoredResource } from '../../src/provisioning/read-users.ts';
import { TOTAL } from '../../src/provisioning/resource-page.ts';
import { parseFilter } from '../../src/scim/filter.ts';
import { resolveFilter } from '../../src/scim/resolve-filter.ts';
import { USER_ATTRIBUTES } from '../../src/provisioning/attribute-index.ts';
import { UPDATE_USER } from '../../src/users/change-user.ts';
import { CREATE_USER } from '../../src/users/create-user.ts';
import { FIND_USER } from '../../src/users/find-user.ts';
import { POOL_SIZE } from './pool-size.ts';
import { v7 as uuidv7 } from 'uuid';

pg.types.setTypeParser(pg.types.builtins.INT8, Number);
const pool = new pg.Pool({
  connectionString: process.env['DATABASE_URL'] ?? '',
  max: POOL_SIZE,
  keepAlive: true,
  options: '-c jit=off',
});
const BASE = 'http://localhost:3000/scim/v2';

type Statement = { readonly text: string; readonly name?: string };
const run = async <Row extends pg.QueryResultRow>({ name, text }: Statement, values: unknown[]): Promise<Row[]> =>
  (await pool.query<Row>({ ...(name !== undefined && { name }), text, values })).rows;

const connections = new Map<string, string>();
for (const row of await run<{ organization_id: string; id: string }>(
  { text: 'select organization_id, id from provisioning_connections' },
  [],
)) {
  connections.set(row.organization_id, row.id);
}

const ctx: OrganizationCtx = {
  organizationId: '',
  actor: { kind: 'connection', id: '', organizationId: '', label: 'HR' },
  requestId: '0190a000-0000-7000-8000-000000000000',
  now: new Date(),
  log: undefined as unknown as OrganizationCtx['log'],
};
const textOf = (page: { filter?: string; count: number }): string => {
  const filter = page.filter === undefined ? {} : { filter: resolveFilter(parseFilter(page.filter), USER_ATTRIBUTES) };
  return usersPage(ctx, { startIndex: 1, count: page.count, ...filter }, BASE).text;
};
const BY_NAME = { name: 'by_name', text: textOf({ filter: 'userName eq "x"', count: 100 }) };
const PAGE = { name: 'page', text: textOf({ count: 100 }) };

function shown({ id, version, created_at, updated_at, document, groups }: StoredResource): string {
  const meta = `{"resourceType":"User","created":"${created_at.toISOString()}","lastModified":"${updated_at.toISOString()}","location":"${BASE}/Users/${id}","version":"W/\\"${version}\\""}`;
  return `${document.slice(0, -1)},"id":"${id}","meta":${meta}${groups === null ? '' : `,"groups":${groups}`}}`;
}
const list = (total: number, rows: StoredResource[]): string =>
  `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":${total},"startIndex":1,"itemsPerPage":${rows.length},"Resources":[${rows.map(shown).join(',')}]}`;

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

type Person = { userName: string; displayName: string; externalId: string; emails: { value: string }[]; title: string };
const keysOf = (person: Person) => {
  const email = person.emails[0]?.value.toLowerCase() ?? '';
  const userName = person.userName.toLowerCase();
  return [person.userName, userName, person.displayName.toLowerCase(), person.externalId, email, email] as const;
};
const audit = (
  organization: string,
  actor: string,
  now: Date,
  target: string,
  before: string | null,
  after: string,
) => [organization, uuidv7(), now, actor, 'user.changed', 'user', target, before, after, ctx.requestId];

type Call = { organization: string; connection: string; id: string; url: string; request: IncomingMessage };
const actorOf = ({ organization, connection }: Call) =>
  JSON.stringify({ kind: 'connection', id: connection, organizationId: organization, label: 'HR' });

/** Near enough to the hub's folding to cost as much to store; the one key that an index reads is as the hub writes it. */
const folded = (text: string): string => text.toLowerCase().replaceAll('"familyname":', '"familyName":');

async function create(call: Call): Promise<string> {
  const text = await bodyOf(call.request);
  const [userName, userNameKey, displayKey, externalId, email, workEmail] = keysOf(JSON.parse(text) as Person);
  const now = new Date();
  const id = uuidv7();
  const actor = actorOf(call);
  await run(CREATE_USER, [
    ...[
      call.organization,
      id,
      'person',
      call.connection,
      true,
      userName,
      userNameKey,
      displayKey,
      externalId,
      email,
      workEmail,
    ],
    ...[null, text, folded(text), actor, now, [userNameKey, email]],
    ...audit(call.organization, actor, now, id, null, text),
  ]);
  return shown({ id, version: 1, created_at: now, updated_at: now, document: text, groups: null });
}

async function patch(call: Call): Promise<string> {
  const { Operations } = JSON.parse(await bodyOf(call.request)) as { Operations: [{ value: string }] };
  for (;;) {
    const stored = await setTitle(call, Operations[0].value);
    // Otherwise somebody else was faster.
    if (stored) return shown(stored);
  }
}

async function setTitle(call: Call, title: string): Promise<StoredResource | undefined> {
  const [found] = await run<{ version: number; document: Person }>(FIND_USER, [
    call.organization,
    call.id,
    call.connection,
  ]);
  if (!found) throw new Error(`no user ${call.id}`);
  const before = JSON.stringify({ title: found.document.title });
  const text = JSON.stringify({ ...found.document, title });
  const now = new Date();
  const after = JSON.stringify({ title });
  const [stored] = await run<StoredResource>(UPDATE_USER, [
    ...[call.organization, call.id, found.version, true, ...keysOf(found.document), null],
    ...[text, folded(text), now, call.connection, BASE],
    ...audit(call.organization, actorOf(call), now, call.id, before, after),
  ]);
  return stored;
}

async function read({ organization, connection, id }: Call): Promise<string> {
  const [stored] = await run<StoredResource>(READ_USER, [organization, connection, id, BASE]);
  if (!stored) throw new Error(`no user ${id}`);
  return shown(stored);
}

async function query({ organization, connection, url }: Call): Promise<string> {
  const quoted = /filter=userName%20eq%20%22([^%]*)%22/.exec(url)?.[1];
  if (quoted !== undefined) {
    const rows = await run<StoredResource>(BY_NAME, [organization, connection, quoted.toLowerCase(), 0, BASE]);
    return list(rows.length, rows);
  }
  const offset = Number(/startIndex=(\d+)/.exec(url)?.[1] ?? 1) - 1;
  const rows = await run<StoredResource>(PAGE, [organization, connection, offset, BASE]);
  const [total] = await run<{ total: number }>(TOTAL, [organization, connection, 'user']);
  return list(total?.total ?? 0, rows);
}

async function changeMembers(call: Call): Promise<undefined> {
  const { organization, connection, id } = call;
  const text = await bodyOf(call.request);
  const { Operations } = JSON.parse(text) as { Operations: [{ op: string; value: [{ value: string }] }] };
  const [{ op, value }] = Operations;
  const ids = value.map((member) => member.value);
  const now = new Date();
  await run(FIND_GROUP, [organization, id, connection]);
  if (op === 'add') await run(UNOPENED_GROUPS, [organization, [id], now, connection]);
  await run(CHANGE_MEMBERS, [
    ...[organization, id, connection, op === 'add' ? ids : [], op === 'add' ? [] : ids, now, false],
    ...audit(organization, actorOf(call), now, id, null, text),
  ]);
  return undefined;
}

const HANDLERS: Readonly<Record<string, (call: Call) => Promise<string | undefined>>> = {
  'POST Users': create,
  'PATCH Users': patch,
  'GET Users': (call) => (call.id === '' ? query(call) : read(call)),
  'PATCH Groups': changeMembers,
};

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = request.url ?? '';
  const [, , , endpoint = '', id = ''] = url.split('?', 1)[0]?.split('/') ?? [];
  const organization = request.headers.authorization?.slice(7, 43) ?? '';
  const handler = HANDLERS[`${request.method ?? ''} ${endpoint}`];
  if (!handler) throw new Error(`no handler for ${url}`);
  const text = await handler({ organization, connection: connections.get(organization) ?? '', id, url, request });
  if (text === undefined) return void response.writeHead(204).end();
  const headers = { 'Content-Type': 'application/scim+json', 'Content-Length': Buffer.byteLength(text) };
  response.writeHead(request.method === 'POST' ? 201 : 200, headers).end(text);
}

const server = createServer((request, response) => {
  serve(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.once('SIGTERM', () => {
  server.closeAllConnections();
  server.close(() => void pool.end().then(() => process.exit(0)));
});
