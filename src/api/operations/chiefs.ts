// An organization's chief administrators, as the operator makes them.
import { z } from 'zod';
import { operations } from '../operation.ts';
import { pageOf, pageQuery } from '../shapes.ts';
import { appointed, newPerson } from './person-parts.ts';

const ORGANIZATION = '019391c2-7a5e-7c11-9a63-0c5f7a2f9f10';
const ORG = '/organizations/{organization}';

export const chiefOperations = operations({
  'chief.list': {
    noun: 'chief',
    verb: 'list',
    method: 'get',
    path: `${ORG}/chiefs`,
    summary: 'Lists the chief administrators of an organization.',
    needs: 'users.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(appointed),
    example: `--organization ${ORGANIZATION}`,
  },
  'chief.create': {
    noun: 'chief',
    verb: 'create',
    method: 'post',
    path: `${ORG}/chiefs`,
    summary: 'Makes a chief administrator and invites him.',
    needs: 'users.write',
    body: newPerson,
    answer: z.object({ id: z.string() }),
    status: 201,
    refusals: ['uniqueness'],
    example: `--organization ${ORGANIZATION} --given-name Anna --family-name Peeters --email anna@example.org --language nl`,
  },
  'chief.appoint': {
    noun: 'chief',
    verb: 'appoint',
    method: 'post',
    path: `${ORG}/users/{user}/appoint`,
    summary: 'Appoints somebody whom the organization has already.',
    needs: 'users.write',
    example: `--organization ${ORGANIZATION} 019391c2-9c02-7b3d-a1e6-5f0c9b8d7e32`,
  },
});
