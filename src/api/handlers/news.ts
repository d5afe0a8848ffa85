// News; see ../operations/news.ts.
import { listNews, publishNews, withdrawNews } from '../../news/news.ts';
import { compact } from '../compact.ts';
import type { Handlers } from '../operation.ts';
import type { newsOperations } from '../operations/news.ts';
import { page } from '../page.ts';

/** Older ones are read by nobody. */
const MOST = 1000;

export const newsHandlers: Handlers<typeof newsOperations> = {
  'news.publish': (ctx, { body }) => publishNews(ctx, compact(body)),
  'news.list': async (_ctx, { query }) => page(await listNews({ limit: MOST }), query, ({ id }) => id),
  'news.withdraw': (ctx, { params }) => withdrawNews(ctx, params.news),
};
