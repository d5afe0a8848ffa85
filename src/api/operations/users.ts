// Users of an organization: people and service users, their state, and the link with which a person sets a password.
// The whole SCIM resource is at /scim/v2; here stands what an operator needs to set somebody up.
import { z } from 'zod';
import { LANGUAGES } from '../../applications/application.ts';
import { operations } from '../operation.ts';
import { instant, pageOf, pageQuery, text } from '../shapes.ts';

const attributes = {
  userName: text(256),
  givenName: text(100),
  familyName: text(100),
  displayName: text(256),
  email: z.email('must be an e-mail address').max(320),
  title: text(200),
  language: z.enum(LANGUAGES),
  externalId: text(256),
};
const { userName, ...others } = attributes;

const user = z
  .object({
    id: z.string(),
    active: z.boolean(),
    userName: z.string(),
    displayName: z.string().meta({ description: 'How the person is called on screens.' }),
    givenName: z.string().nullable(),
    familyName: z.string().nullable(),
    email: z.string().nullable(),
    title: z.string().nullable(),
    language: z.string().nullable(),
    externalId: z.string().nullable(),
    subject: z.string().meta({ description: '`sub` of the tokens: opaque, the same for ever.' }),
    version: z.int(),
    createdAt: instant,
    updatedAt: instant,
  })
  .meta({ id: 'User' });

const USERS = '/organizations/{organization}/users';
const EXAMPLE = '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 019391c3-1d47-7f60-b8a9-6e1d2c3b4a53';

export const userOperations = operations({
  'user.create': {
    noun: 'user',
    verb: 'create',
    method: 'post',
    path: USERS,
    summary: 'Creates a person or a service user. He holds no right yet, and a person has no password yet.',
    needs: 'users.write',
    body: z.strictObject({
      kind: z
        .enum(['person', 'service'])
        .optional()
        .meta({ description: 'A service user has client credentials instead of a portal.' }),
      userName,
      ...z.object(others).partial().shape,
    }),
    answer: user,
    status: 201,
    refusals: ['uniqueness'],
    example:
      '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 --user-name anna.peeters --given-name Anna --family-name Peeters --language nl',
  },
  'user.list': {
    noun: 'user',
    verb: 'list',
    method: 'get',
    path: USERS,
    summary: 'Lists the users of an organization, the oldest first.',
    needs: 'users.read',
    query: z.strictObject({
      userName: text(256).optional().meta({ description: 'Exactly this username, whatever the case.' }),
      ...pageQuery,
    }),
    answer: pageOf(user),
    columns: ['id', 'active', 'userName', 'displayName', 'email', 'language'],
    example: '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 --user-name anna.peeters',
  },
  'user.get': {
    noun: 'user',
    verb: 'get',
    method: 'get',
    path: `${USERS}/{user}`,
    summary: 'Reads a user.',
    needs: 'users.read',
    answer: user,
    example: EXAMPLE,
  },
  'user.change': {
    noun: 'user',
    verb: 'change',
    method: 'patch',
    path: `${USERS}/{user}`,
    summary: 'Changes personal data; null empties a field, what is absent stays.',
    needs: 'users.write',
    body: z.strictObject({
      userName: userName.optional(),
      givenName: others.givenName.nullable().optional(),
      familyName: others.familyName.nullable().optional(),
      displayName: others.displayName.nullable().optional(),
      email: others.email.nullable().optional(),
      title: others.title.nullable().optional(),
      language: others.language.nullable().optional(),
      externalId: others.externalId.nullable().optional(),
    }),
    answer: user,
    refusals: ['uniqueness', 'conflict'],
    example: `${EXAMPLE} --email anna@noordzee.example`,
  },
  'user.deactivate': {
    noun: 'user',
    verb: 'deactivate',
    method: 'post',
    path: `${USERS}/{user}/deactivate`,
    summary: 'Deactivates a user: all access ends with this answer.',
    needs: 'users.deactivate',
    answer: user,
    refusals: ['last_chief', 'conflict'],
    example: EXAMPLE,
  },
  'user.reactivate': {
    noun: 'user',
    verb: 'reactivate',
    method: 'post',
    path: `${USERS}/{user}/reactivate`,
    summary: 'Reactivates a user: he has again what he was given and what has not ended since.',
    needs: 'users.write',
    answer: user,
    refusals: ['conflict'],
    example: EXAMPLE,
  },
  'user.delete': {
    noun: 'user',
    verb: 'delete',
    method: 'delete',
    path: `${USERS}/{user}`,
    summary: 'Deactivates a user for good; the record stays for the audit until its retention ends.',
    needs: 'users.write',
    refusals: ['last_chief'],
    example: EXAMPLE,
  },
  'link.create': {
    noun: 'link',
    verb: 'create',
    method: 'post',
    path: `${USERS}/{user}/links`,
    summary: 'Makes a one-time link with which an active person sets his password. It is shown this once.',
    needs: 'users.write',
    body: z.strictObject({ purpose: z.enum(['first_password', 'recovery']) }),
    answer: z.object({ url: z.string(), purpose: z.enum(['first_password', 'recovery']), expiresAt: instant }),
    status: 201,
    refusals: ['conflict'],
    example: `${EXAMPLE} --purpose first_password`,
  },
  'temporary-password.create': {
    noun: 'temporary-password',
    verb: 'create',
    method: 'post',
    path: `${USERS}/{user}/temporary-password`,
    summary: 'Gives an active person a password that he must change at his first sign-in. It is shown this once.',
    needs: 'users.write',
    answer: z.object({ password: z.string(), expiresAt: instant }),
    status: 201,
    refusals: ['conflict'],
    example: EXAMPLE,
  },
});
