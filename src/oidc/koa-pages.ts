// Our pages in answers that oidc-provider makes: its callbacks come before it has set its cookies, so the page is kept
// and sent by `sendPages`, the outermost layer, once the provider is done.
import type { Response } from 'express';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { formActionSource } from '../web/headers.ts';
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

export async function sendPages(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next();
  const page = pages.get(ctx.req);
  if (!page) return allowFormPost(ctx);
  ctx.respond = false;
  page(responseOf(ctx));
}

/** The library answers some requests with a form that posts itself: its way may end at the asking client. */
function allowFormPost(ctx: KoaContextWithOIDC): void {
  // Absent where no route of the provider matched.
  const oidc = ctx.oidc as KoaContextWithOIDC['oidc'] | undefined;
  if (!ctx.response.is('html') || typeof ctx.body !== 'string' || !oidc) return;
  const params = { ...oidc.entities.Interaction?.params, ...oidc.params };
  const target = params['redirect_uri'] ?? params['post_logout_redirect_uri'];
  const policy = ctx.response.get('Content-Security-Policy');
  if (typeof target !== 'string' || !URL.canParse(target) || policy === '') return;
  ctx.set(
    'Content-Security-Policy',
    policy.replace(/form-action [^;]*/, `form-action 'self' ${formActionSource(target)}`),
  );
}
