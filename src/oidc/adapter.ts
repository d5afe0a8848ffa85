// Where oidc-provider keeps its sessions, grants, codes and tokens: one table, by hashed id; the id itself, which is the
// token, is never stored. The statement that loads anything of a user's reads his state, his organization's and
// `tokens_valid_from` too, and of a session its limits: what is not alive is not found. Clients come from the domain.
import type { Request } from 'express';
import Provider, { errors, type Adapter, type AdapterPayload } from 'oidc-provider';
import { findClient } from '../clients/find-client.ts';
import { artefactHash, grantRef } from '../credentials/artefact-hash.ts';
import { NOTED_EVERY_MS, noteSession, noteUse } from '../credentials/note-session.ts';
import { isStillProved, type Proof } from '../credentials/still-proved.ts';
import { query, queryOne } from '../database/query.ts';
import type { Document } from '../provisioning/attribute.ts';
import { decodeSubject, type Subject } from '../users/subject.ts';
import {
  artefactValues,
  CONSUME,
  DESTROY,
  FIND,
  FIND_BY_UID,
  FIND_SESSION,
  FIND_TOKEN,
  graceBegin,
  replaceToken,
  REVOKE,
  REVOKE_FAMILY,
  UPSERT,
} from './artefact-statements.ts';
import { forProvider } from './oidc-errors.ts';
import { memory, replaceNext, takeReplaced, takeRow, type Payload } from './request-memory.ts';

const TOKENS = new Set(['AuthorizationCode', 'RefreshToken', 'AccessToken']);
/** As JSON writes it. The database stores none; in a pushed request or a request object nobody has looked for it before. */
const NUL = String.raw`\u0000`;
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

/** An interaction without what its person proved, where that counts no more: he signs in anew. */
async function withoutStaleProof(payload: Payload): Promise<Payload> {
  const { result, lastSubmission, ...rest } = payload as Record<
    'result' | 'lastSubmission',
    { verified?: Proof } | undefined
  >;
  const proof = (result ?? lastSubmission)?.verified;
  return !proof || (await forProvider(() => isStillProved(proof))) ? payload : rest;
}

class ArtefactAdapter implements Adapter {
  readonly #model: string;

  constructor(model: string) {
    this.#model = model;
  }

  upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const owner = payload.accountId === undefined ? undefined : decodeSubject(payload.accountId);
    const { startedAt } = memory();
    return forProvider(async () => {
      const values = artefactValues(this.#model, id, withoutSecrets(payload), { startedAt, expiresIn });
      if (String(values[2]).includes(NUL)) throw new errors.InvalidRequest('a parameter holds the character U+0000');
      const replaced = this.#model === 'RefreshToken' ? takeReplaced() : undefined;
      if (replaced === undefined) await query(UPSERT, values);
      else if (!(await replaceToken(values, replaced, startedAt))) await this.#usedTwice(replaced);
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
    if (this.#model === 'Interaction' && row) row.payload = await withoutStaleProof(row.payload);
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
    const { rows, users, uses, startedAt } = memory();
    if (typeof payload['uid'] === 'string' && row.usedAt) uses.set(payload['uid'], row.usedAt);
    const sub = typeof payload['accountId'] === 'string' ? payload['accountId'] : undefined;
    const owner = sub === undefined ? undefined : decodeSubject(sub);
    if (sub !== undefined && owner && document) users.set(sub, { ...owner, document });
    if (typeof payload['sessionUid'] === 'string' && row.session !== undefined)
      rows.set(`Session ${payload['sessionUid']}`, row.session);
    if (typeof payload['grantId'] === 'string' && row.grant !== undefined)
      rows.set(`Grant ${grantRef(payload['grantId'])}`, row.grant);
    const forgiven = this.#model === 'RefreshToken' && consumedAt !== null && consumedAt > graceBegin(startedAt);
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
    const first = await forProvider(() => queryOne(CONSUME, [this.#model, hash, startedAt, graceBegin(startedAt)]));
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
