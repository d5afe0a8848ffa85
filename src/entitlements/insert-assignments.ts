// Begins the same assignments for many users: one statement for all of them, each with an audit row of its own.
import { v7 as uuidv7 } from 'uuid';
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { noteRightsChange } from '../notices/note-rights-change.ts';
import type { NewAssignment } from './assignment-row.ts';

export type SharedAssignment = Pick<NewAssignment, 'gives' | 'validFrom' | 'validUntil'> & {
  /** Who get it. */
  readonly userIds: readonly string[];
};

/** Answers how many began. Call in the act's transaction. */
export async function insertAssignments(ctx: OrganizationCtx, shared: readonly SharedAssignment[]): Promise<number> {
  const rows = shared.flatMap(({ userIds }, place) => userIds.map((userId) => ({ place, userId })));
  if (rows.length === 0) return 0;
  const kinds = shared.map(({ gives, validFrom, validUntil }, place) => {
    const one = 'entitlement' in gives ? gives.entitlement : undefined;
    const roleId = 'roleId' in gives ? gives.roleId : null;
    return {
      place,
      role_id: roleId,
      application: one?.application ?? null,
      customer_account_id: one?.customerAccount ?? null,
      profile: one?.profile ?? null,
      values: one?.values ?? null,
      valid_from: validFrom,
      valid_until: validUntil,
      told: { ...(one ? { entitlement: one } : { role: roleId }), validFrom, validUntil },
    };
  });
  await query(
    `with wanted as (
      select * from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::int[]) as w(id, user_id, audit_id, place)
    ), kinds as (
      select * from jsonb_to_recordset($6::jsonb) as k(place int, role_id uuid, application text, customer_account_id uuid,
        profile text, "values" jsonb, valid_from timestamptz, valid_until timestamptz, told jsonb)
    ), given as (
      insert into assignments (organization_id, id, subject_kind, subject_id, role_id, application, customer_account_id, profile,
        "values", valid_from, valid_until, given_by, given_at)
      select $1::uuid, w.id, 'user', w.user_id, k.role_id, k.application, k.customer_account_id, k.profile,
        k."values", k.valid_from, k.valid_until, $7::jsonb, $8::timestamptz
      from wanted w join kinds k on k.place = w.place returning id
    )
    insert into audit_events (organization_id, id, at, actor, action, target_kind, target_id, after, request_id)
    select $1::uuid, w.audit_id, $8::timestamptz, $7::jsonb, 'assignment.given', 'user', w.user_id::text,
      jsonb_build_object('assignment', w.id) || k.told, $9::text
    from wanted w join kinds k on k.place = w.place join given g on g.id = w.id`,
    [
      ctx.organizationId,
      rows.map(() => uuidv7()),
      rows.map(({ userId }) => userId),
      rows.map(() => uuidv7()),
      rows.map(({ place }) => place),
      JSON.stringify(kinds),
      JSON.stringify(ctx.actor),
      ctx.now,
      ctx.requestId,
    ],
  );
  for (const { gives, userIds, validUntil } of shared) {
    const one = 'entitlement' in gives ? gives.entitlement : undefined;
    await noteRightsChange(
      ctx,
      { kind: 'user', ids: userIds },
      {
        change: 'given',
        roleId: 'roleId' in gives ? gives.roleId : null,
        application: one?.application ?? null,
        customerAccountId: one?.customerAccount ?? null,
        validUntil,
      },
    );
  }
  return rows.length;
}
