// A member of staff begins to act for a customer's administrator: with the organization's consent, for a reason that is kept,
// bound to the session in which he does it. One at a time in a session.
import { v7 as uuidv7 } from 'uuid';
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { notPermitted } from '../entitlements/acting.ts';
import { HubError } from '../errors.ts';
import { checkText } from '../organizations/check-settings.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import { mayDo } from '../organizations/permissions.ts';
import { staffRolesOf } from '../organizations/staff-roles.ts';
import type { Document } from '../provisioning/attribute.ts';
import { isId } from '../users/is-id.ts';
import { nameOf } from '../users/user-row.ts';
import { stopVisits } from './end-visit.ts';

export const LONGEST_REASON = 500;

export type VisitInput = {
  /** Absent: there is none. */
  readonly consentId?: string;
  readonly reason: string;
  /** Of the staff's own session. */
  readonly sessionUid: string;
};

type Consent = {
  administratorId: string;
  expiresAt: Date;
  valid: boolean;
  organizationName: string;
  staff: Document;
};

/**
 * Answers the visit's id. Throws HubError `not_permitted` (staff without the role, API tokens), `consent_missing`, `not_found` for
 * another organization's consent, `invalid_input` (details.issues: `reason`).
 */
export async function startVisit(ctx: OrganizationCtx, input: VisitInput): Promise<string> {
  const { organizationId, actor, now } = ctx;
  const { consentId, sessionUid } = input;
  if (actor.kind !== 'operator' || !isId(actor.id) || !mayDo(await staffRolesOf(actor.id), 'organizations.act'))
    throw notPermitted('Your role does not allow this.');
  if (consentId === undefined || consentId === '') throw missing();
  const reason = input.reason.trim();
  checkText('reason', reason, LONGEST_REASON);
  return transaction(async () => {
    // Held until the visit stands, so that a withdrawal comes before it or ends it.
    const consent = isId(consentId)
      ? await queryOne<Consent>(
          `select c.administrator_id as "administratorId", c.expires_at as "expiresAt", o.name as "organizationName", s.document as staff,
             c.withdrawn_at is null and c.expires_at > $3 and u.active and u.deleted_at is null and o.state = 'active' as valid
           from support_consents c join users u on (u.organization_id, u.id) = (c.organization_id, c.administrator_id)
           join organizations o on o.id = c.organization_id
           join users s on s.organization_id = '${OPERATOR_ORGANIZATION_ID}' and s.id = $4
           where c.organization_id = $1 and c.id = $2 for share of c`,
          [organizationId, consentId, now, actor.id],
        )
      : undefined;
    if (!consent) throw new HubError('not_found', `There is no consent ${consentId}.`);
    if (!consent.valid) throw missing();
    await query('select 1 from users where organization_id = $1 and id = $2 for no key update', [
      OPERATOR_ORGANIZATION_ID,
      actor.id,
    ]);
    await stopVisits(ctx, sessionUid);
    const id = uuidv7();
    await query(
      `insert into support_visits (organization_id, id, consent_id, staff_id, session_uid, reason, started_at)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [organizationId, id, consentId, actor.id, sessionUid, reason, now],
    );
    const { administratorId, expiresAt, organizationName } = consent;
    await recordAudit(ctx, {
      action: 'support.visit_started',
      targetKind: 'user',
      targetId: administratorId,
      after: { visit: id, staff: nameOf(consent.staff), reason, until: expiresAt },
    });
    await recordAudit(ctx, {
      action: 'staff.acting_started',
      targetKind: 'user',
      targetId: actor.id,
      organizationId: OPERATOR_ORGANIZATION_ID,
      after: {
        visit: id,
        organization: organizationId,
        customer: organizationName,
        administrator: administratorId,
        reason,
      },
    });
    return id;
  });
}

const missing = () =>
  new HubError(
    'consent_missing',
    'The organization has not let support act for this administrator, or no longer does.',
  );
