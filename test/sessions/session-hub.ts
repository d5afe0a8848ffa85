// The OpenID Connect edge and the portal on one origin, as people meet them, with time that passes in the rows: a session
// that was last used long ago.
import { catalogue, setCatalogue } from '../../src/applications/current-catalogue.ts';
import { loadCatalogue } from '../../src/applications/catalogue.ts';
import { query } from '../../src/database/query.ts';
import { portal } from '../../src/portal/mount.ts';
import { rememberChoices } from '../../src/web/page.ts';
import type { Page } from '../oidc/browser.ts';
import { Browser } from '../oidc/browser.ts';
import { typeIn, type TestUser } from '../oidc/hub.ts';
import { codeNow, startWorld, timePasses } from '../second-factor/world.ts';
import { silent } from '../support/database.ts';

export const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0';
export const SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';

export type SessionHub = Awaited<ReturnType<typeof startSessionHub>>;
type WithApp = TestUser & { seed: string };

export async function startSessionHub() {
  setCatalogue(await loadCatalogue(new URL('../../config/applications/', import.meta.url).pathname));
  const world = await startWorld(async ({ app, site, render }) => {
    app.use(rememberChoices(site));
    app.use('/portal', await portal({ site, render, catalogue: catalogue(), log: silent }));
  });

  const newBrowser = (userAgent = FIREFOX): Browser => {
    const browser = new Browser(world.hub.origin, { 'user-agent': userAgent });
    browser.setCookie('language', 'en');
    return browser;
  };

  /** The portal's page after as many steps of a sign-in as it asks for. */
  async function through(browser: Browser, user: TestUser | WithApp, page: Page): Promise<Page> {
    let at = page;
    if (at.url.pathname.startsWith('/sign-in/')) at = await typeIn(browser, at, user);
    if (at.url.pathname.endsWith('/second-factor') && 'seed' in user) {
      await timePasses(user);
      at = await browser.submit(at, { code: codeNow(user.seed) });
    }
    return at;
  }

  const visit = async (user: TestUser | WithApp, browser = newBrowser(), path = '/portal/security') => ({
    browser,
    page: await through(browser, user, await browser.open(path)),
  });

  return { ...world, newBrowser, through, visit };
}

/** The person's sessions were last used so much earlier. */
export const idleFor = ({ organizationId, userId }: TestUser, minutes: number) =>
  query(
    'update sessions set used_at = used_at - make_interval(mins => $3) where organization_id = $1 and user_id = $2',
    [organizationId, userId, minutes],
  );

/** They were begun so much earlier, and used all the time. */
export const openFor = ({ organizationId, userId }: TestUser, minutes: number) =>
  query(
    `update oidc_artefacts set payload = jsonb_set(payload, '{loginTs}', to_jsonb((payload ->> 'loginTs')::bigint - $3 * 60))
     where organization_id = $1 and user_id = $2 and model = 'Session'`,
    [organizationId, userId, minutes],
  );

export const mailsTo = async ({ organizationId, userId }: TestUser): Promise<string[]> =>
  (
    await query<{ kind: string }>(
      'select kind from mails where organization_id = $1 and user_id = $2 order by created_at, id',
      [organizationId, userId],
    )
  ).map(({ kind }) => kind);

export const actionsAbout = async ({ organizationId, userId }: TestUser): Promise<string[]> =>
  (
    await query<{ action: string }>(
      'select action from audit_events where organization_id = $1 and target_id = $2 order by id',
      [organizationId, userId],
    )
  ).map(({ action }) => action);

export const atSignIn = (page: Page): boolean => page.url.pathname.startsWith('/sign-in/');
