// Whether a name that a user signs in with belongs to an active user of another organization, too. That it does is all
// that is told: which organization it is, and whether it is the same person, only a sign-in shows.
import { prepared, queryOne } from '../database/query.ts';

const FIND = prepared(
  'namesake_find',
  `select 1 as found from sign_in_names own
   join sign_in_names other on other.name_key = own.name_key and other.organization_id <> own.organization_id
   join users u on u.organization_id = other.organization_id and u.id = other.user_id and u.active and u.deleted_at is null
   join organizations o on o.id = other.organization_id and o.state = 'active'
   where own.organization_id = $1 and own.user_id = $2 limit 1`,
);

export const hasNamesake = async ({
  organizationId,
  userId,
}: {
  organizationId: string;
  userId: string;
}): Promise<boolean> => (await queryOne(FIND, [organizationId, userId])) !== undefined;
