// Confirms an import and does its work in batches: each creates its users and marks its rows in one transaction, so that a
// process may die at any moment and no row is done twice. Who confirmed must still be allowed to when each batch runs. A
// job works for a few seconds and sends the next; one that died is taken up again by the clock.
import { setImmediate as breathe } from 'node:timers/promises';
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { batchSizes } from '../database/engine.ts';
import { enqueue, type JobHandler } from '../database/jobs.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { checkManagesUsers, notPermitted } from '../entitlements/acting.ts';
import { HubError } from '../errors.ts';
import { mailSettings } from '../mail/mail-settings.ts';
import { mailUser } from '../mail/mail-user.ts';
import { findOrganization } from '../organizations/find-organization.ts';
import { fold } from '../provisioning/fold.ts';
import type { Logger } from 'pino';
import { refuseWhileActing } from '../support/refuse-while-acting.ts';
import { applyRows, type Applied } from './apply-rows.ts';
import { readCells } from './columns.ts';
import { IMPORT_COLUMNS, findImport, type ImportRecord } from './import-record.ts';

export const RUN_IMPORT = 'run-import';
/** How long one job works before it sends the next, so that a stop of the hub waits for none. */
const SLICE_MS = 3000;

/** Only who has had it checked: the check was of what he may give. */
function checkOwner(ctx: OrganizationCtx, { createdBy }: ImportRecord): void {
  const { actor } = ctx;
  refuseWhileActing(ctx);
  if (actor.kind === createdBy.kind && (actor.kind === 'operator' || actor.id === createdBy.id)) return;
  throw notPermitted('Only who uploaded this file can confirm or discard it.');
}

async function settle(
  ctx: OrganizationCtx,
  importId: string,
  to: 'running' | 'discarded',
  also: () => Promise<void>,
): Promise<ImportRecord> {
  await transaction(async () => {
    await checkManagesUsers(ctx);
    const found = await findImport(ctx, importId);
    checkOwner(ctx, found);
    const moved = await query(
      `update imports set state = $3, progress_at = $4, confirmed_at = case when $3 = 'running' then $4::timestamptz end,
         ended_at = case when $3 = 'discarded' then $4::timestamptz end
       where organization_id = $1 and id = $2 and state = 'checked' returning 1`,
      [ctx.organizationId, found.id, to, ctx.now],
    );
    if (moved.length === 0) throw new HubError('conflict', 'This import has been confirmed or discarded already.');
    await also();
    await recordAudit(ctx, {
      action: to === 'running' ? 'import.confirmed' : 'import.discarded',
      targetKind: 'import',
      targetId: found.id,
      after: { fileName: found.fileName, rows: found.rows - found.refused },
    });
  });
  return findImport(ctx, importId);
}

/** Throws HubError `not_found`, `not_permitted`, `conflict` (it was confirmed or discarded before). */
export const confirmImport = (ctx: OrganizationCtx, id: string): Promise<ImportRecord> =>
  settle(ctx, id, 'running', () => enqueue(RUN_IMPORT, { organizationId: ctx.organizationId, importId: id }));

/** Throws as confirmImport does. */
export const discardImport = (ctx: OrganizationCtx, id: string): Promise<ImportRecord> =>
  settle(ctx, id, 'discarded', async () => {
    await query('delete from import_rows where organization_id = $1 and import_id = $2', [ctx.organizationId, id]);
    await query('update imports set rows_erased_at = $3 where organization_id = $1 and id = $2', [
      ctx.organizationId,
      id,
      ctx.now,
    ]);
  });

/** One batch. False when there is nothing left, or another worker is at it. */
async function step(organizationId: string, importId: string, log: Logger): Promise<boolean> {
  return transaction(async () => {
    const found = await queryOne<ImportRecord>(
      `select ${IMPORT_COLUMNS} from imports where organization_id = $1 and id = $2 and state = 'running' for update skip locked`,
      [organizationId, importId],
    );
    if (!found) return false;
    const ctx: OrganizationCtx = {
      organizationId,
      actor: found.createdBy,
      requestId: `import ${importId}`,
      now: new Date(),
      log,
    };
    try {
      await checkManagesUsers(ctx);
    } catch (error) {
      if (!(error instanceof HubError) || error.code !== 'not_permitted') throw error;
      await end(ctx, found, 'stopped');
      return false;
    }
    const { plain, invited } = batchSizes();
    const rows = await query<{ line: number; cells: string[] }>(
      `select line, cells from import_rows where organization_id = $1 and import_id = $2 and state = 'ready' order by line limit $3`,
      [organizationId, importId, found.invite ? invited : plain],
    );
    if (rows.length === 0) {
      await end(ctx, found, 'finished');
      return false;
    }
    const { settings } = await findOrganization(ctx, organizationId);
    const reading = { usernames: settings.username, language: mailSettings().defaultLanguage, keyOf: fold };
    const applied = await applyRows(ctx, {
      rows: rows.map(({ line, cells }) => ({ line, ...readCells(cells, found.columns, reading) })),
      targets: found.targets,
      usernames: settings.username,
      invite: found.invite,
    });
    await writeOutcome(ctx, importId, applied);
    return true;
  });
}

async function writeOutcome(ctx: OrganizationCtx, importId: string, { created, refused }: Applied): Promise<void> {
  await query(
    `update import_rows r set state = 'created', user_id = c.user_id from unnest($3::int[], $4::uuid[]) as c(line, user_id)
     where r.organization_id = $1 and r.import_id = $2 and r.line = c.line`,
    [ctx.organizationId, importId, [...created.keys()], [...created.values()]],
  );
  if (refused.size > 0) {
    await query(
      `update import_rows r set state = 'refused', faults = c.faults from jsonb_to_recordset($3::jsonb) as c(line int, faults jsonb)
       where r.organization_id = $1 and r.import_id = $2 and r.line = c.line`,
      [ctx.organizationId, importId, JSON.stringify([...refused].map(([line, faults]) => ({ line, faults })))],
    );
  }
  await query(
    `update imports set created_count = created_count + $3, refused_count = refused_count + $4, progress_at = $5
     where organization_id = $1 and id = $2`,
    [ctx.organizationId, importId, created.size, refused.size, ctx.now],
  );
}

async function end(ctx: OrganizationCtx, found: ImportRecord, state: 'finished' | 'stopped'): Promise<void> {
  await query(
    `update imports set state = $3, ended_at = $4, progress_at = $4, stop_code = $5 where organization_id = $1 and id = $2`,
    [ctx.organizationId, found.id, state, ctx.now, state === 'stopped' ? 'not_permitted' : null],
  );
  const { fileName, created, refused } = found;
  await recordAudit(ctx, {
    action: `import.${state}`,
    targetKind: 'import',
    targetId: found.id,
    after: { fileName, created, refused },
  });
  if (ctx.actor.kind !== 'user') return;
  await mailUser(ctx, {
    kind: 'import_finished',
    organizationId: ctx.organizationId,
    userId: ctx.actor.id,
    values: { fileName, created, refused, stopped: state === 'stopped', path: `/portal/users/import/${found.id}` },
  });
}

/** The work of one job; `data` names the import. */
export const runImport = (log: Logger): JobHandler => ({
  run: async (data) => {
    const organizationId = String(data['organizationId']);
    const importId = String(data['importId']);
    const late = Date.now() + SLICE_MS;
    while (await step(organizationId, importId, log)) {
      if (Date.now() > late) return enqueue(RUN_IMPORT, data);
      await breathe();
    }
  },
});
