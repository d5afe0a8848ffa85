// The bare ceiling of a token, as a process: the body read, the statements that a token takes, and its signatures (ES256, and
// RS256 for the ID token of a refresh) over content of the same size; node:http and pg, and nothing else of the hub.
import { generateKeyPairSync, randomBytes, randomUUID, sign, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { artefactHash } from '../../src/credentials/artefact-hash.ts';
import { closeDatabase, openDatabase } from '../../src/database/connect.ts';
import { query, queryOne } from '../../src/database/query.ts';
import { TOKEN_SNAPSHOT } from '../../src/entitlements/snapshot-statement.ts';
import { joseSignature } from '../../src/oidc/jose-signature.ts';
import { artefactValues, findRefreshToken, replaceToken } from '../../src/oidc/artefact-statements.ts';
import { decodeSubject } from '../../src/users/subject.ts';

const POOL_SIZE = 10;
const DETAILS = 450;
const APPLICATION = 'emasspost';

const log = pino({ level: 'warn' });
await openDatabase({ databaseUrl: process.env['DATABASE_URL'] ?? '', dataDir: '', poolSize: POOL_SIZE }, log);
const [service] = await query<{ organization_id: string; service_user_id: string; application: string }>(
  'select organization_id, service_user_id, application from clients where service_user_id is not null and application is not null limit 1',
);
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function signed(alg: string, key: KeyObject, claims: object): string {
  const iat = Math.floor(Date.now() / 1000);
  const common = { iss: 'ceiling', aud: 'application', jti: randomUUID(), iat, exp: iat + 300 };
  const content = `${part({ alg, kid: 'ceiling', typ: 'at+jwt' })}.${part({ ...common, ...claims })}`;
  const signature = sign('sha256', Buffer.from(content), key);
  return `${content}.${(alg === 'ES256' ? joseSignature(signature) : signature).toString('base64url')}`;
}

async function accessToken(organizationId: string, userId: string, application: string): Promise<string> {
  const row = await queryOne<{ facts: string }>(TOKEN_SNAPSHOT, [organizationId, userId, new Date(), application]);
  return signed('ES256', ec, { sub: userId, details: row?.facts.padEnd(DETAILS).slice(0, DETAILS) });
}

type Kept = { payload: { accountId: string; clientId: string; grantId: string } };

/** The old token found with its session and grant, used up, and the next one stored: two statements. */
async function refreshed(old: string): Promise<object> {
  const now = new Date();
  const used = artefactHash(old);
  const found = await findRefreshToken<Kept>(used, now);
  const owner = found && decodeSubject(found.payload.accountId);
  if (!owner) throw new Error('There is no such refresh token');
  const { organizationId, userId } = owner;
  const { payload } = found;
  const next = randomBytes(32).toString('base64url');
  const values = artefactValues('RefreshToken', next, payload, { startedAt: now, expiresIn: 8 * 3600 });
  await replaceToken(values, used, now);
  const access = await accessToken(organizationId, userId, APPLICATION);
  const id = signed('RS256', rsa, { sub: payload.accountId, name: 'A name', email: 'somebody@example.com' });
  return { access_token: access, refresh_token: next, id_token: id };
}

async function answer(body: string): Promise<object> {
  const old = new URLSearchParams(body).get('refresh_token');
  if (old !== null) return refreshed(old);
  if (!service) throw new Error('The database has no service');
  return { access_token: await accessToken(service.organization_id, service.service_user_id, service.application) };
}

const server = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => {
    answer(Buffer.concat(chunks).toString()).then(
      (tokens) => {
        const body = JSON.stringify({ ...tokens, expires_in: 300, token_type: 'Bearer' });
        res.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
        res.end(body);
      },
      (error: unknown) => res.writeHead(500).end(String(error)),
    );
  });
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.once('SIGTERM', () => {
  server.closeAllConnections();
  server.close(() => void closeDatabase().then(() => process.exit(0)));
});
