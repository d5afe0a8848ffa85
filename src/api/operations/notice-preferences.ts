// What a person is told about by e-mail, and how soon. Mails that protect an account always go out at once.
import { z } from 'zod';
import { DELIVERIES, TOPICS } from '../../notices/topics.ts';
import { operations } from '../operation.ts';

const PATH = '/organizations/{organization}/users/{user}/notice-preferences';
const EXAMPLE = '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 019391c3-1d47-7f60-b8a9-6e1d2c3b4a53';
const choices = z.object(Object.fromEntries(TOPICS.map((topic) => [topic, z.enum(DELIVERIES)])) as Record<(typeof TOPICS)[number], z.ZodEnum<{ at_once: 'at_once'; daily: 'daily'; never: 'never' }>>);
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
