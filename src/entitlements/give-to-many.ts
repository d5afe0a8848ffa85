// Gives the same entitlements and roles to many users as one act: whoever may have it gets it, for each of the others the
// answer says why not, and a fault leaves nothing. A constant number of statements, however many they are.
import { v7 as uuidv7 } from 'uuid';
import type { OrganizationCtx } from '../context.ts';
import { enqueue } from '../database/jobs.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { isId } from '../users/is-id.ts';
import { loadActing, toBeCovered, type Acting } from './acting.ts';
import { SELF_GIVING_NOTICE } from './check-giving.ts';
import { checkSpan } from './check-limit.ts';
import { acceptedEntitlement } from './entitlement-input.ts';
import { findRole, roleEntitlements, within } from './find-role.ts';
import type { Gift } from './give-rights.ts';
import { MAX_PER_SAVE } from './giving.ts';
import { insertAssignments } from './insert-assignments.ts';
import { weighMany, type ManyGift, type Outcome } from './weigh-many.ts';

/** More would keep the others of the organization waiting. */
export const MOST_RECEIVERS = 500;

export type GiveToMany = { readonly userIds: readonly string[]; readonly gifts: readonly Gift[] };

/** What giveToMany would do. Throws as it does. */
export async function previewGivingToMany(ctx: OrganizationCtx, input: GiveToMany, actor?: Acting): Promise<Outcome[]> {
  const acting = actor ?? (await loadActing(ctx));
  return weighMany(ctx, acting, await prepared(ctx, acting, input));
}

/**
 * One outcome for each user, in the order asked. Throws HubError `too_many`, what acceptance refuses with (see accept.ts), and
 * what would refuse it to everybody: `not_permitted`, `grantor_lacks_right`, `outlasts_ceiling` (details.missing names the boxes).
 */
export function giveToMany(ctx: OrganizationCtx, input: GiveToMany, actor?: Acting): Promise<Outcome[]> {
  return transaction(async () => {
    const acting = actor ?? (await loadActing(ctx));
    const { userIds, gifts } = await prepared(ctx, acting, input);
    // In one order for everybody, so that two such acts wait for each other and no more.
    await query(
      `select id from users where organization_id = $1 and id = any($2::uuid[]) and deleted_at is null
       order by id for no key update`,
      [ctx.organizationId, userIds],
    );
    const outcomes = await weighMany(ctx, acting, { userIds, gifts });
    await insertAssignments(
      ctx,
      gifts.map(({ gives, validFrom, validUntil }, place) => ({
        gives: 'role' in gives ? { roleId: gives.role.id } : gives,
        validFrom,
        validUntil,
        userIds: outcomes.flatMap((one) => (one.gifts.includes(place) ? [one.userId] : [])),
      })),
    );
    const own = outcomes.find(({ userId }) => userId === acting.userId);
    if (own && own.gifts.length > 0) {
      await enqueue(SELF_GIVING_NOTICE, {
        occasion: uuidv7(),
        organizationId: ctx.organizationId,
        userId: acting.userId,
        boxes: own.gifts.flatMap((place) => gifts[place]?.boxes ?? []),
        administrationRights: [],
      });
    }
    return outcomes;
  });
}

async function prepared(
  ctx: OrganizationCtx,
  acting: Acting,
  input: GiveToMany,
): Promise<{ userIds: string[]; gifts: ManyGift[] }> {
  const userIds = [...new Set(input.userIds.filter(isId).map((id) => id.toLowerCase()))];
  if (userIds.length > MOST_RECEIVERS)
    throw new HubError('too_many', `At most ${MOST_RECEIVERS} people can be given something in one go.`);
  if (input.gifts.length > MAX_PER_SAVE)
    throw new HubError('too_many', `At most ${MAX_PER_SAVE} rights can be given in one save.`);
  const gifts: ManyGift[] = [];
  for (const gift of input.gifts) gifts.push(await accepted(ctx, acting, gift));
  return { userIds, gifts };
}

async function accepted(ctx: OrganizationCtx, acting: Acting, gift: Gift): Promise<ManyGift> {
  const span = { validFrom: gift.validFrom ?? null, validUntil: gift.validUntil ?? null };
  if (!('roleId' in gift)) {
    const entitlement = acceptedEntitlement(acting, gift, span);
    return { gives: { entitlement }, ...span, boxes: [entitlement], whole: [entitlement] };
  }
  checkSpan(span.validFrom, span.validUntil);
  const role = await findRole(ctx, gift.roleId);
  const entitlements = (await roleEntitlements(ctx, role.id)).map(({ entitlement }) => entitlement);
  const whole = within(entitlements, {
    from: span.validFrom?.getTime() ?? null,
    until: span.validUntil?.getTime() ?? null,
  });
  return {
    gives: { role: { id: role.id, name: role.name, entitlements } },
    ...span,
    boxes: toBeCovered(acting, whole),
    whole,
  };
}
