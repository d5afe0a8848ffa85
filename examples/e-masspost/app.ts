// The example's table of contents: every address it answers, in order.
import { fileURLToPath } from 'node:url';
import ejs from 'ejs';
import express, { type Express } from 'express';
import helmet from 'helmet';
import { depositApi } from './api.ts';
import { backchannelLogout } from './backchannel-logout.ts';
import { createCookies } from './cookies.ts';
import { depositPages } from './deposit-pages.ts';
import { createDeposits } from './deposits.ts';
import { errorAnswers } from './error-answers.ts';
import { connectHub } from './hub.ts';
import { loadTexts, rememberLanguage } from './languages.ts';
import { createPages } from './pages.ts';
import { rightsReader } from './rights.ts';
import { createSessions } from './sessions.ts';
import type { Settings } from './settings.ts';
import { signIn } from './sign-in.ts';
import { signOut } from './sign-out.ts';
import { checkForm, signedIn } from './signed-in.ts';
import { tokenKeeper } from './tokens.ts';
import { loadVocabulary } from './vocabulary.ts';

const folder = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export function createApp(settings: Settings): Express {
  const { publicUrl, log, issuer, audience } = settings;
  const hub = connectHub(settings);
  const checks = { issuer, audience, keys: hub.keys };
  const readRights = rightsReader(checks);
  const tokens = tokenKeeper(hub, checks, readRights, log);
  const cookies = createCookies(publicUrl);
  const sessions = createSessions();
  const deposits = createDeposits();
  const pages = createPages({ cookies, texts: loadTexts(), vocabulary: loadVocabulary() });
  const { begin, callback } = signIn({ settings, hub, cookies, sessions, tokens, pages });
  const people = signedIn({ cookies, sessions, tokens });
  const form = express.urlencoded({ extended: false, limit: '16kb' });

  const app = express();
  app.engine('ejs', (file, values, done) => void ejs.renderFile(file, values, done));
  app.set('views', folder('views')).set('view engine', 'ejs').set('view cache', true).disable('x-powered-by');
  app.use(protection(publicUrl, new URL(issuer)));
  app.use('/assets', express.static(folder('public'), { index: false, maxAge: '1h' }));
  app.use('/api', depositApi({ checks, readRights, deposits, log }));
  app.post('/backchannel-logout', form, backchannelLogout({ settings, hub, sessions }));

  app.use(rememberLanguage(cookies, publicUrl));
  app.get('/', (req, res) => {
    if (sessions.find(cookies.read(req, 'session'))) return void res.redirect(303, '/rights');
    pages.show(res, 'home');
  });
  app.get('/sign-in', begin);
  app.get('/callback', callback);
  app.get('/signed-out', (req, res) =>
    pages.tell(res, req.query['why'] === 'ended' ? 'session_ended' : 'signed_out', 200),
  );
  app.post('/sign-out', form, people, checkForm(pages), signOut({ settings, hub, cookies, sessions }));
  app.use(['/deposits', '/rights'], form, people);
  app.use(depositPages(deposits, pages));
  app.use(errorAnswers(pages, log));
  return app;
}

// Browsers apply `form-action` to the redirects that follow a form, and signing out ends at the hub.
function protection(publicUrl: URL, issuer: URL) {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        formAction: ["'self'", issuer.origin],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    strictTransportSecurity: publicUrl.protocol === 'https:' ? { maxAge: 63_072_000 } : false,
    xFrameOptions: { action: 'deny' },
  });
}
