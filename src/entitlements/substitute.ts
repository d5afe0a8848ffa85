// Substitution: what a person holds is given to a colleague for a span of days. Copies, so that they end by their date
// whatever happens to the absent person; each within the giver's ceiling, none longer than it is held, never administration
// rights. What is refused does not keep the rest from being given.
import { v7 as uuidv7 } from 'uuid';
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { atomically, dryRun } from '../provisioning/dry-run.ts';
import { isId } from '../users/is-id.ts';
import { loadActing, type Acting } from './acting.ts';
import { entitlementOf, listAssignments } from './assignment-row.ts';
import { checkAdministers } from './check-administers.ts';
import { checkSpan } from './check-limit.ts';
import { giftsOf, type EntitlementGift } from './copy-rights.ts';
import { effectiveEntitlements } from './effective.ts';
import { endAssignment } from './end-assignment.ts';
import { findSubject, type FoundSubject } from './find-subject.ts';
import { giveTo } from './give-rights.ts';
import { MAX_PER_SAVE } from './giving.ts';
import { loadSnapshot } from './load-snapshot.ts';

export type SubstitutionInput = {
  readonly absentUserId: string;
  readonly substituteUserId: string;
  readonly validFrom?: Date | null;
  readonly validUntil: Date;
};
type Substitution = {
  readonly id: string;
  readonly absentUserId: string;
  readonly substituteUserId: string;
  readonly validFrom: Date | null;
  readonly validUntil: Date;
  readonly assignmentIds: readonly string[];
  readonly givenBy: { readonly kind: string; readonly id: string; readonly label: string };
  readonly givenAt: Date;
};
export type SubstitutionOutcome = {
  readonly substitution: Substitution;
  readonly given: readonly EntitlementGift[];
  readonly refused: readonly { readonly gift: EntitlementGift; readonly refusal: HubError }[];
};

const invalid = (path: string, message: string) =>
  new HubError('invalid_input', message, { issues: [{ path, message }] });

function checkInput(ctx: OrganizationCtx, input: SubstitutionInput): void {
  const { absentUserId, substituteUserId, validFrom = null, validUntil } = input;
  if (absentUserId.toLowerCase() === substituteUserId.toLowerCase())
    throw invalid('substitute', 'Nobody substitutes for himself.');
  if (validUntil <= ctx.now) throw invalid('until', 'The end must lie in the future.');
  checkSpan(validFrom, validUntil);
}

/** Cut to the days of the substitution; what is not held then is left out. */
const during = (gifts: readonly EntitlementGift[], { validFrom = null, validUntil }: SubstitutionInput) =>
  gifts.flatMap((gift): EntitlementGift[] => {
    const until = gift.validUntil && gift.validUntil < validUntil ? gift.validUntil : validUntil;
    return validFrom && until <= validFrom ? [] : [{ ...gift, validFrom, validUntil: until }];
  });

async function giftsFor(ctx: OrganizationCtx, input: SubstitutionInput): Promise<EntitlementGift[]> {
  const { organizationId, now } = ctx;
  const { absentUserId: userId, substituteUserId } = input;
  await findSubject(ctx, { kind: 'user', id: userId });
  const read = await loadSnapshot({ organizationId, userId, now });
  if (!read) return [];
  const { effective } = effectiveEntitlements(read.snapshot);
  const standing = await listAssignments(ctx, { kind: 'user', id: substituteUserId });
  return during(giftsOf(effective, standing.flatMap(entitlementOf), now.getTime()), input);
}

class Undone extends Error {}

/** Why the gift would be refused alone; nothing of it is left. */
async function refusalOf(
  ctx: OrganizationCtx,
  acting: Acting,
  subject: FoundSubject,
  gift: EntitlementGift,
): Promise<HubError | undefined> {
  try {
    await atomically(async () => {
      await giveTo(ctx, acting, subject, { gifts: [gift] });
      throw new Undone();
    });
  } catch (error) {
    if (error instanceof HubError) return error;
    if (!(error instanceof Undone)) throw error;
  }
  return undefined;
}

/** What the act would give and what it would refuse. Throws what the act throws; call outside a transaction. */
export const previewSubstitution = (ctx: OrganizationCtx, input: SubstitutionInput): Promise<SubstitutionOutcome> =>
  dryRun(() => substitute(ctx, input));

/**
 * One act. Throws HubError `not_found`, `not_permitted`, `invalid_input` (the days; the
 * same person; somebody who holds nothing that could be passed on), `too_many`, and where all of it is refused the first reason.
 */
export function substitute(ctx: OrganizationCtx, input: SubstitutionInput): Promise<SubstitutionOutcome> {
  return transaction(async () => {
    await checkAdministers(ctx);
    checkInput(ctx, input);
    const subject = await findSubject(ctx, { kind: 'user', id: input.substituteUserId });
    const gifts = await giftsFor(ctx, input);
    if (gifts.length === 0)
      throw invalid('absent', 'This person holds nothing in these days that the substitute does not have already.');
    if (gifts.length > MAX_PER_SAVE)
      throw new HubError('too_many', `At most ${MAX_PER_SAVE} rights can be given in one save.`);
    const acting = await loadActing(ctx);
    const judged: { gift: EntitlementGift; refusal: HubError | undefined }[] = [];
    for (const gift of gifts) judged.push({ gift, refusal: await refusalOf(ctx, acting, subject, gift) });
    const given = judged.flatMap(({ gift, refusal }) => (refusal ? [] : [gift]));
    const refused = judged.flatMap(({ gift, refusal }) => (refusal ? [{ gift, refusal }] : []));
    if (given.length === 0) throw refused[0]?.refusal ?? invalid('absent', 'There is nothing to pass on.');
    const assignments = await giveTo(ctx, acting, subject, { gifts: given });
    const ids = assignments.map(({ id }) => id);
    return { substitution: await insert(ctx, input, ids), given, refused };
  });
}

const COLUMNS = `s.id, s.absent_user_id as "absentUserId", s.substitute_user_id as "substituteUserId", s.valid_from as "validFrom",
  s.valid_until as "validUntil", s.assignment_ids as "assignmentIds", s.given_by as "givenBy", s.given_at as "givenAt"`;

async function insert(ctx: OrganizationCtx, input: SubstitutionInput, ids: readonly string[]): Promise<Substitution> {
  const { absentUserId, substituteUserId, validFrom = null, validUntil } = input;
  const row = await queryOne<Substitution>(
    `insert into substitutions as s (organization_id, id, absent_user_id, substitute_user_id, valid_from, valid_until, assignment_ids,
       given_by, given_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning ${COLUMNS}`,
    [
      ctx.organizationId,
      uuidv7(),
      absentUserId,
      substituteUserId,
      validFrom,
      validUntil,
      ids,
      JSON.stringify(ctx.actor),
      ctx.now,
    ],
  );
  if (!row) throw new Error('A substitution was not inserted');
  await recordAudit(ctx, {
    action: 'substitution.given',
    targetKind: 'user',
    targetId: row.substituteUserId,
    after: { substitution: row.id, absent: row.absentUserId, validFrom, validUntil, assignments: ids },
  });
  return row;
}

/** What has not ended, those that end first before the others. Throws HubError `not_permitted`. */
export async function listSubstitutions(
  ctx: OrganizationCtx,
): Promise<(Substitution & { readonly absent: string; readonly substitute: string })[]> {
  await checkAdministers(ctx);
  const name = (alias: string) => `coalesce(${alias}.document ->> 'displayName', ${alias}.user_name)`;
  return query(
    `select ${COLUMNS}, ${name('a')} as absent, ${name('b')} as substitute from substitutions s
     join users a on a.organization_id = $1 and a.id = s.absent_user_id
     join users b on b.organization_id = $1 and b.id = s.substitute_user_id
     where s.organization_id = $1 and s.ended_at is null and s.valid_until > $2 order by s.valid_until, s.id limit 200`,
    [ctx.organizationId, ctx.now],
  );
}

/** Before its date. Throws HubError `not_found` and what endAssignment refuses with; then nothing of it has ended. */
export function endSubstitution(ctx: OrganizationCtx, id: string): Promise<void> {
  return transaction(async () => {
    const row = isId(id)
      ? await queryOne<Substitution>(
          `update substitutions s set ended_at = $3, ended_by = $4
           where s.organization_id = $1 and s.id = $2 and s.ended_at is null and s.valid_until > $3 returning ${COLUMNS}`,
          [ctx.organizationId, id, ctx.now, JSON.stringify(ctx.actor)],
        )
      : undefined;
    if (!row) throw new HubError('not_found', `There is no substitution ${id}.`);
    const standing = await query<{ id: string }>(
      'select id from assignments where organization_id = $1 and id = any($2::uuid[]) and ended_at is null order by id',
      [ctx.organizationId, row.assignmentIds],
    );
    for (const assignment of standing) await endAssignment(ctx, assignment.id);
    await checkAdministers(ctx);
    await recordAudit(ctx, {
      action: 'substitution.ended',
      targetKind: 'user',
      targetId: row.substituteUserId,
      before: { substitution: row.id, absent: row.absentUserId, assignments: row.assignmentIds },
    });
  });
}
