import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { LANGUAGES } from '../../src/applications/application.ts';
import { COMMON } from '../../src/web/views.ts';
import { SIGN_IN, testApp, testSite, VIEWS } from './site.ts';

const EVIL = `"><script>alert('x')</script>&`;
const templates = readdirSync(VIEWS, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ejs'));
const source = (file: string) => readFileSync(path.join(VIEWS, file), 'utf8');

const page = async (view: string, locals: Record<string, unknown>, language = 'en') => {
  const app = testApp(await testSite(), (routes, render) => {
    routes.get('/', (_req, res) => render(res, view, locals));
  });
  return request(app).get('/').set('Accept-Language', language);
};

describe('a view', () => {
  it.each(templates)('%s prints nothing unescaped but what it includes', (file) => {
    const raw = [...source(file).matchAll(/<%-(.*?)%>/gs)].map(([, code = '']) => code.trim());
    expect(raw.filter((code) => !/^include\(('\/|page\.view\))/.test(code))).toEqual([]);
  });

  // A mail is no page of ours: no policy stands over it, and mail programs read no stylesheet.
  it.each(templates.filter((file) => !file.startsWith('mail/')))(
    '%s holds no inline script, style or handler, which the policy would drop',
    (file) => {
      expect(source(file)).not.toMatch(/<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=/i);
    },
  );

  it.each(templates)('%s proves each of its posted forms', (file) => {
    // What only carries somebody on to an application must not carry our proof there.
    if (file === 'sign-in/continue.ejs') return expect(source(file)).not.toContain('csrf');
    const forms = source(file).match(/<form[^>]*method="post"(.|\n)*?<\/form>/g) ?? [];
    for (const form of forms) expect(form).toContain("include('/partials/csrf')");
  });

  it('escapes whatever it is given', async () => {
    const { text } = await page('sign-in/sign-in', {
      ...SIGN_IN,
      application: EVIL,
      organization: EVIL,
      identifier: EVIL,
    });
    expect(text).not.toContain('<script>alert');
    expect(text.match(/&lt;script&gt;alert\(&#39;x&#39;\)/g)?.length).toBe(3);
  });

  it('cannot be given other common values than its own', async () => {
    const { text } = await page('sign-in/sign-in', {
      ...SIGN_IN,
      ...Object.fromEntries(COMMON.map((name) => [name, 'x'])),
    });
    expect(text).toContain('<title>Sign in · Business Portal</title>');
  });

  it('is answered with its status, uncached, with a title in the language of the page', async () => {
    const answer = await page('sign-in/link-invalid', { reason: 'expired' }, 'fr');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.text).toContain('<title>Ce lien a expiré · Business Portal</title>');
  });

  it('says in its title that the form was refused', async () => {
    const { text } = await page('sign-in/sign-in', { ...SIGN_IN, errors: [{ key: 'sign-in:sign_in.failed' }] });
    expect(text).toContain('<title>Error: Sign in · Business Portal</title>');
    expect(text).toMatch(/id="error-summary" role="alert" tabindex="-1" autofocus/);
  });

  it('names a layout that exists and a title that exists in every language', async () => {
    const { views, texts } = await testSite();
    for (const name of views.pages) {
      const { layout, title } = views.head(name);
      expect(templates).toContain(`layout/${layout}.ejs`);
      if (title.includes('{')) continue;
      expect(LANGUAGES.filter((language) => !texts.has(language, title))).toEqual([]);
    }
  });

  it('uses only texts that exist', async () => {
    const { texts } = await testSite();
    const missing = templates.flatMap((file) =>
      [...source(file).matchAll(/\bt\('([\w-]+:[\w.]+)'/g)]
        .map(([, key = '']) => key)
        .filter((key) => !texts.has('en', key) && !texts.has('en', `${key}_other`)),
    );
    expect(missing).toEqual([]);
  });
});

describe('the sign-in page', () => {
  it('keeps what was typed, except the password', async () => {
    const { text } = await page('sign-in/sign-in', { ...SIGN_IN, identifier: 'anke.smets', password: 'kept?' });
    expect(text).toContain('value="anke.smets" autocomplete="username"');
    expect(text).toContain('autocomplete="current-password"');
    expect(text).not.toContain('kept?');
  });

  it('hides the button that shows the password until script shows it', async () => {
    expect((await page('sign-in/sign-in', SIGN_IN)).text).toMatch(
      /<button type="button" hidden data-show-password aria-controls="password"/,
    );
  });
});

describe('the mailbox of the demonstration', () => {
  it('links the addresses of a mail and nothing else of it', async () => {
    const text = `Open http://localhost:3000/set-password/abc. ${EVIL} javascript:alert(1)`;
    const mails = [{ id: '1', to: 'a@b.example', subject: EVIL, sentAt: new Date(0), text }];
    const answer = await page('demo/mailbox', { mails, startHref: '/' });
    expect(answer.text).toContain(
      '<a href="http://localhost:3000/set-password/abc">http://localhost:3000/set-password/abc</a>. &#34;&gt;',
    );
    expect(answer.text).not.toContain('href="javascript:');
    expect(answer.text).not.toContain('<script>alert');
  });
});
