// A chief administrator lets the operator's support act for one administrator of his organization, for hours and never for
// longer than three days, and takes that back at any moment. Nobody else can: neither the operator nor support at work.
import { v7 as uuidv7 } from 'uuid';
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { loadActing, notPermitted } from '../entitlements/acting.ts';
import { administrationRightsOf, rankOf } from '../entitlements/administration-rights-of.ts';
import { activeChiefs } from '../entitlements/check-deactivation.ts';
import { HubError } from '../errors.ts';
import { mailUser } from '../mail/mail-user.ts';
import type { Document } from '../provisioning/attribute.ts';
import { userNotFound } from '../users/find-user.ts';
import { isId } from '../users/is-id.ts';
import { nameOf } from '../users/user-row.ts';
import { endVisits } from './end-visit.ts';
import { refuseWhileActing } from './refuse-while-acting.ts';

export const SUPPORT_HOURS = [1, 8, 72] as const;
const HOUR_MS = 3_600_000;
const MOST_TOLD = 50;

export type SupportConsentInput = {
  /** Absent: the chief himself. */
  readonly administratorId?: string;
  /** One of SUPPORT_HOURS. */
  readonly hours: number;
};
export type GivenConsent = { readonly id: string; readonly expiresAt: Date };

const invalid = (path: string, message: string) =>
  new HubError('invalid_input', message, { issues: [{ path, message }] });

/** A chief of the organization in person. Throws HubError `not_permitted`, `not_while_acting`. */
async function checkDecidesSupport(ctx: OrganizationCtx): Promise<void> {
  refuseWhileActing(ctx);
  if (ctx.actor.kind !== 'user' || !(await loadActing(ctx)).unbounded)
    throw notPermitted('Only a chief administrator of the organization itself decides whether support may act.');
}

/**
 * A consent that stands for the same administrator gets the new end. Throws HubError `not_permitted`, `not_while_acting`,
 * `not_found`, `invalid_input` (details.issues: `hours`, `administrator`).
 */
export async function openSupport(ctx: OrganizationCtx, input: SupportConsentInput): Promise<GivenConsent> {
  await checkDecidesSupport(ctx);
  const { organizationId, actor, now } = ctx;
  const hours = SUPPORT_HOURS.find((one) => one === input.hours);
  if (hours === undefined) throw invalid('hours', `Choose one of ${SUPPORT_HOURS.join(', ')} hours.`);
  const administratorId = (input.administratorId ?? actor.id).toLowerCase();
  const expiresAt = new Date(now.getTime() + hours * HOUR_MS);
  return transaction(async () => {
    const name = await administratorName(ctx, administratorId);
    const standing = await queryOne<{ id: string; expiresAt: Date }>(
      `select id, expires_at as "expiresAt" from support_consents
       where organization_id = $1 and administrator_id = $2 and withdrawn_at is null and expires_at > $3 for update`,
      [organizationId, administratorId, now],
    );
    const id = standing?.id ?? uuidv7();
    await query(
      `insert into support_consents (organization_id, id, administrator_id, given_by, given_at, expires_at)
       values ($1, $2, $3, $4, $5, $6)
       on conflict (organization_id, id) do update
         set given_by = excluded.given_by, given_at = excluded.given_at, expires_at = excluded.expires_at`,
      [organizationId, id, administratorId, JSON.stringify(actor), now, expiresAt],
    );
    await recordAudit(ctx, {
      action: 'support.opened',
      targetKind: 'user',
      targetId: administratorId,
      ...(standing && { before: { expiresAt: standing.expiresAt } }),
      after: { consent: id, expiresAt },
    });
    await tellOthers(ctx, administratorId, name, expiresAt);
    return { id, expiresAt };
  });
}

/** His row is locked, so that two chiefs give one consent. Throws HubError `not_found`, `invalid_input`, `not_permitted`. */
async function administratorName(ctx: OrganizationCtx, id: string): Promise<string> {
  const row = isId(id)
    ? await queryOne<{ document: Document; may: boolean; kind: string }>(
        `select u.document, u.active and u.kind = 'person' as may, o.kind from users u join organizations o on o.id = u.organization_id
         where u.organization_id = $1 and u.id = $2 and u.deleted_at is null for no key update of u`,
        [ctx.organizationId, id],
      )
    : undefined;
  if (!row) throw userNotFound(id);
  if (row.kind === 'operator') throw notPermitted('The operator does not act for his own people.');
  const held = (await administrationRightsOf(ctx, [id])).get(id) ?? [];
  if (!row.may || rankOf(held) === 'none') throw invalid('administrator', 'Choose an active administrator.');
  return nameOf(row.document);
}

/** Whoever answers for the organization, and the one for whom support may act. */
async function tellOthers(ctx: OrganizationCtx, administratorId: string, who: string, until: Date): Promise<void> {
  const { organizationId, actor } = ctx;
  const told = [...new Set([...(await activeChiefs(ctx)), administratorId])].filter((id) => id !== actor.id);
  const values = { who, by: actor.label, until, path: '/portal/policy/support' };
  for (const userId of told.slice(0, MOST_TOLD))
    await mailUser(ctx, { kind: 'support_opened', organizationId, userId, values });
}

/**
 * Ends what support is doing at once. One that has ended already stays as it is.
 * Throws HubError `not_permitted`, `not_while_acting`, `not_found`.
 */
export async function withdrawSupport(ctx: OrganizationCtx, consentId: string): Promise<void> {
  await checkDecidesSupport(ctx);
  const { organizationId, actor, now } = ctx;
  await transaction(async () => {
    const consent = isId(consentId)
      ? await queryOne<{ administratorId: string; over: boolean }>(
          `select administrator_id as "administratorId", withdrawn_at is not null or expires_at <= $3 as over
           from support_consents where organization_id = $1 and id = $2 for update`,
          [organizationId, consentId, now],
        )
      : undefined;
    if (!consent) throw new HubError('not_found', `There is no consent ${consentId}.`);
    if (consent.over) return;
    await query(
      'update support_consents set withdrawn_at = $3, withdrawn_by = $4 where organization_id = $1 and id = $2',
      [organizationId, consentId, now, JSON.stringify(actor)],
    );
    await recordAudit(ctx, {
      action: 'support.withdrawn',
      targetKind: 'user',
      targetId: consent.administratorId,
      after: { consent: consentId.toLowerCase() },
    });
    await endVisits(ctx, { consentId }, 'withdrawn');
  });
}
