// What the operator looks at first: health, what needs attention, directories' tokens that end soon; see ../operations/overview.ts.
import { readAttention } from '../../figures/attention.ts';
import { readHealth } from '../../figures/jobs-and-health.ts';
import { busiestDirectories, readActivity } from '../../figures/read-activity.ts';
import { expiringTokens } from '../../provisioning/expiring-tokens.ts';
import type { Handlers } from '../operation.ts';
import type { overviewOperations } from '../operations/overview.ts';

const SOON_DAYS = 30;

export const overviewHandlers: Handlers<typeof overviewOperations> = {
  'hub.health': (ctx) => readHealth(ctx),
  'hub.overview': async (ctx, { query }) => {
    const span = query.span ?? 'day';
    const [attention, activity, directories] = await Promise.all([
      readAttention(ctx),
      readActivity(ctx, span),
      busiestDirectories(ctx, span),
    ]);
    return { attention, activity, directories };
  },
  'provisioning-token.expiring': async (ctx, { query }) => ({
    items: await expiringTokens(ctx, Number(query.days ?? SOON_DAYS)),
  }),
};
