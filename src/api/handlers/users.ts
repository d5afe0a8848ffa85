// Users and their links; see ../operations/users.ts. A user's document is SCIM's (RFC 7643 section 4.1); this file
// knows which of its attributes stand behind the API's flat fields.
import { giveTemporaryPassword } from '../../credentials/change-password.ts';
import { makePasswordLink } from '../../credentials/make-password-link.ts';
import { HubError } from '../../errors.ts';
import type { Document, Json } from '../../provisioning/attribute.ts';
import { fold } from '../../provisioning/fold.ts';
import { listUsers } from '../../provisioning/read-users.ts';
import { USER_SCHEMA } from '../../provisioning/schemas.ts';
import { changeUser } from '../../users/change-user.ts';
import { createUser } from '../../users/create-user.ts';
import { deleteUser } from '../../users/delete-user.ts';
import { findUser } from '../../users/find-user.ts';
import { encodeSubject } from '../../users/subject.ts';
import type { UserRecord } from '../../users/user-record.ts';
import { emailOf, nameOf } from '../../users/user-row.ts';
import { keysetPage } from '../keyset-page.ts';
import type { Handlers } from '../operation.ts';
import type { userOperations } from '../operations/users.ts';

type Fields = {
  readonly [
    Name in 'userName' | 'givenName' | 'familyName' | 'displayName' | 'email' | 'title' | 'language' | 'externalId'
  ]?: string | null | undefined;
};

type Change = Readonly<Record<string, Json | null | undefined>>;

/** Null removes, undefined leaves alone. */
function changed(before: Document, change: Change): Document {
  const kept = Object.entries(before).filter(([name]) => change[name] === undefined);
  const set = Object.entries(change).flatMap(([name, value]): [string, Json][] =>
    value === null || value === undefined ? [] : [[name, value]],
  );
  return Object.fromEntries([...kept, ...set]);
}

function withFields(before: Document, fields: Fields): Document {
  const { givenName, familyName, email } = fields;
  const renamed = givenName !== undefined || familyName !== undefined;
  const oldName = (before['name'] ?? {}) as Document;
  // A formatted name made of the old parts would contradict the new ones.
  const name = renamed ? changed(oldName, { givenName, familyName, formatted: null }) : oldName;
  return changed(before, {
    userName: fields.userName,
    displayName: fields.displayName,
    title: fields.title,
    externalId: fields.externalId,
    preferredLanguage: fields.language,
    name: Object.keys(name).length > 0 ? name : null,
    emails: email === undefined ? undefined : withEmail(before, email),
  });
}

/** The address that people write to is replaced; the others stay. */
function withEmail(before: Document, email: string | null): Json | null {
  const old = emailOf(before);
  const all = (Array.isArray(before['emails']) ? before['emails'] : []) as readonly Document[];
  const others = all.filter((one) => one['value'] !== old);
  const rest = email === null ? others : [{ value: email, type: 'work', primary: true }, ...others];
  return rest.length > 0 ? rest : null;
}

const textOf = (value: Json | undefined): string | null => (typeof value === 'string' && value !== '' ? value : null);

const shown = (organizationId: string, { id, active, version, createdAt, updatedAt, document }: UserRecord) => {
  const name = document['name'] as Document | undefined;
  return {
    id,
    active,
    userName: String(document['userName']),
    displayName: nameOf(document),
    givenName: textOf(name?.['givenName']),
    familyName: textOf(name?.['familyName']),
    email: emailOf(document),
    title: textOf(document['title']),
    language: textOf(document['preferredLanguage']),
    externalId: textOf(document['externalId']),
    subject: encodeSubject(organizationId, id),
    version,
    createdAt,
    updatedAt,
  };
};

/** Where the page stands on which a person sets his password with the link. */
const LINK_PAGES = { first_password: '/welcome', recovery: '/new-password' } as const;

export const userHandlers: Handlers<typeof userOperations> = {
  'user.create': async (ctx, { body }) => {
    const { kind, ...fields } = body;
    const document = withFields({ schemas: [USER_SCHEMA], active: true }, fields);
    return shown(ctx.organizationId, await createUser(ctx, { document, ...(kind === undefined ? {} : { kind }) }));
  },
  'user.list': async (ctx, { query, publicUrl }) => {
    const only = query.userName === undefined ? undefined : { key: 'userName', value: fold(query.userName) };
    const { items, next } = await keysetPage(query, only, (asked) =>
      listUsers(ctx, asked, `${publicUrl.origin}/scim/v2`),
    );
    const records = items.map((row): UserRecord => {
      const document = JSON.parse(row.document) as Document;
      return {
        ...row,
        active: document['active'] !== false,
        createdAt: row.created_at,
        updatedAt: row.updated_at,
        document,
      };
    });
    return { items: records.map((record) => shown(ctx.organizationId, record)), next };
  },
  'user.get': async (ctx, { params }) => shown(ctx.organizationId, await findUser(ctx, params.user)),
  'user.change': async (ctx, { params, body }) =>
    shown(ctx.organizationId, await changeUser(ctx, params.user, (document) => withFields(document, body))),
  'user.deactivate': async (ctx, { params }) =>
    shown(ctx.organizationId, await changeUser(ctx, params.user, (document) => ({ ...document, active: false }))),
  'user.reactivate': async (ctx, { params }) =>
    shown(ctx.organizationId, await changeUser(ctx, params.user, (document) => ({ ...document, active: true }))),
  'user.delete': (ctx, { params }) => deleteUser(ctx, params.user),
  'link.create': async (ctx, { params, body, publicUrl }) => {
    const asked = { userId: params.user, purpose: body.purpose };
    const { token, expiresAt } = await makePasswordLink(ctx, asked);
    return { url: `${publicUrl.origin}${LINK_PAGES[body.purpose]}/${token}`, purpose: body.purpose, expiresAt };
  },
  'temporary-password.create': async (ctx, { params }) => {
    const user = await findUser(ctx, params.user);
    if (!user.active) throw new HubError('conflict', 'This user is deactivated; a password would open nothing.');
    return giveTemporaryPassword(ctx, { organizationId: ctx.organizationId, userId: user.id });
  },
};
