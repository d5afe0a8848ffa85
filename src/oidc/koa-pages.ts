// Our pages in answers that oidc-provider makes: its callbacks come before it has set its cookies, so the page is kept
// and sent by `sendPages`, the outermost layer, once the provider is done. What the library answers in its own words (a form
// that posts itself, nothing at all) becomes a page of ours as well.
import type { Response } from 'express';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { allowFormTargets } from '../web/headers.ts';
import type { Render } from '../web/render.ts';

type Page = (res: Response) => void;

const pages = new WeakMap<object, Page>();

/** Express made the response; Koa only borrowed it. */
export const responseOf = (ctx: KoaContextWithOIDC): Response => ctx.res as unknown as Response;

/** The page to answer with. */
export function showPage(
  ctx: KoaContextWithOIDC,
  render: Render,
  view: string,
  locals: Record<string, unknown>,
  status = 200,
): void {
  pages.set(ctx.req, (res) => render(res, view, locals, { status }));
}

/** Takes back a page, where another answer was found. */
export const dropPage = (ctx: KoaContextWithOIDC): boolean => pages.delete(ctx.req);

export const sendPages =
  (render: Render) =>
  async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next();
    const page = pages.get(ctx.req) ?? pageInstead(ctx, render);
    if (!page) return;
    ctx.respond = false;
    page(responseOf(ctx));
  };

function pageInstead(ctx: KoaContextWithOIDC, render: Render): Page | undefined {
  const { status, body } = ctx;
  const form = ctx.response.is('html') && typeof body === 'string' ? formIn(body) : undefined;
  if (form) {
    const targets = targetsOf(ctx, form);
    return (res) => {
      allowFormTargets(res, targets);
      render(res, 'sign-in/continue', form, { status });
    };
  }
  const unanswered = status === 404 && (body === undefined || body === null);
  if (!unanswered || !ctx.get('accept').includes('text/html')) return undefined;
  const requestId = ctx.response.get('X-Request-Id');
  return (res) => render(res, 'error', { kind: 'not_found', requestId }, { status });
}

type Form = { action: string; hidden: { name: string; value: string }[] };

/** The library's form: OAuth 2.0 Form Post Response Mode, and the end of a session that needs no question. */
function formIn(html: string): Form | undefined {
  const action = /<form method="post" action="([^"]*)">/.exec(html)?.[1];
  if (action === undefined) return undefined;
  const inputs = [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"\/>/g)];
  return {
    action: plain(action),
    hidden: inputs.map(([, name = '', value = '']) => ({ name: plain(name), value: plain(value) })),
  };
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' };
const plain = (text: string): string =>
  text.replace(/&(lt|gt|quot|#39|amp);/g, (_, name: string) => ENTITIES[name] ?? '');

/** Where the form goes, and where redirects lead from there: they may end at the asking client. */
function targetsOf(ctx: KoaContextWithOIDC, { action }: Form): string[] {
  const params = { ...ctx.oidc.entities.Interaction?.params, ...ctx.oidc.params };
  const back = params['redirect_uri'] ?? params['post_logout_redirect_uri'];
  return [action, back].filter((target): target is string => typeof target === 'string' && URL.canParse(target));
}
