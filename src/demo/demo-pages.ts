// The demonstration's own pages: where everything is and who can be played, and the mailbox. No sign-in, no script.
import { Router } from 'express';
import type { Render } from '../web/render.ts';
import type { DemoFile } from './demo-file.ts';

type DemoMail = { id: string; to: string; subject: string; sentAt: Date; text: string };
type DemoPages = {
  render: Render;
  /** Undefined until everything stands. */
  demo: () => { file: DemoFile; exampleUrl: string } | undefined;
  mails: () => Promise<DemoMail[]>;
};

export function demoPages({ render, demo, mails }: DemoPages): Router {
  const router = Router();
  router.get('/', (_req, res) => void res.redirect(303, '/demo'));
  router.get('/demo', (_req, res, next) => {
    const known = demo();
    if (!known) return next();
    const { file, exampleUrl } = known;
    const service = file.clients.find((client) => client.grant_types.includes('client_credentials'));
    const operator = {
      organization: 'Business Portal',
      userName: file.operator.userName,
      password: file.operator.password,
      totp: file.operator.totp,
      kind: 'operator',
    };
    render(res, 'demo/start', {
      issuer: file.issuer,
      portalHref: '/portal',
      exampleHref: exampleUrl,
      mailboxHref: '/demo/mailbox',
      users: [...file.users, operator],
      client: service,
      scim: file.scim[0],
    });
  });
  router.get('/demo/mailbox', async (_req, res) => {
    render(res, 'demo/mailbox', { mails: await mails(), startHref: '/demo' });
  });
  return router;
}
