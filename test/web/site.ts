// A small application with the shared plumbing of the pages and the real views, for the tests of this folder.
import { createSecretKey } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import express from 'express';
import type { Express, RequestHandler } from 'express';
import { pino } from 'pino';
import { brandMark, brandStylesheet } from '../../src/web/brand.ts';
import { checkForms } from '../../src/web/csrf.ts';
import { errorPages, notFoundPage } from '../../src/web/error-page.ts';
import { securityHeaders } from '../../src/web/headers.ts';
import { rememberChoices } from '../../src/web/page.ts';
import { createRender } from '../../src/web/render.ts';
import type { Render, Site } from '../../src/web/render.ts';
import { assignRequestId } from '../../src/web/request-id.ts';
import { loadAssets } from '../../src/web/static.ts';
import { loadTexts } from '../../src/texts.ts';
import { loadViews } from '../../src/web/views.ts';
import { TIME_ZONE } from './days.ts';

const root = (folder: string) => fileURLToPath(new URL(`../../${folder}`, import.meta.url));
export const LOCALES = root('locales');
export const VIEWS = root('views');

export async function testSite(publicUrl = 'http://localhost:3000'): Promise<Site> {
  const brand = { name: 'Business Portal', accent: '#b3001b', radius: 8 };
  return {
    publicUrl: new URL(publicUrl),
    keys: [createSecretKey(Buffer.alloc(32, 7))],
    defaultLanguage: 'nl',
    brand,
    timeZone: TIME_ZONE,
    links: { home: '/', help: '/help' },
    texts: await loadTexts(LOCALES),
    views: await loadViews({ folder: VIEWS, cache: true }),
    assets: await loadAssets(root('public'), { 'brand.css': brandStylesheet(brand), 'mark.svg': brandMark(brand) }),
  };
}

/** `routes` are mounted where the edges of the real application are. */
export function testApp(
  site: Site,
  routes: (app: Express, render: Render) => void,
  before: RequestHandler[] = [],
): Express {
  const app = express();
  const render = createRender(site);
  app.use(assignRequestId({ trustProxy: 0 }), securityHeaders(site));
  app.use('/assets', site.assets.handler);
  app.use(express.urlencoded({ extended: false }), rememberChoices(site), ...before, checkForms(site));
  routes(app, render);
  app.use(notFoundPage(render));
  app.use(errorPages({ render, log: pino({ enabled: false }) }));
  return app;
}

export const SIGN_IN = { action: '/sign-in', forgotHref: '/recover' };
