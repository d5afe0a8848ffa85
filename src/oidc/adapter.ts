// Where oidc-provider keeps its sessions, grants, codes and tokens: one table, by hashed id; the id itself, which is the
// token, is never stored. The statement that loads anything of a user's reads his state, his organization's and
// `tokens_valid_from` too, and of a session its limits: what is not alive is not found. Clients come from the domain.
import type { Request } from 'express';
import Provider, { errors, type Adapter, type AdapterPayload } from 'oidc-provider';
import { findClient } from '../clients/find-client.ts';
import { artefactHash, grantRef } from '../credentials/artefact-hash.ts';
import { NOTED_EVERY_MS, noteSession, noteUse } from '../credentials/note-session.ts';
import { lastUse, sessionLives } from '../credentials/session-limits.ts';
import { prepared, query, queryOne } from '../database/query.ts';
import type { Document } from '../provisioning/attribute.ts';
import { decodeSubject, type Subject } from '../users/subject.ts';
import { forProvider } from './oidc-errors.ts';
import { memory, replaceNext, takeReplaced, takeRow, type Payload } from './request-memory.ts';

/** An answer to a refresh may get lost: for this long the old token works once more. After that its reuse ends the family. */
const REFRESH_GRACE_S = 10;

const LIVE = `(a.user_id is null or (u.active and u.deleted_at is null and o.state = 'active' and a.issued_at >= u.tokens_valid_from))`;
const WITH_OWNER = `left join users u on (u.organization_id, u.id) = (a.organization_id, a.user_id)
  left join organizations o on o.id = a.organization_id`;

const FIND = prepared(
  'artefact_find',
  `select a.payload, a.consumed_at, u.document from oidc_artefacts a ${WITH_OWNER}
   where a.model = $1 and a.id_hash = $2 and (a.expires_at is null or a.expires_at > $3) and ${LIVE}`,
);

const ALIASES = { artefact: 'a', session: 'k', organization: 'o' };
const KEPT = 'left join sessions k on k.organization_id = a.organization_id and k.uid = a.uid';
const LIVES = `(a.user_id is null or ${sessionLives(ALIASES, '$3::timestamptz')})`;

const FIND_SESSION = prepared(
  'artefact_find_session',
  `select a.payload, a.consumed_at, u.document, ${lastUse(ALIASES)} as "usedAt" from oidc_artefacts a ${WITH_OWNER} ${KEPT}
   where a.model = $1 and a.id_hash = $2 and a.expires_at > $3 and ${LIVE} and ${LIVES}`,
);

// A code or token is worth nothing without its session and grant: they come along in the same snapshot.
const OF_TOKEN = { artefact: 's', session: 'k', organization: 'o' };
const FIND_TOKEN = prepared(
  'artefact_find_token',
  `select a.payload, a.consumed_at, u.document, s.payload as session, g.payload as grant, ${lastUse(OF_TOKEN)} as "usedAt"
   from oidc_artefacts a ${WITH_OWNER}
   left join sessions k on k.organization_id = a.organization_id and k.uid = a.payload ->> 'sessionUid'
   left join oidc_artefacts s on s.model = 'Session' and s.uid = a.payload ->> 'sessionUid' and s.expires_at > $3
     and s.issued_at >= u.tokens_valid_from and ${sessionLives(OF_TOKEN, '$3::timestamptz')}
   left join oidc_artefacts g on g.model = 'Grant' and g.grant_id = a.grant_id and g.expires_at > $3 and g.issued_at >= u.tokens_valid_from
   where a.model = $1 and a.id_hash = $2 and a.expires_at > $3 and ${LIVE}`,
);

const FIND_BY_UID = prepared(
  'artefact_find_uid',
  `select a.payload, a.consumed_at, u.document, ${lastUse(ALIASES)} as "usedAt" from oidc_artefacts a ${WITH_OWNER} ${KEPT}
   where a.model = $1 and a.uid = $2 and a.expires_at > $3 and ${LIVE} and ${LIVES}`,
);

const UPSERT = prepared(
  'artefact_upsert',
  `insert into oidc_artefacts (model, id_hash, payload, organization_id, user_id, client_id, grant_id, uid, user_code, issued_at, expires_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
   on conflict (model, id_hash) do update set payload = excluded.payload, organization_id = excluded.organization_id,
     user_id = excluded.user_id, client_id = excluded.client_id, grant_id = excluded.grant_id, expires_at = excluded.expires_at`,
);

// One statement decides who was first. A refresh token may be consumed again within its grace.
const CONSUME = prepared(
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

const DESTROY = prepared('artefact_destroy', 'delete from oidc_artefacts where model = $1 and id_hash = $2');
const REVOKE = prepared('artefact_revoke', 'delete from oidc_artefacts where model = $1 and grant_id = $2');
const REVOKE_FAMILY = prepared(
  'artefact_revoke_family',
  `delete from oidc_artefacts where grant_id = (
  select grant_id from oidc_artefacts where model = $1 and id_hash = $2)`,
);

const TOKENS = new Set(['AuthorizationCode', 'RefreshToken', 'AccessToken']);
/** Our access tokens are signed and not stored: asking for one would be a statement for nothing. */
const isJwt = (id: string) => id.split('.').length === 3;

type Row = {
  payload: Payload;
  consumed_at: Date | null;
  document: Document | null;
  session?: Payload | null;
  grant?: Payload | null;
  usedAt?: Date | null;
};

const graceBegin = () => new Date(memory().startedAt.getTime() - REFRESH_GRACE_S * 1000);

/** What is stored of a payload: everything but the ids that open doors. */
function withoutSecrets({ jti: _jti, session, ...rest }: AdapterPayload): Payload {
  if (!session) return rest;
  const { cookie: _cookie, ...principal } = session;
  return { ...rest, session: principal };
}

/** The provider writes a session at each request to authorize: its use, and at first where it is. */
async function noteSaved(owner: Subject, uid: string): Promise<void> {
  const { startedAt, uses } = memory();
  const usedAt = uses.get(uid);
  if (usedAt && startedAt.getTime() - usedAt.getTime() < NOTED_EVERY_MS) return;
  const request = Provider.ctx?.req as Request | undefined;
  await noteSession({ ...owner, uid }, { userAgent: request?.headers['user-agent'], address: request?.ip }, startedAt);
}

/** Somebody works in an application: a refresh uses the session that it hangs on. Asking about a token does not. */
async function noteRefresh({ payload, session, usedAt }: Row): Promise<void> {
  const owner = typeof payload['accountId'] === 'string' ? decodeSubject(payload['accountId']) : undefined;
  const uid = payload['sessionUid'];
  if (Provider.ctx?.oidc.route !== 'token' || !owner || !session || !usedAt || typeof uid !== 'string') return;
  await forProvider(() => noteUse({ ...owner, uid }, usedAt, memory().startedAt));
}

class ArtefactAdapter implements Adapter {
  readonly #model: string;

  constructor(model: string) {
    this.#model = model;
  }

  upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const owner = payload.accountId === undefined ? undefined : decodeSubject(payload.accountId);
    const { startedAt } = memory();
    const grantId = this.#model === 'Grant' ? id : payload.grantId;
    return forProvider(async () => {
      const values = [
        this.#model,
        artefactHash(id),
        JSON.stringify(withoutSecrets(payload)),
        owner?.organizationId ?? null,
        owner?.userId ?? null,
        payload.clientId ?? null,
        grantId === undefined || this.#model === 'Interaction' ? null : grantRef(grantId),
        this.#model === 'Session' ? (payload.uid ?? null) : null,
        payload.userCode ?? null,
        // The start of the request, not this moment: what a request loaded before access ended it cannot save afterwards.
        startedAt,
        expiresIn === undefined ? null : new Date(Date.now() + expiresIn * 1000),
      ];
      const replaced = this.#model === 'RefreshToken' ? takeReplaced() : undefined;
      if (replaced === undefined) await query(UPSERT, values);
      else if (!(await queryOne(ROTATE, [...values, replaced, graceBegin()]))) await this.#usedTwice(replaced);
      if (this.#model === 'Session' && owner && payload.uid !== undefined) await noteSaved(owner, payload.uid);
    });
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    if (this.#model === 'AccessToken' && isJwt(id)) return undefined;
    const known = this.#model === 'Grant' ? takeRow(`Grant ${grantRef(id)}`) : undefined;
    if (known !== undefined) return known === null ? undefined : { ...known, jti: id };
    const statement = TOKENS.has(this.#model) ? FIND_TOKEN : this.#model === 'Session' ? FIND_SESSION : FIND;
    const row = await forProvider(() => queryOne<Row>(statement, [this.#model, artefactHash(id), memory().startedAt]));
    if (this.#model === 'RefreshToken' && row) await noteRefresh(row);
    return row && this.#loaded(row, id);
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const known = takeRow(`Session ${uid}`);
    if (known !== undefined) return known ?? undefined;
    const row = await forProvider(() => queryOne<Row>(FIND_BY_UID, [this.#model, uid, memory().startedAt]));
    return row && this.#loaded(row, undefined);
  }

  #loaded(row: Row, id: string | undefined): AdapterPayload {
    const { payload, consumed_at: consumedAt, document } = row;
    const { rows, users, uses } = memory();
    if (typeof payload['uid'] === 'string' && row.usedAt) uses.set(payload['uid'], row.usedAt);
    const sub = typeof payload['accountId'] === 'string' ? payload['accountId'] : undefined;
    const owner = sub === undefined ? undefined : decodeSubject(sub);
    if (sub !== undefined && owner && document) users.set(sub, { ...owner, document });
    if (typeof payload['sessionUid'] === 'string' && row.session !== undefined)
      rows.set(`Session ${payload['sessionUid']}`, row.session);
    if (typeof payload['grantId'] === 'string' && row.grant !== undefined)
      rows.set(`Grant ${grantRef(payload['grantId'])}`, row.grant);
    const forgiven = this.#model === 'RefreshToken' && consumedAt !== null && consumedAt > graceBegin();
    const consumed = consumedAt !== null && !forgiven;
    return {
      ...payload,
      ...(id !== undefined && { jti: id }),
      ...(consumed && { consumed: Math.floor(consumedAt.getTime() / 1000) }),
    };
  }

  /** Of two who use a code or token at once, the second ends everything that hangs on its grant. */
  async consume(id: string): Promise<void> {
    const hash = artefactHash(id);
    // The provider saves the next refresh token at once: one statement then does both.
    if (this.#model === 'RefreshToken' && Provider.ctx) return replaceNext(hash);
    const { startedAt } = memory();
    const first = await forProvider(() => queryOne(CONSUME, [this.#model, hash, startedAt, graceBegin()]));
    if (!first) await forProvider(() => this.#usedTwice(hash));
  }

  async #usedTwice(hash: Buffer): Promise<never> {
    await query(REVOKE_FAMILY, [this.#model, hash]);
    throw new errors.InvalidGrant('already used');
  }

  async destroy(id: string): Promise<void> {
    await forProvider(() => query(DESTROY, [this.#model, artefactHash(id)]));
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await forProvider(() => query(REVOKE, [this.#model, grantRef(grantId)]));
  }

  /** The device flow is off. */
  async findByUserCode(): Promise<undefined> {
    return undefined;
  }
}

/** Clients are the domain's: made, found and ended there. */
class ClientAdapter extends ArtefactAdapter {
  override async find(id: string): Promise<AdapterPayload | undefined> {
    const client = await forProvider(() => findClient(id));
    return (
      client && {
        ...client.metadata,
        client_id: client.clientId,
        client_name: client.name,
        // Only the hash is known; the comparison in provider.ts hashes what it is given.
        ...(client.secretHash && { client_secret: client.secretHash.toString('base64url') }),
      }
    );
  }
}

export const createAdapter = (model: string): Adapter =>
  model === 'Client' ? new ClientAdapter(model) : new ArtefactAdapter(model);
