// Whether a name that a user signs in with belongs to an active user of another organization, too. That it does is all
// that is told: which organization it is, and whether it is the same person, only a sign-in shows.

/** SQL: whether there is one. `organization`, `user`: columns or placeholders. */
export const namesakeOf = (organization: string, user: string): string => `exists (
  select 1 from sign_in_names own
  join sign_in_names other on other.name_key = own.name_key and other.organization_id <> own.organization_id
  join users u on u.organization_id = other.organization_id and u.id = other.user_id and u.active and u.deleted_at is null
  join organizations o on o.id = other.organization_id and o.state = 'active'
  where own.organization_id = ${organization} and own.user_id = ${user})`;
