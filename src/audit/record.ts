// Writes what was done, by whom, before and after, in the change's own statement or transaction.
// Secrets never come here: callers hand over what may be read by an administrator later.
import { v7 as uuidv7 } from 'uuid';
import type { Ctx } from '../context.ts';
import { prepared, query } from '../database/query.ts';

type AuditEvent = {
  /** verb.noun in the past: user.created, assignment.ended */
  action: string;
  targetKind: string;
  targetId: string;
  before?: unknown;
  after?: unknown;
  /** Where the event belongs when the call works for no single organization. */
  organizationId?: string;
};

const COLUMNS = '(organization_id, id, at, actor, action, target_kind, target_id, before, after, request_id)';

/** The columns of an insert into audit_events and its placeholders from `$first` on, for a statement that does more. */
export function auditInsert(first: number): string {
  const p = (offset: number) => `$${first + offset}`;
  return `insert into audit_events ${COLUMNS} values (${p(0)}::uuid, ${p(1)}::uuid, ${p(2)}::timestamptz, ${p(3)}::jsonb,
    ${p(4)}::text, ${p(5)}::text, ${p(6)}::text, ${p(7)}::jsonb, ${p(8)}::jsonb, ${p(9)}::text)`;
}

/** The same row taken from a select, so that it is written only if the change took place: `auditSelect(5, 'from changed')`. */
export function auditSelect(first: number, from: string): string {
  const p = (offset: number) => `$${first + offset}`;
  return `insert into audit_events ${COLUMNS} select ${p(0)}::uuid, ${p(1)}::uuid, ${p(2)}::timestamptz, ${p(3)}::jsonb,
    ${p(4)}::text, ${p(5)}::text, ${p(6)}::text, ${p(7)}::jsonb, ${p(8)}::jsonb, ${p(9)}::text ${from}`;
}

/** The ten values that go with auditInsert and auditSelect. */
export function auditValues(ctx: Ctx, event: AuditEvent): unknown[] {
  const organizationId = event.organizationId ?? ctx.organizationId;
  if (!organizationId) throw new Error(`${event.action} needs an organization`);
  return [
    organizationId,
    uuidv7(),
    ctx.now,
    JSON.stringify(ctx.actor),
    event.action,
    event.targetKind,
    event.targetId,
    event.before === undefined ? null : JSON.stringify(event.before),
    event.after === undefined ? null : JSON.stringify(event.after),
    ctx.requestId,
  ];
}

const INSERT = prepared('audit_insert', auditInsert(1));

/** Records an event in the ambient transaction. */
export async function recordAudit(ctx: Ctx, event: AuditEvent): Promise<void> {
  await query(INSERT, auditValues(ctx, event));
}
