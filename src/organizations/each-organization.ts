// Work of a job that is done organization by organization, each by itself: one that fails keeps none of the others from it.
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import type { OrganizationCtx } from '../context.ts';

/** In the order of the ids, as the job itself. Throws AggregateError with all failures, after the last one. */
export async function eachOrganization(
  ids: readonly string[],
  { job, now, log, failed: sentence }: { job: string; now: Date; log: Logger; failed: (count: number) => string },
  work: (ctx: OrganizationCtx) => Promise<unknown>,
): Promise<void> {
  const actor = { kind: 'system' as const, id: job, label: 'Mandate' };
  const failures: unknown[] = [];
  for (const organizationId of ids) {
    try {
      await work({ organizationId, actor, requestId: uuidv7(), now, log });
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, sentence(failures.length));
}
