// Takes a signing key out of the world at once, where its private part may be in other hands: by two people of the operator's
// staff. An active key goes only as its successor takes over, in the same transaction; what it signed is refused from then on.
import { askApproval, takeApproval } from '../approvals/ask-approval.ts';
import { recordAudit } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { checkOperator } from '../organizations/check-operator.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import {
  insertKey,
  listSigningKeys,
  lockKeys,
  makeKey,
  PUBLISHED_BEFORE_USE_MS,
  type KeyDescription,
} from './signing-keys.ts';

export type DestroyEffect = {
  readonly key: KeyDescription;
  /** Which next key signs from then on; null for a key that does not sign, or where there is none. */
  readonly successor: {
    readonly kid: string;
    readonly publishedAt: Date;
    /** Published for less than a day: an application that has not read the keys since refuses what it signs until it does. */
    readonly fresh: boolean;
  } | null;
  /** Nothing could sign any more, so it is refused. */
  readonly refused: boolean;
  /** Browser sessions that live; counted no further than `MOST_COUNTED`. They stay. */
  readonly sessions: number;
};

export const MOST_COUNTED = 10_000;

const keyNotFound = (kid: string) => new HubError('not_found', `There is no signing key "${kid}".`);

async function find(kid: string): Promise<{ key: KeyDescription; next: KeyDescription | undefined }> {
  const keys = await listSigningKeys();
  const key = keys.find((one) => one.kid === kid);
  if (!key) throw keyNotFound(kid);
  return { key, next: keys.find(({ algorithm, state }) => state === 'next' && algorithm === key.algorithm) };
}

const isRefused = (key: KeyDescription, next: KeyDescription | undefined): boolean =>
  key.state === 'active' && next === undefined;

/** What destroying it would do. Throws HubError `not_permitted` (operator only), `not_found`. */
export async function destroyEffect(ctx: Ctx, kid: string): Promise<DestroyEffect> {
  checkOperator(ctx);
  const { key, next } = await find(kid);
  const counted = await queryOne<{ sessions: number }>(
    `select count(*)::int as sessions from (select 1 from oidc_artefacts where model = 'Session' and user_id is not null and expires_at > $1
       limit ${MOST_COUNTED}) as counted`,
    [ctx.now],
  );
  const fresh = next !== undefined && next.createdAt.getTime() > ctx.now.getTime() - PUBLISHED_BEFORE_USE_MS;
  return {
    key,
    successor: key.state === 'active' && next ? { kid: next.kid, publishedAt: next.createdAt, fresh } : null,
    refused: isRefused(key, next),
    sessions: counted?.sessions ?? 0,
  };
}

/** Throws HubError `not_found`, `no_successor`. */
async function destroyable(kid: string): Promise<{ key: KeyDescription; next: KeyDescription | undefined }> {
  const found = await find(kid);
  if (isRefused(found.key, found.next))
    throw new HubError(
      'no_successor',
      'This key signs and there is no next one. Rotate the keys first: that publishes one.',
    );
  return found;
}

/** The first of two. Throws HubError `not_permitted`, `not_found`, `no_successor`, `invalid_input` without a reason, `conflict` where it was asked for. */
export function askDestroying(ctx: Ctx, kid: string, reason: string): Promise<void> {
  checkOperator(ctx);
  return transaction(async () => {
    const { key } = await destroyable(kid);
    const facts = { state: key.state };
    await askApproval(ctx, {
      kind: 'destroy_key',
      targetId: kid,
      targetName: `${key.algorithm} ${kid}`,
      facts,
      reason,
    });
  });
}

/**
 * The second of two. Answers the keys that are left. Throws HubError `not_permitted`, `not_found`, `no_successor`, `four_eyes`,
 * `conflict` where the key does something else now than when it was asked for.
 */
export async function confirmDestroying(ctx: Ctx, kid: string): Promise<readonly KeyDescription[]> {
  checkOperator(ctx);
  const { key: before } = await destroyable(kid);
  // An RSA key takes its time: it is made before the transaction. A retiring key needs no other in its place.
  const spare = before.state === 'retiring' ? undefined : await makeKey(before.algorithm);
  await transaction(async () => {
    await lockKeys();
    const approval = await takeApproval(ctx, 'destroy_key', kid);
    const { key, next } = await destroyable(kid);
    if (key.state !== approval.facts['state'])
      throw new HubError('conflict', 'This key does something else now than when it was asked for.');
    await query('delete from signing_keys where kid = $1', [kid]);
    if (key.state === 'active')
      await query("update signing_keys set state = 'active', activated_at = $2 where kid = $1", [next?.kid, ctx.now]);
    if (spare) await insertKey(spare, 'next', ctx.now);
    await recordAudit(ctx, {
      action: 'keys.destroyed',
      targetKind: 'keys',
      targetId: kid,
      organizationId: OPERATOR_ORGANIZATION_ID,
      before: { algorithm: key.algorithm, state: key.state },
      after: {
        reason: approval.reason,
        askedBy: approval.askedBy.label,
        ...(key.state === 'active' ? { active: next?.kid } : {}),
      },
    });
  });
  return listSigningKeys();
}
