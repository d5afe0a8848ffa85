// Tells the other chief administrators, else the operator, that a chief gave something to himself.
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { catalogue } from '../applications/current-catalogue.ts';
import { label } from '../applications/catalogue.ts';
import type { OrganizationCtx } from '../context.ts';
import type { JobHandler } from '../database/jobs.ts';
import { query, queryOne } from '../database/query.ts';
import { mailUser } from '../mail/mail-user.ts';
import { mailSettings } from '../mail/mail-settings.ts';
import { tellOnce } from '../notices/tell-once.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import type { Document } from '../provisioning/attribute.ts';
import { nameOf } from '../users/user-row.ts';
import type { Box } from './box.ts';
import { activeChiefs } from './check-deactivation.ts';

type SelfGiving = { organizationId: string; userId: string; boxes?: Box[]; occasion?: string };
type Receiver = { organizationId: string; userId: string };

async function receivers(ctx: OrganizationCtx, self: string): Promise<Receiver[]> {
  const { organizationId } = ctx;
  const others = (await activeChiefs(ctx)).filter((id) => id !== self);
  if (others.length > 0) return others.map((userId) => ({ organizationId, userId }));
  const staff = await query<{ id: string }>(
    "select id from users where organization_id = $1 and kind = 'person' and active and deleted_at is null",
    [OPERATOR_ORGANIZATION_ID],
  );
  return staff.map(({ id }) => ({ organizationId: OPERATOR_ORGANIZATION_ID, userId: id }));
}

export const noticeSelfGiving = (log: Logger): JobHandler => ({
  run: async (data) => {
    const { organizationId, userId, boxes, occasion = uuidv7() } = data as SelfGiving;
    const ctx: OrganizationCtx = {
      organizationId,
      actor: { kind: 'system', id: 'notice', label: 'Mandate' },
      requestId: uuidv7(),
      now: new Date(),
      log,
    };
    const row = await queryOne<{ document: Document }>(
      'select document from users where organization_id = $1 and id = $2',
      [organizationId, userId],
    );
    if (!row) return;
    const keys = [...new Set((boxes ?? []).map(({ application }) => application))];
    const applications = keys.flatMap((key) => {
      const application = catalogue().get(key);
      return application ? [label(application.label, mailSettings().defaultLanguage)] : [];
    });
    const values = { who: nameOf(row.document), at: ctx.now, applications };
    await tellOnce(ctx, occasion, async () => {
      for (const receiver of await receivers(ctx, userId))
        await mailUser(ctx, { kind: 'self_given', ...receiver, values });
    });
  },
});
