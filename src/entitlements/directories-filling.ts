// Which directories decide who is in a group, by filling it or a group nested in it, and a chief's consent to that:
// giving rights to such a group is consent to whomever the directory puts in.
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { prepared, query } from '../database/query.ts';
import { HubError } from '../errors.ts';
import type { Acting } from './acting.ts';

type Unopened = {
  readonly groupId: string;
  readonly groupName: string;
  readonly connectionId: string;
};

const UNOPENED = prepared(
  'directories_unopened',
  `with recursive below(id) as (
    select unnest($3::uuid[])
    union
    select n.child_id from below b join group_groups n on n.organization_id = $1 and n.parent_id = b.id
  ), directories as (
    select distinct g.connection_id as id from below b join groups g on g.organization_id = $1 and g.id = b.id
    where g.connection_id is not null and g.deleted_at is null
  )
  select g.id as "groupId", g.display_name as "groupName", d.id as "connectionId"
  from directories d cross join groups g
  where g.organization_id = $1 and g.id = any($2::uuid[])
    and not exists (select 1 from connection_openings o
      where o.organization_id = $1 and o.connection_id = d.id and o.target_id = g.id)
  order by g.id, d.id`,
);

/** Pairs of a group in `carrying` and a directory that fills something in or below `filled`, not yet opened to it. */
export const unopened = (
  ctx: OrganizationCtx,
  carrying: readonly string[],
  filled: readonly string[],
): Promise<Unopened[]> => query<Unopened>(UNOPENED, [ctx.organizationId, carrying, filled]);

const OPEN = prepared(
  'connection_open',
  `insert into connection_openings (organization_id, connection_id, kind, target_id, opened_by, opened_at)
   values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning target_id`,
);

/** Opens a group or role to a connection; true when it was closed. `consent`: in the act that gave the group rights. */
export async function openTarget(
  ctx: OrganizationCtx,
  input: { connectionId: string; kind: 'group' | 'role'; targetId: string; consent: boolean },
): Promise<boolean> {
  const { connectionId, kind, targetId, consent } = input;
  const opened = await query(OPEN, [
    ctx.organizationId,
    connectionId,
    kind,
    targetId,
    JSON.stringify(ctx.actor),
    ctx.now,
  ]);
  if (opened.length === 0) return false;
  await recordAudit(ctx, {
    action: 'connection.opened',
    targetKind: 'connection',
    targetId: connectionId,
    after: { kind, targetId, consent },
  });
  return true;
}

/** With the consent of a chief the groups are opened in this act. Throws HubError `group_not_opened` that names them. */
export async function checkConsent(
  ctx: OrganizationCtx,
  acting: Acting,
  closed: readonly Unopened[],
  consent: boolean,
): Promise<void> {
  if (closed.length === 0) return;
  if (consent && acting.unbounded) {
    for (const { connectionId, groupId } of closed) {
      await openTarget(ctx, { connectionId, kind: 'group', targetId: groupId, consent });
    }
    return;
  }
  const names = [...new Set(closed.map(({ groupName }) => `"${groupName}"`))].join(', ');
  throw new HubError(
    'group_not_opened',
    `A directory decides who is in ${names}. A chief administrator must consent that whomever it puts in gets these rights. Nothing was changed.`,
    {
      groups: [...new Set(closed.map(({ groupId }) => groupId))],
      connections: [...new Set(closed.map(({ connectionId }) => connectionId))],
    },
  );
}
