// An e-mail address that waits to be confirmed by the person. To change one, see `user change`.
import { z } from 'zod';
import { operations } from '../operation.ts';
import { instant } from '../shapes.ts';

const PATH = '/organizations/{organization}/users/{user}/email-change';
const EXAMPLE = '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 019391c3-1d47-7f60-b8a9-6e1d2c3b4a53';

export const emailChangeOperations = operations({
  'email-change.get': {
    noun: 'email-change',
    verb: 'get',
    method: 'get',
    path: PATH,
    summary: 'Reads the change of the e-mail address that waits for the person, if one does.',
    needs: 'users.read',
    answer: z
      .object({
        email: z.string(),
        requestedAt: instant,
        expiresAt: instant.meta({ description: 'Until when the link works that was sent last.' }),
        applied: z.boolean().meta({
          description: 'It stands in the record already, but is not trusted for recovery before it is confirmed.',
        }),
      })
      .meta({ id: 'EmailChange' }),
    example: EXAMPLE,
  },
  'email-change.resend': {
    noun: 'email-change',
    verb: 'resend',
    method: 'post',
    path: `${PATH}/resend`,
    summary: 'Sends the link that confirms the new address again.',
    needs: 'users.write',
    refusals: ['throttled'],
    example: EXAMPLE,
  },
  'email-change.cancel': {
    noun: 'email-change',
    verb: 'cancel',
    method: 'delete',
    path: PATH,
    summary: 'Takes back a change that the person asked for and has not confirmed.',
    needs: 'users.write',
    refusals: ['conflict'],
    example: EXAMPLE,
  },
});
