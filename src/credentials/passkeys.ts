// Passkeys (Web Authentication Level 3): discoverable credentials with user verification, so that one is both factors at
// once. The user handle is the person's subject: it names him without anything being typed. No attestation is asked for.
// The library verifies; what is stored, and for whom, is decided here.
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { v7 as uuidv7 } from 'uuid';
import { recordAudit } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { query, queryOne, violates } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { mailUser } from '../mail/mail-user.ts';
import { decodeSubject, encodeSubject } from '../users/subject.ts';
import { refuseWhileActing } from '../support/refuse-while-acting.ts';
import { noteRefusals } from './note-refusals.ts';
import { newChallenge, takeChallenge } from './passkey-challenge.ts';
import type { Person } from './verify-sign-in.ts';

/** With its X.509 and CBOR it is 8 MB of memory: loaded at the first ceremony. */
const webauthn = () => import('@simplewebauthn/server');

/** COSE: EdDSA, ES256, RS256 (RFC 9053). */
const ALGORITHMS = [-8, -7, -257];
const TRANSPORTS = new Set(['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb']);
const MOST_PER_PERSON = 20;

/** Whose passkeys they are: `id` is the host of the public address, `name` what a browser shows. */
type RelyingParty = { readonly id: string; readonly origin: string; readonly name: string };
type Owner = { readonly organizationId: string; readonly userId: string };

/** Where the ceremony takes place: the interaction that it may be used in, and no other. */
export type Ceremony = { readonly relyingParty: RelyingParty; readonly binding: string };

export const relyingParty = (publicUrl: URL, name: string): RelyingParty => ({
  id: publicUrl.hostname,
  origin: publicUrl.origin,
  name,
});

const refused = () => new HubError('invalid_credentials', 'The passkey could not be verified.');

/** Options for `navigator.credentials.create`, as JSON. */
export async function passkeyCreationOptions(
  ctx: Ctx,
  owner: Owner & { userName: string; displayName: string },
  { relyingParty: { id, name }, binding }: Ceremony,
) {
  const { organizationId, userId, userName, displayName } = owner;
  return (await webauthn()).generateRegistrationOptions({
    rpID: id,
    rpName: name,
    userName,
    userDisplayName: displayName,
    userID: new Uint8Array(Buffer.from(encodeSubject(organizationId, userId), 'base64url')),
    challenge: newChallenge(binding, ctx.now),
    attestationType: 'none',
    excludeCredentials: await credentialsOf(owner),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    supportedAlgorithmIDs: ALGORITHMS,
  });
}

/** Options for `navigator.credentials.get`, as JSON: with an owner his passkeys, else whatever the device finds. */
export async function passkeyRequestOptions(ctx: Ctx, { relyingParty: { id }, binding }: Ceremony, owner?: Owner) {
  return (await webauthn()).generateAuthenticationOptions({
    rpID: id,
    challenge: newChallenge(binding, ctx.now),
    userVerification: 'required',
    ...(owner && { allowCredentials: await credentialsOf(owner) }),
  });
}

async function credentialsOf({ organizationId, userId }: Owner): Promise<{ id: string; transports: string[] }[]> {
  const rows = await query<{ credential_id: Buffer; transports: string[] }>(
    'select credential_id, transports from passkeys where organization_id = $1 and user_id = $2 order by id',
    [organizationId, userId],
  );
  return rows.map((row) => ({ id: row.credential_id.toString('base64url'), transports: row.transports }));
}

type NewPasskey = Owner & {
  readonly name: string;
  /** JSON of the created credential. */ readonly response: string;
};

/** Throws HubError `invalid_credentials` for an answer that does not hold, `uniqueness` for a passkey that is registered, `too_many`. */
export async function registerPasskey(ctx: Ctx, passkey: NewPasskey, ceremony: Ceremony): Promise<string> {
  refuseWhileActing(ctx);
  const { organizationId, userId, name } = passkey;
  const verified = await verifyRegistration(ctx, passkey.response, ceremony);
  const { credential, aaguid, credentialBackedUp } = verified;
  const transports = (credential.transports ?? []).filter((transport) => TRANSPORTS.has(transport));
  const id = uuidv7();
  try {
    await transaction(async () => {
      const inserted = await queryOne(
        `insert into passkeys (organization_id, id, user_id, name, credential_id, public_key, sign_count, transports, backed_up, aaguid, created_at)
         select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
         where (select count(*) from passkeys where organization_id = $1 and user_id = $3) < ${MOST_PER_PERSON} returning 1`,
        [
          organizationId,
          id,
          userId,
          name,
          Buffer.from(credential.id, 'base64url'),
          Buffer.from(credential.publicKey),
          credential.counter,
          transports,
          credentialBackedUp,
          aaguid,
          ctx.now,
        ],
      );
      if (!inserted) throw new HubError('too_many', `A person has at most ${MOST_PER_PERSON} passkeys.`);
      await recordAudit(ctx, {
        action: 'second_factor.enrolled',
        targetKind: 'user',
        targetId: userId,
        organizationId,
        after: { kind: 'passkey', id, name },
      });
      const values = { at: ctx.now, change: 'passkey_added' } as const;
      await mailUser(ctx, { kind: 'second_factor_changed', organizationId, userId, values });
    });
  } catch (error) {
    if (!violates(error, 'passkeys_organization_id_credential_id_key')) throw error;
    throw new HubError('uniqueness', 'This passkey is registered already.', { attribute: 'credential' });
  }
  return id;
}

async function verifyRegistration(ctx: Ctx, text: string, { relyingParty: { id, origin }, binding }: Ceremony) {
  const response = parseCredential<RegistrationResponseJSON>(text);
  const checked = await (
    await webauthn()
  )
    .verifyRegistrationResponse({
      response,
      expectedChallenge: (challenge) => takeChallenge(binding, challenge, ctx.now),
      expectedOrigin: origin,
      expectedRPID: id,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    })
    .catch((error: unknown) => refuse(ctx, error));
  if (!checked.verified) throw refused();
  return checked.registrationInfo;
}

type PasskeyAttempt = {
  /** JSON of the assertion. */
  readonly response: string;
  /** IP address of the visitor. */
  readonly address: string;
  /** The only organization whose users count. */
  readonly organizationId?: string | undefined;
  /** The only person who counts, where one has been named already. */
  readonly owner?: Owner | undefined;
};

type Stored = {
  id: string;
  public_key: Buffer;
  sign_count: string;
  name: string;
};

/**
 * The person whose passkey it is. Throws HubError `invalid_credentials`, one message for every reason; whom the refused
 * answer names, or the owner who was expected, finds it among his own security events.
 */
export async function verifyPasskey(ctx: Ctx, attempt: PasskeyAttempt, ceremony: Ceremony): Promise<Person> {
  const response = parseCredential<AuthenticationResponseJSON>(attempt.response);
  try {
    return await verifyAssertion(ctx, response, attempt, ceremony);
  } catch (error) {
    if (error instanceof HubError && error.code === 'invalid_credentials')
      await noteRefusal(ctx, attempt.owner ?? decodeSubject(response.response.userHandle ?? ''), attempt.address);
    throw error;
  }
}

/** What an answer names may be made up: only somebody who exists is told. */
async function noteRefusal(ctx: Ctx, named: Owner | undefined, address: string): Promise<void> {
  const known =
    named &&
    (await queryOne(
      `select 1 from users where organization_id = $1 and id = $2 and kind = 'person' and deleted_at is null`,
      [named.organizationId, named.userId],
    ));
  if (known) noteRefusals(ctx.log, [named], { kind: 'passkey', address, at: ctx.now });
}

async function verifyAssertion(
  ctx: Ctx,
  response: AuthenticationResponseJSON,
  attempt: PasskeyAttempt,
  ceremony: Ceremony,
): Promise<Person> {
  const { organizationId, userId } = namedBy(response, attempt);
  const credentialId = Buffer.from(response.id, 'base64url');
  const stored = await queryOne<Stored>(
    `select p.id, p.public_key, p.sign_count, o.name from passkeys p
     join users u on (u.organization_id, u.id) = (p.organization_id, p.user_id) join organizations o on o.id = p.organization_id
     where p.organization_id = $1 and p.user_id = $2 and p.credential_id = $3
       and u.active and u.deleted_at is null and u.kind = 'person' and o.state = 'active'`,
    [organizationId, userId, credentialId],
  );
  if (!stored) throw refused();
  const { id, origin } = ceremony.relyingParty;
  const checked = await (
    await webauthn()
  )
    .verifyAuthenticationResponse({
      response,
      expectedChallenge: (challenge) => takeChallenge(ceremony.binding, challenge, ctx.now),
      expectedOrigin: origin,
      expectedRPID: id,
      requireUserVerification: true,
      credential: {
        id: response.id,
        publicKey: new Uint8Array(stored.public_key),
        counter: Number(stored.sign_count),
      },
    })
    .catch((error: unknown) => refuse(ctx, error));
  if (!checked.verified) throw refused();
  const { newCounter, credentialBackedUp } = checked.authenticationInfo;
  // Of two answers with the same counter one is a copy's. Passkeys that do not count always say zero.
  const used = await queryOne(
    `update passkeys set sign_count = $3, backed_up = $4, last_used_at = $5
     where organization_id = $1 and id = $2 and (sign_count < $3 or (sign_count = 0 and $3 = 0)) returning 1`,
    [organizationId, stored.id, newCounter, credentialBackedUp, ctx.now],
  );
  if (!used) throw refused();
  return { organizationId, userId, organizationName: stored.name, mustChange: false };
}

/** The user handle says who it is; it must be the one who is expected. */
function namedBy({ response }: AuthenticationResponseJSON, { organizationId, owner }: PasskeyAttempt): Owner {
  const handle = response.userHandle;
  const named = handle === undefined ? owner : decodeSubject(handle);
  const expected =
    named &&
    (organizationId === undefined || named.organizationId === organizationId) &&
    (owner === undefined || (named.organizationId === owner.organizationId && named.userId === owner.userId));
  if (!expected) throw refused();
  return named;
}

function parseCredential<T>(text: string): T {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw refused();
  }
  const { id, response } = (parsed ?? {}) as { id?: unknown; response?: unknown };
  if (typeof id !== 'string' || typeof response !== 'object' || response === null) throw refused();
  return parsed as T;
}

/** The library's reason goes to the log; a database that is away stays what it is. */
function refuse(ctx: Ctx, error: unknown): never {
  if (error instanceof HubError) throw error;
  ctx.log.info({ requestId: ctx.requestId, reason: String(error) }, 'passkey refused');
  throw refused();
}
