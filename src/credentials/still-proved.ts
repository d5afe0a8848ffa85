// Whether what somebody proved on his way through the sign-in pages still counts: not once all his access was ended or his
// password was set anew. What he has when he arrives is a session, which every door asks about by itself.
import { prepared, queryOne } from '../database/query.ts';

export type Proof = {
  /** Whom the password fitted, or who gave a passkey. */
  readonly persons: readonly { readonly organizationId: string; readonly userId: string }[];
  /** When, in milliseconds. */
  readonly at: number;
};

const WITHDRAWN = prepared(
  'proof_withdrawn',
  `select 1 from unnest($1::uuid[], $2::uuid[]) as p (organization_id, user_id)
   join users u on (u.organization_id, u.id) = (p.organization_id, p.user_id)
   left join passwords w on (w.organization_id, w.user_id) = (p.organization_id, p.user_id)
   where u.tokens_valid_from > $3 or w.changed_at > $3 limit 1`,
);

export async function isStillProved({ persons, at }: Proof): Promise<boolean> {
  const organizations = persons.map(({ organizationId }) => organizationId);
  const users = persons.map(({ userId }) => userId);
  return (await queryOne(WITHDRAWN, [organizations, users, new Date(at)])) === undefined;
}
