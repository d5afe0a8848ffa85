// What the frame around each page of a person shows: what he administers, what waits for him, where else he can go. Asked
// for every page, so it is one statement, whatever the size of his organization.
import type { OrganizationCtx } from '../context.ts';
import { namesakeOf } from '../credentials/find-namesake.ts';
import { OPEN_FACTOR_RESETS } from '../credentials/reset-factors.ts';
import { prepared, queryOne } from '../database/query.ts';
import { HELD_RIGHTS, rankOf, type HeldRight } from '../entitlements/administration-rights-of.ts';
import type { Rank } from '../entitlements/touching.ts';
import {
  concernsMandates,
  HAS_RECEIVED_MANDATE,
  HOLDS_MARKED_RIGHT,
  markedRights,
} from '../mandates/concerns-mandates.ts';
import { ANY_REQUEST_WAITS, countInbox } from '../requests/inbox.ts';

export type PageFrame = {
  readonly rank: Rank;
  /** Open requests to reset a second factor; 0 for whoever administers nobody. */
  readonly factorResets: number;
  /** Requests for access that he may answer. */
  readonly requests: number;
  /** The pages about mandates are something to him. */
  readonly mandates: boolean;
  /** A directory is connected. */
  readonly directories: boolean;
  /** The names that he signs in with open a user of another organization as well. */
  readonly elsewhere: boolean;
};

type Row = {
  held: HeldRight[];
  factorResets: number;
  requestWaits: boolean;
  received: boolean;
  marked: boolean;
  directories: boolean;
  elsewhere: boolean;
};

const FRAME = prepared(
  'page_frame',
  `with held as materialized (${HELD_RIGHTS})
   select (select coalesce(json_agg(h), '[]') from held h) as held,
     case when exists (select 1 from held) then ${OPEN_FACTOR_RESETS} else 0 end as "factorResets",
     ${ANY_REQUEST_WAITS} as "requestWaits", ${HAS_RECEIVED_MANDATE} as received, ${HOLDS_MARKED_RIGHT} as marked,
     exists (select 1 from provisioning_connections c where c.organization_id = $1 and c.ended_at is null) as directories,
     ${namesakeOf('$1', '$4::uuid')} as elsewhere`,
);

/** Further statements only where a request waits in the organization and he may answer some. */
export async function pageFrame(ctx: OrganizationCtx, userId: string): Promise<PageFrame> {
  const row = await queryOne<Row>(FRAME, [ctx.organizationId, [userId], ctx.now, userId, ...markedRights()]);
  if (!row) throw new Error('A statement without a table answered nothing');
  const held = row.held.map((right) => ({ ...right, validUntil: right.validUntil && new Date(right.validUntil) }));
  const rank = rankOf(held);
  return {
    rank,
    factorResets: rank === 'none' ? 0 : row.factorResets,
    requests: row.requestWaits ? await countInbox(ctx, held) : 0,
    mandates: concernsMandates(rank, row),
    directories: row.directories,
    elsewhere: row.elsewhere,
  };
}
