// Assignments as they are stored, and the statements that begin and end one together with its audit row.
import { v7 as uuidv7 } from 'uuid';
import { auditSelect, auditValues } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { prepared, query, queryOne } from '../database/query.ts';
import { HubError } from '../errors.ts';
import { noteRightsChange } from '../notices/note-rights-change.ts';
import { isId } from '../users/is-id.ts';
import type { Entitlement } from './box.ts';
import type { Subject } from './find-subject.ts';

export type Assignment = {
  readonly id: string;
  readonly subjectKind: 'user' | 'group';
  readonly subjectId: string;
  /** Either a role, or the four after it. */
  readonly roleId: string | null;
  readonly application: string | null;
  readonly customerAccountId: string | null;
  readonly profile: string | null;
  readonly values: Entitlement['values'] | null;
  readonly validFrom: Date | null;
  readonly validUntil: Date | null;
  readonly givenBy: { readonly kind: string; readonly id: string; readonly label: string };
  readonly givenAt: Date;
};

const COLUMNS = `id, subject_kind as "subjectKind", subject_id as "subjectId", role_id as "roleId", application,
  customer_account_id as "customerAccountId", profile, "values", valid_from as "validFrom", valid_until as "validUntil",
  given_by as "givenBy", given_at as "givenAt"`;

const INSERT = prepared(
  'assignment_give',
  `with given as (
    insert into assignments (organization_id, id, subject_kind, subject_id, role_id, application, customer_account_id, profile,
      "values", valid_from, valid_until, given_by, given_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) returning *
  ), audited as (${auditSelect(14, 'from given')})
  select ${COLUMNS} from given`,
);

export type NewAssignment = {
  readonly subject: Subject;
  readonly gives: { readonly roleId: string } | { readonly entitlement: Entitlement };
  readonly validFrom: Date | null;
  readonly validUntil: Date | null;
  /** A chief's consent that a directory decides who gets it. */
  readonly consent?: boolean;
  readonly replaces?: string;
};

export async function insertAssignment(ctx: OrganizationCtx, input: NewAssignment): Promise<Assignment> {
  const id = uuidv7();
  const { subject, gives } = input;
  const roleId = 'roleId' in gives ? gives.roleId : null;
  const one = 'entitlement' in gives ? gives.entitlement : undefined;
  const row = await queryOne<Assignment>(INSERT, [
    ctx.organizationId,
    id,
    subject.kind,
    subject.id,
    roleId,
    one?.application ?? null,
    one?.customerAccount ?? null,
    one?.profile ?? null,
    one ? JSON.stringify(one.values) : null,
    input.validFrom,
    input.validUntil,
    JSON.stringify(ctx.actor),
    ctx.now,
    ...auditValues(ctx, {
      action: 'assignment.given',
      targetKind: subject.kind,
      targetId: subject.id,
      after: {
        assignment: id,
        ...(roleId === null ? { entitlement: one } : { role: roleId }),
        validFrom: input.validFrom,
        validUntil: input.validUntil,
        ...(input.consent === true ? { consent: true } : {}),
        ...(input.replaces === undefined ? {} : { replaces: input.replaces }),
      },
    }),
  ]);
  if (!row) throw new Error('An assignment was not inserted');
  await noteRightsChange(
    ctx,
    { kind: subject.kind, ids: [subject.id] },
    {
      change: 'given',
      roleId,
      application: row.application,
      customerAccountId: row.customerAccountId,
      validUntil: row.validUntil,
    },
  );
  return row;
}

const END = prepared(
  'assignment_end',
  `with ended as (
    update assignments set ended_at = $3, ended_by = $4 where organization_id = $1 and id = $2 and ended_at is null returning id
  ), audited as (${auditSelect(5, 'from ended')})
  select id from ended`,
);

/** False when it had ended meanwhile. */
export async function markEnded(ctx: OrganizationCtx, assignment: Assignment): Promise<boolean> {
  const { id, givenBy, givenAt, ...before } = assignment;
  const ended = await query(END, [
    ctx.organizationId,
    id,
    ctx.now,
    JSON.stringify(ctx.actor),
    ...auditValues(ctx, {
      action: 'assignment.ended',
      targetKind: assignment.subjectKind,
      targetId: assignment.subjectId,
      before: { assignment: id, ...before },
    }),
  ]);
  if (ended.length === 0) return false;
  const { subjectKind, subjectId, roleId, application, customerAccountId } = assignment;
  await noteRightsChange(
    ctx,
    { kind: subjectKind, ids: [subjectId] },
    { change: 'ended', roleId, application, customerAccountId },
  );
  return true;
}

export const assignmentNotFound = (id: string) => new HubError('not_found', `There is no assignment ${id}.`);

/** One that was not ended. Throws HubError `not_found`, also for another organization's. */
export async function findAssignment(ctx: OrganizationCtx, id: string): Promise<Assignment> {
  const row = isId(id)
    ? await queryOne<Assignment>(
        `select ${COLUMNS} from assignments where organization_id = $1 and id = $2 and ended_at is null`,
        [ctx.organizationId, id],
      )
    : undefined;
  if (!row) throw assignmentNotFound(id);
  return row;
}

/** Given to the subject itself and not ended; what has run out by its date is among them only with `expired`. */
export const listAssignments = (
  ctx: OrganizationCtx,
  subject: Subject,
  { expired = false } = {},
): Promise<Assignment[]> =>
  isId(subject.id)
    ? query<Assignment>(
        `select ${COLUMNS} from assignments
         where organization_id = $1 and subject_id = $2 and subject_kind = $3 and ended_at is null
           and ($4 or valid_until is null or valid_until > $5)
         order by id`,
        [ctx.organizationId, subject.id, subject.kind, expired, ctx.now],
      )
    : Promise.resolve([]);

/** What an assignment of an entitlement gives; nothing for a role's. */
export const entitlementOf = (assignment: Assignment): Entitlement[] =>
  assignment.application === null || assignment.customerAccountId === null || assignment.values === null
    ? []
    : [
        {
          application: assignment.application,
          customerAccount: assignment.customerAccountId,
          values: assignment.values,
          validity: { from: assignment.validFrom?.getTime() ?? null, until: assignment.validUntil?.getTime() ?? null },
          ...(assignment.profile === null ? {} : { profile: assignment.profile }),
        },
      ];
