// The operator's home: what needs attention, and how busy the hub is.
import type { Request, Response } from 'express';
import { readAttention, MOST_COUNTED, type Attention } from '../figures/attention.ts';
import type { ActivityKind } from '../figures/count-activity.ts';
import { busiestDirectories, readActivity, SPANS, type Series, type Span } from '../figures/read-activity.ts';
import type { Permission } from '../organizations/permissions.ts';
import type { OperatorSettings } from './operator-settings.ts';
import { plotOf } from './plot.ts';
import { shellLocals } from './shell.ts';
import { staffOf } from './staff.ts';

type Counted = Exclude<keyof Attention, 'queues'>;

const LINES: readonly { key: Counted; href: string; icon: string; needs: Permission }[] = [
  { key: 'registrations', href: '/operator/registrations', icon: 'inbox', needs: 'registrations.read' },
  { key: 'requests', href: '/operator/requests', icon: 'lock', needs: 'rights.read' },
  { key: 'approvals', href: '/operator/approvals', icon: 'check', needs: 'approvals.read' },
  { key: 'withoutChief', href: '/operator/organizations?chief=none', icon: 'user', needs: 'organizations.read' },
  { key: 'mails', href: '/operator/mails?state=failed', icon: 'mail', needs: 'mails.read' },
  { key: 'logouts', href: '/operator/jobs?queue=backchannel-logout', icon: 'sign-out', needs: 'jobs.read' },
  { key: 'tokens', href: '/operator/tokens', icon: 'key', needs: 'provisioning.read' },
];

const PLOTS: readonly [key: string, good: ActivityKind, bad: ActivityKind][] = [
  ['sign_ins', 'sign_in', 'sign_in_failed'],
  ['tokens', 'token', 'token_refused'],
  ['provisioning', 'provisioning', 'provisioning_failed'],
];

const spanOf = (value: unknown): Span => (Object.keys(SPANS) as Span[]).find((span) => span === value) ?? 'day';

export const overviewPage = (settings: OperatorSettings) => async (req: Request, res: Response) => {
  const { ctx, may } = staffOf(req);
  const span = spanOf(req.query['span']);
  const [attention, series, busiest, shell] = await Promise.all([
    readAttention(ctx),
    readActivity(ctx, span),
    busiestDirectories(ctx, span),
    shellLocals(settings, req, res, 'overview'),
  ]);
  const of = (kind: ActivityKind): Series => series.find((one) => one.kind === kind) ?? { kind, total: 0, points: [] };
  settings.render(res, 'operator/overview', {
    ...shell,
    lines: LINES.filter(({ key, needs }) => attention[key] > 0 && may(needs)).map((line) => ({
      ...line,
      count: Math.min(attention[line.key], MOST_COUNTED),
      over: attention[line.key] > MOST_COUNTED,
    })),
    queues: may('jobs.read') ? attention.queues : [],
    plots: PLOTS.map(([key, good, bad]) => plotOf(key, of(good), of(bad))),
    busiest,
    busiestTop: Math.max(1, ...busiest.map(({ requests }) => requests)),
    span,
    step: SPANS[span].step,
    spans: (Object.keys(SPANS) as Span[]).map((key) => ({ key, href: `/operator?span=${key}`, current: key === span })),
  });
};
