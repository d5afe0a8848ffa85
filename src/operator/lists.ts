// What the operator looks after: mail delivery, the jobs and the state of the hub, and tokens of directories that end soon.
import type { Request, Response } from 'express';
import { listSigningKeys, rotateKeysNow } from '../credentials/signing-keys.ts';
import { readFailedJobs, readHealth, readQueues, retryFailedJob } from '../figures/jobs-and-health.ts';
import { listDeliveries, MAIL_STATES, retryMail } from '../mail/delivery.ts';
import { expiringTokens } from '../provisioning/expiring-tokens.ts';
import { formFields, refusalOf, type Fault } from '../web/refusal.ts';
import type { OperatorRoute } from './mount.ts';
import type { OperatorSettings } from './operator-settings.ts';
import { shellLocals } from './shell.ts';
import { staffOf } from './staff.ts';

const PAGE = 50;
const SOON_DAYS = 30;
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export function listPages(settings: OperatorSettings): OperatorRoute[] {
  const { render } = settings;

  async function mails(req: Request, res: Response, errors: readonly Fault[] = [], status = 200): Promise<void> {
    const state = MAIL_STATES.find((one) => one === req.query['state']);
    const before = textOf(req.query['before']);
    const { deliveries, next } = await listDeliveries(staffOf(req).ctx, {
      limit: PAGE,
      ...(state && { state }),
      ...(before !== '' && { before }),
    });
    const address = (more: Record<string, string>) =>
      `/operator/mails?${new URLSearchParams({ ...(state && { state }), ...more })}`;
    render(
      res,
      'operator/mails',
      {
        ...(await shellLocals(settings, req, res, 'mails')),
        deliveries,
        states: [undefined, ...MAIL_STATES.filter((one) => one !== 'bounced')].map((key) => ({
          key: key ?? 'all',
          href: key === undefined ? '/operator/mails' : `/operator/mails?state=${key}`,
          current: key === state,
        })),
        nextHref: next === null ? undefined : address({ before: next }),
        ...(errors.length > 0 && { errors }),
      },
      { status },
    );
  }

  async function tryMail(req: Request, res: Response): Promise<void> {
    const { organization = '' } = formFields(req.body);
    try {
      await retryMail(staffOf(req).ctx, organization, String(req.params['mail']));
    } catch (error) {
      const { status } = refusalOf(error);
      return mails(req, res, [{ key: 'operator-lists:mails.no_retry' }], status);
    }
    res.redirect(303, '/operator/mails?done=retried');
  }

  async function jobs(req: Request, res: Response): Promise<void> {
    const { ctx } = staffOf(req);
    const queue = textOf(req.query['queue']);
    const [queues, failed, health, shell] = await Promise.all([
      readQueues(ctx),
      readFailedJobs(ctx, queue === '' ? undefined : queue),
      readHealth(ctx),
      shellLocals(settings, req, res, 'jobs'),
    ]);
    render(res, 'operator/jobs', { ...shell, queues, failed, health, queue });
  }

  async function tryJob(req: Request, res: Response): Promise<void> {
    const queue = formFields(req.body)['queue'] ?? '';
    await retryFailedJob(staffOf(req).ctx, queue, String(req.params['job']));
    res.redirect(303, '/operator/jobs?done=retried');
  }

  async function tokens(req: Request, res: Response): Promise<void> {
    const found = await expiringTokens(staffOf(req).ctx, SOON_DAYS);
    render(res, 'operator/tokens', {
      ...(await shellLocals(settings, req, res, 'overview')),
      tokens: found,
      days: SOON_DAYS,
    });
  }

  async function keys(req: Request, res: Response): Promise<void> {
    render(res, 'operator/keys', {
      ...(await shellLocals(settings, req, res, 'keys')),
      keys: await listSigningKeys(),
      waits: req.query['waits'] === 'yes',
    });
  }

  async function rotate(req: Request, res: Response): Promise<void> {
    const { rotated } = await rotateKeysNow(staffOf(req).ctx);
    res.redirect(303, rotated.length > 0 ? '/operator/keys?done=saved' : '/operator/keys?waits=yes');
  }

  return [
    { method: 'get', path: '/keys', needs: 'keys.read', handle: keys },
    { method: 'post', path: '/keys/rotate', needs: 'keys.write', handle: rotate },
    { method: 'get', path: '/mails', needs: 'mails.read', handle: (req, res) => mails(req, res) },
    { method: 'post', path: '/mails/:mail/retry', needs: 'mails.write', handle: tryMail },
    { method: 'get', path: '/jobs', needs: 'jobs.read', handle: jobs },
    { method: 'post', path: '/jobs/:job/retry', needs: 'jobs.write', handle: tryJob },
    { method: 'get', path: '/tokens', needs: 'provisioning.read', handle: tokens },
  ];
}
