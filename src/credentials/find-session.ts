// The person behind a session cookie of the provider, read with his and his organization's state and the limits of the
// session: what is not alive is not found.
import { prepared, queryOne } from '../database/query.ts';
import type { Document } from '../provisioning/attribute.ts';
import { artefactHash } from './artefact-hash.ts';
import { mayOwe } from './owed-first.ts';
import { idleEnd, lastUse, sessionLives, wholeEnd } from './session-limits.ts';

export type FoundSession = {
  organizationId: string;
  organizationName: string;
  userId: string;
  /** Names the session in lists and audit; opens nothing. */
  uid: string;
  signedInAt: Date;
  /** What was proved at sign-in (RFC 8176). */
  amr: string[];
  /** As it was last noted. */
  usedAt: Date;
  /** Unless he does something before. */
  idleEndsAt: Date;
  /** Whatever he does. */
  endsAt: Date;
  document: Document;
  lastSignInAt: Date | null;
  /** Something may have to come before our pages open (owed-first.ts). */
  mayOwe: boolean;
};

const ALIASES = { artefact: 'a', session: 's', organization: 'o' };

const FIND = prepared(
  'session_find',
  `select a.organization_id as "organizationId", o.name as "organizationName", a.user_id as "userId", a.uid,
     to_timestamp((a.payload ->> 'loginTs')::bigint) as "signedInAt", coalesce(a.payload -> 'amr', '[]') as amr, ${lastUse(ALIASES)} as "usedAt",
     ${idleEnd(ALIASES)} as "idleEndsAt", ${wholeEnd(ALIASES)} as "endsAt", u.document, u.last_sign_in_at as "lastSignInAt",
     ${mayOwe({ ...ALIASES, user: 'u' })} as "mayOwe"
   from oidc_artefacts a
   join users u on u.organization_id = a.organization_id and u.id = a.user_id
   join organizations o on o.id = a.organization_id
   left join sessions s on s.organization_id = a.organization_id and s.uid = a.uid
   where a.model = 'Session' and a.id_hash = $1 and a.expires_at > $2 and u.active and u.deleted_at is null
     and o.state = 'active' and a.issued_at >= u.tokens_valid_from and ${sessionLives(ALIASES, '$2::timestamptz')}`,
);

export const findSession = (cookie: string, now: Date): Promise<FoundSession | undefined> =>
  queryOne<FoundSession>(FIND, [artefactHash(cookie), now]);
