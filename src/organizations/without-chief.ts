// Which organizations nobody leads: the condition that lists and counts share.

const HAS_CHIEF = `exists (select 1 from administration_rights r join users u on (u.organization_id, u.id) = (r.organization_id, r.subject_id)
  where r.organization_id = o.id and r.name = 'chief_administrator' and r.ended_at is null
    and (r.valid_until is null or r.valid_until > $1) and u.active and u.deleted_at is null offset 0)`;

/** SQL: active customer organizations `o` without an active chief; $1 is the instant. */
export const WITHOUT_CHIEF = `o.kind = 'customer' and o.state = 'active' and not ${HAS_CHIEF}`;
