// The pages of recovery on real routes, with a mail hub that keeps its mails. The job of each request can be awaited.
import express from 'express';
import request from 'supertest';
import { recoverAccess } from '../../src/credentials/recover-password.ts';
import { RECOVER_ACCESS } from '../../src/credentials/request-recovery.ts';
import { query } from '../../src/database/query.ts';
import type { OidcSettings } from '../../src/oidc/oidc-settings.ts';
import { passwordLinksRouter } from '../../src/oidc/password-links.ts';
import { recoverRouter } from '../../src/oidc/recover.ts';
import { listMails, type KeptMail } from '../../src/mail/list-mails.ts';
import { errorPages } from '../../src/web/error-page.ts';
import { securityHeaders } from '../../src/web/headers.ts';
import { createRender } from '../../src/web/render.ts';
import { assignRequestId } from '../../src/web/request-id.ts';
import { openMailHub, PUBLIC_URL } from '../mail/mail-hub.ts';
import { silent } from '../support/database.ts';
import { testSite } from '../web/site.ts';

export type Visitor = ReturnType<typeof request.agent>;

export async function openRecoveryHub() {
  const { run } = recoverAccess(silent);
  // The queue polls; a test that is not about the queue runs the job itself.
  let byQueue = false;
  const carriedOut = new Set<unknown>();
  let check: () => unknown = () => undefined;
  const handler = async (data: Record<string, unknown>) => {
    if (!byQueue) return;
    await run(data);
    carriedOut.add(data['request']);
    check();
  };
  await openMailHub({ [RECOVER_ACCESS]: { run: handler } });
  const app = express();
  app.set('trust proxy', 1);
  const site = await testSite(PUBLIC_URL);
  const render = createRender(site);
  const settings: OidcSettings = {
    publicUrl: site.publicUrl,
    production: false,
    trustProxy: 0,
    tokens: {
      access_token_seconds: 300,
      refresh_idle_seconds: 28_800,
      session_seconds: 86_400,
      offline_refresh_seconds: 2_592_000,
    },
    catalogue: new Map(),
    site,
    render,
    log: silent,
    rights: () => Promise.resolve(undefined),
    recoverHref: '/recover',
  };
  app.use(
    assignRequestId({ trustProxy: 1 }),
    securityHeaders(site),
    recoverRouter(settings),
    passwordLinksRouter(settings),
  );
  app.use(errorPages({ render, log: silent }));

  // A network of its own for each visitor, so that one test's requests do not count against another's.
  let visitors = 0;
  const visitor = (language = 'en'): Visitor => {
    visitors += 1;
    return request.agent(app).set({
      'Accept-Language': language,
      'X-Forwarded-For': `198.51.${Math.floor(visitors / 250)}.${visitors % 250}`,
    });
  };
  const hidden = (html: string, name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(html)?.[1] ?? '';
  const formToken = (html: string) => hidden(html, 'csrf');
  /** What is sent with the form behind a link, in which a password is chosen. */
  const choice = (html: string, password: string) => ({
    ...{ new_password: password, confirm_password: password },
    ...{ csrf: formToken(html), link: hidden(html, 'link') },
  });

  async function post(identifier: string, by: Visitor = visitor()) {
    const page = await by.get('/recover');
    return by
      .post('/recover')
      .type('form')
      .send({ identifier, csrf: formToken(page.text) });
  }

  const jobs = () =>
    query<{ data: Record<string, unknown> }>(
      `select data from jobs.job where name = '${RECOVER_ACCESS}' order by created_on, id`,
    );

  return {
    visitor,
    post,
    formToken,
    choice,
    /** Asks, carries the request out, and answers the mails that came of it, oldest first. */
    async recover(identifier: string, by: Visitor = visitor()): Promise<KeptMail[]> {
      const known = new Set((await listMails(1000)).map(({ id }) => id));
      const before = (await jobs()).length;
      await post(identifier, by);
      for (const { data } of (await jobs()).slice(before)) await run(data);
      return (await listMails(1000)).filter(({ id }) => !known.has(id)).reverse();
    },
    /** Asks, and waits until the queue has carried the request out. */
    async recoverByQueue(identifier: string): Promise<void> {
      byQueue = true;
      await post(identifier);
      const request = (await jobs()).at(-1)?.data['request'];
      await new Promise<void>((resolve) => {
        check = () => carriedOut.has(request) && resolve();
        check();
      });
      byQueue = false;
    },
    /** Chooses a password behind a link as a person does, and answers the last page. */
    async choose(path: string, password: string, by: Visitor = visitor()) {
      const opened = await by.get(path).redirects(1);
      const action = path.split('/')[1] ?? '';
      return by.post(`/${action}`).type('form').send(choice(opened.text, password));
    },
  };
}

/** The paths of the links in a mail. */
export const linksIn = (mail: KeptMail | undefined): string[] =>
  [...(mail?.text ?? '').matchAll(/http:\/\/localhost:3000(\/\S+)/g)].map(([, path = '']) => path);
