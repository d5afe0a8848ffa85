// What a person is told about by e-mail, and how soon. Mails that protect an account always go out at once.
import { z } from 'zod';
import { DELIVERIES } from '../../notices/topics.ts';
import { operations } from '../operation.ts';

const PATH = '/organizations/{organization}/users/{user}/notice-preferences';
const EXAMPLE = '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 019391c3-1d47-7f60-b8a9-6e1d2c3b4a53';
const delivery = z.enum(DELIVERIES);
/** Of the operator's staff only. */
const staff = (description: string) =>
  delivery.optional().meta({ description: `${description} For the operator’s staff only.` });
const choices = z.object({
  rights: delivery.meta({ description: 'Rights were given to him, or taken away.' }),
  ends: delivery.meta({ description: 'A right that he holds, or could give again, ends in two weeks.' }),
  requests: delivery.meta({ description: 'Somebody asks him for access, or his own request is answered.' }),
  mandates: delivery.meta({ description: 'A mandate is given to his organization, changed or withdrawn.' }),
  imports: delivery.meta({ description: 'A file of users that he uploaded has been processed.' }),
  reviews: delivery.meta({ description: 'An access review has begun or waits for him.' }),
  staff_registrations: staff('A company asks for access.'),
  staff_requests: staff('A request for access that nobody in its organization can answer.'),
  staff_chiefs: staff('An organization has no chief administrator.'),
  staff_approvals: staff('Something waits for a second person.'),
  staff_failures: staff('Mails that were not delivered, jobs that failed.'),
});
const preferences = choices.meta({ id: 'NoticePreferences' });

export const noticePreferenceOperations = operations({
  'notice-preference.get': {
    noun: 'notice-preference',
    verb: 'get',
    method: 'get',
    path: PATH,
    summary: 'Reads what a person is told about by e-mail, and how soon.',
    needs: 'users.read',
    answer: preferences,
    example: EXAMPLE,
  },
  'notice-preference.set': {
    noun: 'notice-preference',
    verb: 'set',
    method: 'patch',
    path: PATH,
    summary: 'Sets what a person is told about; topics that are absent stay. What waits for him follows.',
    needs: 'users.write',
    body: z.strictObject(choices.partial().shape),
    answer: preferences,
    example: `${EXAMPLE} --rights at_once --imports never`,
  },
});
