// The operator's queue of companies that ask to be admitted.
import type { Ctx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { HubError } from '../errors.ts';
import { checkOperator } from '../organizations/check-operator.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import { isId } from '../users/is-id.ts';
import { DECIDED_OR_OPEN, REGISTRATION_COLUMNS, type Registration } from './registration.ts';

export type ListedState = (typeof DECIDED_OR_OPEN)[number];
type RegistrationPage = { readonly registrations: Registration[]; readonly next: string | null };

/** How many wait. Throws HubError `not_permitted` (operator only). */
export async function pendingRegistrations(ctx: Ctx): Promise<number> {
  checkOperator(ctx);
  const row = await queryOne<{ count: number }>(
    "select count(*)::int as count from registrations where organization_id = $1 and state = 'pending'",
    [OPERATOR_ORGANIZATION_ID],
  );
  return row?.count ?? 0;
}

/** The oldest first where they wait, else the newest; `after` is the `next` of the page before. Throws HubError `not_permitted`. */
export async function listRegistrations(
  ctx: Ctx,
  { state, after, limit = 50 }: { state: ListedState; after?: string; limit?: number },
): Promise<RegistrationPage> {
  checkOperator(ctx);
  const [order, past] = state === 'pending' ? ['asc', '>'] : ['desc', '<'];
  const rows = await query<Registration>(
    `select ${REGISTRATION_COLUMNS} from registrations where organization_id = $1 and state = $2 and ($3::uuid is null or id ${past} $3)
     order by id ${order} limit $4`,
    [OPERATOR_ORGANIZATION_ID, state, after !== undefined && isId(after) ? after : null, limit + 1],
  );
  const registrations = rows.slice(0, limit);
  return { registrations, next: rows.length > limit ? (registrations.at(-1)?.id ?? null) : null };
}

/** One whose address was confirmed. Throws HubError `not_permitted`, `not_found`. */
export async function findRegistration(ctx: Ctx, id: string, lock = false): Promise<Registration> {
  checkOperator(ctx);
  const found = isId(id)
    ? await queryOne<Registration>(
        `select ${REGISTRATION_COLUMNS} from registrations where organization_id = $1 and id = $2
           and state not in ('unconfirmed', 'expired') ${lock ? 'for update' : ''}`,
        [OPERATOR_ORGANIZATION_ID, id],
      )
    : undefined;
  if (!found) throw new HubError('not_found', `There is no registration ${id}.`);
  return found;
}
