// The statements behind the provider's sessions, grants, codes and tokens (adapter.ts, quick-refresh.ts). Each that loads
// anything of a user's reads his state, his organization's and `tokens_valid_from` in the same snapshot.
import { artefactHash, grantRef } from '../credentials/artefact-hash.ts';
import { lastUse, sessionLives } from '../credentials/session-limits.ts';
import { prepared, queryOne } from '../database/query.ts';
import { decodeSubject } from '../users/subject.ts';

/** An answer to a refresh may get lost: for this long the old token works once more. After that its reuse ends the family. */
const REFRESH_GRACE_S = 10;

export const graceBegin = (now: Date) => new Date(now.getTime() - REFRESH_GRACE_S * 1000);

const LIVE = `(a.user_id is null or (u.active and u.deleted_at is null and o.state = 'active' and a.issued_at >= u.tokens_valid_from))`;
const WITH_OWNER = `left join users u on (u.organization_id, u.id) = (a.organization_id, a.user_id)
  left join organizations o on o.id = a.organization_id`;

export const FIND = prepared(
  'artefact_find',
  `select a.payload, a.consumed_at, u.document from oidc_artefacts a ${WITH_OWNER}
   where a.model = $1 and a.id_hash = $2 and (a.expires_at is null or a.expires_at > $3) and ${LIVE}`,
);

const ALIASES = { artefact: 'a', session: 'k', organization: 'o' };
const KEPT = 'left join sessions k on k.organization_id = a.organization_id and k.uid = a.uid';
const LIVES = `(a.user_id is null or ${sessionLives(ALIASES, '$3::timestamptz')})`;

export const FIND_SESSION = prepared(
  'artefact_find_session',
  `select a.payload, a.consumed_at, u.document, ${lastUse(ALIASES)} as "usedAt" from oidc_artefacts a ${WITH_OWNER} ${KEPT}
   where a.model = $1 and a.id_hash = $2 and a.expires_at > $3 and ${LIVE} and ${LIVES}`,
);

// A code or token is worth nothing without its session and grant: they come along in the same snapshot. The grant is found by
// the hash of its id (artefactHash): by its name it would be found among all that hang on it.
const OF_TOKEN = { artefact: 's', session: 'k', organization: 'o' };
export const FIND_TOKEN = prepared(
  'artefact_find_token',
  `select a.payload, a.consumed_at, u.document, s.payload as session, g.payload as grant, ${lastUse(OF_TOKEN)} as "usedAt"
   from oidc_artefacts a ${WITH_OWNER}
   left join sessions k on k.organization_id = a.organization_id and k.uid = a.payload ->> 'sessionUid'
   left join oidc_artefacts s on s.model = 'Session' and s.uid = a.payload ->> 'sessionUid' and s.expires_at > $3
     and s.issued_at >= u.tokens_valid_from and ${sessionLives(OF_TOKEN, '$3::timestamptz')}
   left join oidc_artefacts g on g.model = 'Grant' and g.id_hash = sha256(convert_to(a.payload ->> 'grantId', 'UTF8'))
     and g.expires_at > $3 and g.issued_at >= u.tokens_valid_from
   where a.model = $1 and a.id_hash = $2 and a.expires_at > $3 and ${LIVE}`,
);

export const FIND_BY_UID = prepared(
  'artefact_find_uid',
  `select a.payload, a.consumed_at, u.document, ${lastUse(ALIASES)} as "usedAt" from oidc_artefacts a ${WITH_OWNER} ${KEPT}
   where a.model = $1 and a.uid = $2 and a.expires_at > $3 and ${LIVE} and ${LIVES}`,
);

/** What the columns beside the payload are filled from. */
type Columns = { accountId?: string; clientId?: string; grantId?: string; uid?: string; userCode?: string };

/**
 * The values of UPSERT, and the first of ROTATE.
 * @param startedAt the start of the request, not this moment: what a request loaded before access ended it cannot save afterwards
 * @param expiresIn seconds; undefined: never
 */
export function artefactValues(
  model: string,
  id: string,
  payload: Columns,
  { startedAt, expiresIn }: { startedAt: Date; expiresIn: number | undefined },
): unknown[] {
  const owner = payload.accountId === undefined ? undefined : decodeSubject(payload.accountId);
  const grantId = model === 'Grant' ? id : payload.grantId;
  return [
    model,
    artefactHash(id),
    JSON.stringify(payload),
    owner?.organizationId ?? null,
    owner?.userId ?? null,
    payload.clientId ?? null,
    grantId === undefined || model === 'Interaction' ? null : grantRef(grantId),
    model === 'Session' ? (payload.uid ?? null) : null,
    payload.userCode ?? null,
    startedAt,
    expiresIn === undefined ? null : new Date(Date.now() + expiresIn * 1000),
  ];
}

export const UPSERT = prepared(
  'artefact_upsert',
  `insert into oidc_artefacts (model, id_hash, payload, organization_id, user_id, client_id, grant_id, uid, user_code, issued_at, expires_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
   on conflict (model, id_hash) do update set payload = excluded.payload, organization_id = excluded.organization_id,
     user_id = excluded.user_id, client_id = excluded.client_id, grant_id = excluded.grant_id, expires_at = excluded.expires_at`,
);

// One statement decides who was first. A refresh token may be consumed again within its grace.
export const CONSUME = prepared(
  'artefact_consume',
  `update oidc_artefacts set consumed_at = coalesce(consumed_at, $3) where model = $1 and id_hash = $2
     and (consumed_at is null or ($1 = 'RefreshToken' and consumed_at > $4)) returning 1`,
);

// The old refresh token is used up and the new one stands, or neither.
const ROTATE = prepared(
  'artefact_rotate',
  `with used as (
     update oidc_artefacts set consumed_at = coalesce(consumed_at, $10) where model = 'RefreshToken' and id_hash = $12
       and (consumed_at is null or consumed_at > $13) returning 1
   )
   insert into oidc_artefacts (model, id_hash, payload, organization_id, user_id, client_id, grant_id, uid, user_code, issued_at, expires_at)
   select $1, $2::bytea, $3::jsonb, $4::uuid, $5::uuid, $6, $7, $8, $9, $10::timestamptz, $11::timestamptz from used returning 1`,
);

/** False where the old token was used before, and its grace is over. */
export const replaceToken = async (next: readonly unknown[], old: Buffer, startedAt: Date): Promise<boolean> =>
  (await queryOne(ROTATE, [...next, old, graceBegin(startedAt)])) !== undefined;

/** A refresh token with all that it is worth something by. @param hash artefactHash of it */
export const findRefreshToken = <Found extends object>(hash: Buffer, startedAt: Date): Promise<Found | undefined> =>
  queryOne<Found>(FIND_TOKEN, ['RefreshToken', hash, startedAt]);

export const DESTROY = prepared('artefact_destroy', 'delete from oidc_artefacts where model = $1 and id_hash = $2');
export const REVOKE = prepared('artefact_revoke', 'delete from oidc_artefacts where model = $1 and grant_id = $2');
export const REVOKE_FAMILY = prepared(
  'artefact_revoke_family',
  `delete from oidc_artefacts where grant_id = (
  select grant_id from oidc_artefacts where model = $1 and id_hash = $2)`,
);
