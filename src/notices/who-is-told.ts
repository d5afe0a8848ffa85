// Which of these people hear of a topic, and how soon: for a page that says so before an act.
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { chosenDelivery, type Delivery, type Topic } from './topics.ts';

export type Told = Delivery | 'not_yet';

/** By user. `not_yet`: whoever has never signed in is told by his invitation. */
export async function whoIsTold(
  { organizationId }: OrganizationCtx,
  topic: Topic,
  userIds: readonly string[],
): Promise<Map<string, Told>> {
  const rows = await query<{ id: string; told: Told }>(
    `select u.id, case when not u.active then 'never' when u.last_sign_in_at is null then 'not_yet'
       else ${chosenDelivery(topic, 'u.organization_id', 'u.id')} end as told
     from users u where u.organization_id = $1 and u.id = any($2::uuid[]) and u.deleted_at is null`,
    [organizationId, userIds],
  );
  return new Map(rows.map(({ id, told }) => [id, told]));
}
