import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { toLanguage } from '../../src/texts.ts';
import { chooseLanguage } from '../../src/web/languages.ts';
import type { LanguageSources } from '../../src/web/languages.ts';
import { suggestLanguage } from '../../src/web/page.ts';
import { SIGN_IN, testApp, testSite } from './site.ts';

describe('the language of a page', () => {
  it.each<[string, Omit<LanguageSources, 'operator'>, string]>([
    ['what the person chose comes before his profile', { chosen: 'fr', profile: 'de' }, 'fr'],
    ['his profile comes before what the application asks', { profile: 'de', uiLocales: 'en fr' }, 'de'],
    ['what the application asks comes before the browser', { uiLocales: 'en fr', acceptLanguage: 'fr' }, 'en'],
    ['the first tag of ui_locales that we speak counts', { uiLocales: 'pt-BR sv fr-BE en' }, 'fr'],
    ['the browser comes before the organization', { acceptLanguage: 'fr', organization: 'de' }, 'fr'],
    ['the heaviest language of the browser counts', { acceptLanguage: 'en;q=0.5, de;q=0.9, fr;q=0.1' }, 'de'],
    ['equal weights keep their order', { acceptLanguage: 'fr-BE,fr,en' }, 'fr'],
    ['a weight of zero is a refusal', { acceptLanguage: 'fr;q=0, en;q=0.1' }, 'en'],
    ['a malformed weight is passed over', { acceptLanguage: 'fr;q=x, en' }, 'en'],
    ['languages that we do not speak are passed over', { acceptLanguage: 'es, *;q=0.8', organization: 'de' }, 'de'],
    ['the organization comes before the operator', { organization: 'fr' }, 'fr'],
    ['a choice that is not one of ours says nothing', { chosen: 'xx', profile: '', acceptLanguage: '' }, 'nl'],
    ['without any wish the operator decides', {}, 'nl'],
  ])('%s', (_, sources, expected) => {
    expect(chooseLanguage({ ...sources, operator: 'nl' })).toBe(expected);
  });

  it('knows a language whatever its region, script and case', () => {
    expect(['NL', 'nl-BE', 'fr_FR', 'DE-at', 'en-Latn-GB', 'nld', undefined].map(toLanguage)).toEqual([
      'nl',
      'nl',
      'fr',
      'de',
      'en',
      undefined,
      undefined,
    ]);
  });
});

describe('the switch of language', () => {
  const app = async (profile?: string) =>
    testApp(await testSite(), (routes, render) => {
      routes.get('/sign-in', (_req, res) => {
        if (profile) suggestLanguage(res, { profile });
        render(res, 'sign-in/sign-in', SIGN_IN);
      });
    });

  it.each(['language', 'ui_locales', 'oss_language'])(
    'keeps a choice made by ?%s= and cleans the address',
    async (name) => {
      const answer = await request(await app()).get(`/sign-in?keep=1&${name}=FR`);
      expect(answer.status).toBe(303);
      expect(answer.headers['location']).toBe('/sign-in?keep=1');
      expect(answer.headers['set-cookie']).toEqual([
        expect.stringMatching(/^language=fr; Max-Age=31536000; .*SameSite=Lax/),
      ]);
    },
  );

  it('speaks the chosen language on the next page, above the profile', async () => {
    const answer = await request(await app('de'))
      .get('/sign-in')
      .set('Cookie', 'language=fr');
    expect(answer.text).toContain('<html lang="fr"');
    expect(answer.text).toContain('Se connecter');
  });

  it('lets a profile that becomes known later in the request win over the browser', async () => {
    const answer = await request(await app('de'))
      .get('/sign-in')
      .set('Accept-Language', 'fr');
    expect(answer.text).toContain('<html lang="de"');
  });

  it('names each language in itself and keeps the rest of the address', async () => {
    const { text } = await request(await app())
      .get('/sign-in?keep=1')
      .set('Accept-Language', 'en');
    expect(text).toContain('href="/sign-in?keep=1&amp;language=de" lang="de" hreflang="de">Deutsch</a>');
    expect(text).toMatch(/hreflang="en" aria-current="true">English<\/a>/);
  });

  it.each(['//evil.example/a', '///evil.example', '/\\evil.example', '/\\/evil.example'])(
    'never leads from %s to another host',
    async (path) => {
      const server = createServer(await app()).listen(0);
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      // By hand: an ordinary client would tidy the address before it sends it.
      const [answer] = (await once(get({ port, path: `${path}?language=fr` }), 'response')) as [IncomingMessage];
      answer.resume();
      server.close();
      expect(answer.statusCode).toBe(303);
      expect(new URL(answer.headers.location ?? '', 'http://localhost:3000').host).toBe('localhost:3000');
    },
  );

  it("says in the answer that it depends on the browser's language", async () => {
    const answer = await request(await app()).get('/sign-in');
    expect(answer.headers['vary']).toContain('Accept-Language');
  });
});

describe('the choice of light or dark', () => {
  it('is kept in a cookie and known before the first paint', async () => {
    const app = testApp(await testSite(), (routes, render) => {
      routes.get('/sign-in', (_req, res) => render(res, 'sign-in/sign-in', SIGN_IN));
    });
    const chosen = await request(app).get('/sign-in?theme=dark');
    expect(chosen.headers['set-cookie']).toEqual([expect.stringMatching(/^theme=dark; /)]);
    expect((await request(app).get('/sign-in').set('Cookie', 'theme=dark')).text).toContain('data-theme="dark"');
    expect((await request(app).get('/sign-in').set('Cookie', 'theme="><script>')).text).toContain(
      'data-theme="system"',
    );
  });
});
