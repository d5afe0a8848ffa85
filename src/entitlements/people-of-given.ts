// The people whom something reaches that was given to users and groups: two common table expressions after one named
// given(id), for a statement that begins with "with recursive". $1 is the organization.
export const PEOPLE_OF_GIVEN = `subjects(id) as (
    select id from given
    union select n.child_id from subjects s join group_groups n on n.organization_id = $1 and n.parent_id = s.id
  ), people(id) as (
    select id from subjects
    union select m.user_id from subjects s join group_users m on m.organization_id = $1 and m.group_id = s.id
  )`;
