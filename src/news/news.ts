// News of the operator for everybody who signs in: a day, a title, a text and an address to read on, in four languages.
// What was withdrawn stays for the record.
import { Op } from 'sequelize';
import { v7 as uuidv7 } from 'uuid';
import { recordAudit } from '../audit/record.ts';
import type { Labels } from '../applications/application.ts';
import type { Ctx } from '../context.ts';
import { NewsModel } from '../database/models/news.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { checkOperator } from '../organizations/check-operator.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import { isId } from '../users/is-id.ts';

export type NewsItem = {
  readonly id: string;
  /** 2026-12-31 */
  readonly day: string;
  readonly title: Labels;
  readonly text: Labels;
  /** Where one reads on. */
  readonly moreUrl: string | null;
};
type NewNews = Omit<NewsItem, 'id' | 'moreUrl'> & { readonly moreUrl?: string | null };

const itemOf = ({ id, day, title, text, moreUrl }: NewsModel): NewsItem => ({ id, day, title, text, moreUrl });

/** Characters in each language. */
export const MOST_NEWS_TITLE = 150;
export const MOST_NEWS_TEXT = 1000;

const DAY = /^\d{4}-\d{2}-\d{2}$/;

function checkWords(path: 'title' | 'text', words: Labels, most: number): void {
  for (const [language, text] of Object.entries(words)) {
    if (text.trim() !== '' && text.length <= most) continue;
    const message = `must be 1 to ${most} characters`;
    throw new HubError('invalid_input', `News needs a ${path} in every language.`, {
      issues: [{ path: `${path}.${language}`, message }],
    });
  }
}

function checkDay(day: string): void {
  const at = DAY.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  if (!Number.isNaN(at) && new Date(at).toISOString().startsWith(day)) return;
  throw new HubError('invalid_input', 'News needs a day of the calendar.', {
    issues: [{ path: 'day', message: 'must be a day as 2030-01-31' }],
  });
}

/** Throws HubError `not_permitted`, `invalid_input` (no day, a text that is empty or too long, an address that is not https). */
export function publishNews(ctx: Ctx, { day, title, text, moreUrl = null }: NewNews): Promise<NewsItem> {
  checkOperator(ctx);
  checkDay(day);
  checkWords('title', title, MOST_NEWS_TITLE);
  checkWords('text', text, MOST_NEWS_TEXT);
  if (moreUrl !== null && URL.parse(moreUrl)?.protocol !== 'https:') {
    throw new HubError('invalid_input', 'News can lead to an https address only.', {
      issues: [{ path: 'moreUrl', message: 'must be an https address' }],
    });
  }
  const item = { id: uuidv7(), day, title, text, moreUrl };
  return transaction(async () => {
    await NewsModel.create({ ...item, publishedBy: ctx.actor, publishedAt: ctx.now });
    await recordAudit(ctx, {
      action: 'news.published',
      targetKind: 'news',
      targetId: item.id,
      after: item,
      organizationId: OPERATOR_ORGANIZATION_ID,
    });
    return item;
  });
}

/** Throws HubError `not_permitted`, `not_found`. */
export async function withdrawNews(ctx: Ctx, id: string): Promise<void> {
  checkOperator(ctx);
  await transaction(async () => {
    const before = isId(id) ? await NewsModel.findOne({ where: { id, withdrawnAt: null }, lock: true }) : null;
    if (!before) throw new HubError('not_found', `There is no news ${id}.`);
    await before.update({ withdrawnAt: ctx.now });
    await recordAudit(ctx, {
      action: 'news.withdrawn',
      targetKind: 'news',
      targetId: before.id,
      before: itemOf(before),
      organizationId: OPERATOR_ORGANIZATION_ID,
    });
  });
}

/** Newest day first; `until`: none of a later day. */
export async function listNews({ limit, until }: { limit: number; until?: string }): Promise<NewsItem[]> {
  const news = await NewsModel.findAll({
    where: { withdrawnAt: null, ...(until !== undefined && { day: { [Op.lte]: until } }) },
    order: [
      ['day', 'DESC'],
      ['id', 'DESC'],
    ],
    limit,
  });
  return news.map(itemOf);
}
