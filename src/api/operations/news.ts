// The operator's news on the home page of everybody.
import { z } from 'zod';
import { LANGUAGES } from '../../applications/application.ts';
import { operations } from '../operation.ts';
import { pageOf, pageQuery, text } from '../shapes.ts';

const inEachLanguage = (most: number) =>
  z.strictObject(
    Object.fromEntries(LANGUAGES.map((language) => [language, text(most)])) as Record<
      (typeof LANGUAGES)[number],
      ReturnType<typeof text>
    >,
  );
const labels = z.record(z.enum(LANGUAGES), z.string());

const item = z
  .object({ id: z.string(), day: z.string(), title: labels, text: labels, moreUrl: z.string().nullable() })
  .meta({ id: 'News' });

export const newsOperations = operations({
  'news.publish': {
    noun: 'news',
    verb: 'publish',
    method: 'post',
    path: '/news',
    summary: 'Publishes news on the home page, from its day on.',
    needs: 'news.write',
    body: z.strictObject({
      day: z.iso.date('must be a day as 2030-01-31'),
      title: inEachLanguage(150),
      text: inEachLanguage(1000),
      moreUrl: z
        .url({ protocol: /^https$/ })
        .max(500)
        .nullable()
        .optional(),
    }),
    answer: item,
    status: 201,
    example: '--input news.json',
  },
  'news.list': {
    noun: 'news',
    verb: 'list',
    method: 'get',
    path: '/news',
    summary: 'Lists the news that is not withdrawn, that of later days too.',
    needs: 'news.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(item),
    columns: ['id', 'day', 'moreUrl'],
    example: '',
  },
  'news.withdraw': {
    noun: 'news',
    verb: 'withdraw',
    method: 'delete',
    path: '/news/{news}',
    summary: 'Withdraws news; it is gone from the home page at once.',
    needs: 'news.write',
    example: '019391c7-7788-799a-8bbc-f36e7f8091ec',
  },
});
