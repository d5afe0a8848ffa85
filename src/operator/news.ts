// The operator's news: what stands on everybody's home page now or will, a form for more, and the end of one.
import type { Request, Response } from 'express';
import { LANGUAGES, type Labels } from '../applications/application.ts';
import { label } from '../applications/catalogue.ts';
import { listNews, MOST_NEWS_TEXT, MOST_NEWS_TITLE, publishNews, withdrawNews } from '../news/news.ts';
import { languageOf } from '../web/page.ts';
import { formFields, refusalOf, type Fault } from '../web/refusal.ts';
import type { OperatorRoute } from './mount.ts';
import type { OperatorSettings } from './operator-settings.ts';
import { shellLocals } from './shell.ts';
import { staffOf } from './staff.ts';

const PATH = '/operator/news';
const MOST = 100;

type Form = { readonly day: string; readonly title: Labels; readonly text: Labels; readonly moreUrl: string };

function formOf(body: unknown): Form {
  const fields = formFields(body);
  const inEach = (name: string) =>
    Object.fromEntries(LANGUAGES.map((one) => [one, fields[`${name}.${one}`] ?? ''])) as Labels;
  return {
    day: fields['day'] ?? '',
    title: inEach('title'),
    text: inEach('text'),
    moreUrl: (fields['more_url'] ?? '').trim(),
  };
}

export function newsPages(settings: OperatorSettings): OperatorRoute[] {
  const { render, site } = settings;
  const today = (): string => new Intl.DateTimeFormat('sv-SE', { timeZone: site.timeZone }).format(new Date());

  async function page(
    req: Request,
    res: Response,
    form: Form,
    errors: readonly Fault[] = [],
    status = 200,
  ): Promise<void> {
    const language = languageOf(res, site);
    const now = today();
    render(
      res,
      'operator/news',
      {
        ...(await shellLocals(settings, req, res, 'news')),
        news: (await listNews({ limit: MOST })).map((item) => ({
          id: item.id,
          day: new Date(`${item.day}T12:00:00Z`),
          later: item.day > now,
          title: label(item.title, language),
          text: label(item.text, language),
          moreUrl: item.moreUrl,
        })),
        form,
        mostTitle: MOST_NEWS_TITLE,
        mostText: MOST_NEWS_TEXT,
        mayWrite: staffOf(req).may('news.write'),
        path: PATH,
        ...(errors.length > 0 && { errors }),
      },
      { status },
    );
  }

  async function publish(req: Request, res: Response): Promise<void> {
    const form = formOf(req.body);
    try {
      await publishNews(staffOf(req).ctx, { ...form, moreUrl: form.moreUrl === '' ? null : form.moreUrl });
    } catch (error) {
      const { status, code, faults } = refusalOf(error);
      const said = code === 'invalid_input' ? [{ key: 'news:incomplete', field: 'day' }] : faults;
      return page(req, res, form, said, status);
    }
    res.redirect(303, `${PATH}?done=created`);
  }

  async function withdraw(req: Request, res: Response): Promise<void> {
    await withdrawNews(staffOf(req).ctx, String(req.params['news']));
    res.redirect(303, `${PATH}?done=ended`);
  }

  return [
    {
      method: 'get',
      path: '/news',
      needs: 'news.read',
      handle: (req, res) => page(req, res, { ...formOf({}), day: today() }),
    },
    { method: 'post', path: '/news', needs: 'news.write', handle: publish },
    { method: 'post', path: '/news/:news/withdraw', needs: 'news.write', handle: withdraw },
  ];
}
