// The mandates that hang on one, as far down as they go. At most three links follow on one, and all links of a customer
// account's chains stand under its owner.
import { query } from '../database/query.ts';

type MandateBelow = { readonly id: string; readonly receiverOrganizationId: string };

/** Without the mandate itself; those that were withdrawn, and what hangs on them, are not there. */
export const mandatesBelow = (ownerOrganizationId: string, mandateId: string): Promise<MandateBelow[]> =>
  query<MandateBelow>(
    `with recursive below(id, receiver, depth) as (
      select m.id, m.receiver_organization_id, 1 from mandates m
      where m.organization_id = $1 and m.parent_id = $2 and m.ended_at is null
      union all
      select m.id, m.receiver_organization_id, b.depth + 1 from below b
      join mandates m on m.organization_id = $1 and m.parent_id = b.id and m.ended_at is null where b.depth < 5
    ) select id, receiver as "receiverOrganizationId" from below order by depth, id`,
    [ownerOrganizationId, mandateId],
  );
