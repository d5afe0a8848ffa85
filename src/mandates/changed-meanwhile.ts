// How a mandate stood when somebody began to work on it, and who changed or withdrew it since. The giver's history is the only
// place that knows former terms.
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { isId } from '../users/is-id.ts';
import type { Mandate } from './find-mandate.ts';

export type Meanwhile = {
  readonly opened: Mandate;
  readonly by: { readonly id: string; readonly label: string };
  readonly at: Date;
};

type Row = { action: string; before: Mandate; by: Meanwhile['by']; at: Date };

const day = (value: Date | string | null): Date | null => (value === null ? null : new Date(value));
const asMandate = (kept: Mandate): Mandate => ({
  ...kept,
  validFrom: day(kept.validFrom),
  validUntil: day(kept.validUntil),
  givenAt: new Date(kept.givenAt),
});

const eventsOf = (ctx: OrganizationCtx, id: string, version: number): Promise<Row[]> =>
  query<Row>(
    `select e.action, e.before, e.at, jsonb_build_object('id', e.actor -> 'id',
       'label', coalesce(u.document ->> 'displayName', u.user_name, e.actor ->> 'label')) as by
     from audit_events e left join users u on u.organization_id = $1
       and u.id = case e.actor ->> 'kind' when 'user' then (e.actor ->> 'id')::uuid end
     where e.organization_id = $1 and e.target_id = $2 and e.target_kind = 'mandate'
       and e.action in ('mandate.changed', 'mandate.withdrawn') and (e.before ->> 'version')::int >= $3 order by e.id`,
    [ctx.organizationId, id, version],
  );

/** Undefined where nothing happened since this version, or it is not this organization's. */
export async function changedSince(
  ctx: OrganizationCtx,
  mandate: Pick<Mandate, 'id'>,
  version: number,
): Promise<Meanwhile | undefined> {
  const rows = await eventsOf(ctx, mandate.id, version);
  const [first, last] = [rows[0], rows.at(-1)];
  return first && last && { opened: asMandate(first.before), by: last.by, at: last.at };
}

/** One that was withdrawn, as it stood last; undefined where it was not. */
export async function withdrawnMandate(ctx: OrganizationCtx, id: string): Promise<Meanwhile | undefined> {
  const last = isId(id) ? (await eventsOf(ctx, id.toLowerCase(), 0)).at(-1) : undefined;
  return last?.action === 'mandate.withdrawn'
    ? { opened: asMandate(last.before), by: last.by, at: last.at }
    : undefined;
}
