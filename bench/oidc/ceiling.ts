// The bare ceiling of a service's token, as a process: the body read, the one statement that reads the rights, and a
// signature (ES256) over a token of the same size; node:http and pg, and nothing else of the hub.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { importJWK, SignJWT, type JWK } from 'jose';
import { pino } from 'pino';
import { closeDatabase, openDatabase } from '../../src/database/connect.ts';
import { queryOne } from '../../src/database/query.ts';
import { TOKEN_SNAPSHOT } from '../../src/entitlements/snapshot-statement.ts';

const POOL_SIZE = 10;
const DETAILS = 450;

const log = pino({ level: 'warn' });
await openDatabase({ databaseUrl: process.env['DATABASE_URL'] ?? '', dataDir: '', poolSize: POOL_SIZE }, log);
const service = await queryOne<{ organization_id: string; service_user_id: string; application: string }>(
  'select organization_id, service_user_id, application from clients where service_user_id is not null and application is not null limit 1',
);
if (!service) throw new Error('The database has no service');
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = await importJWK(privateKey.export({ format: 'jwk' }) as JWK, 'ES256');

async function token(): Promise<string> {
  const values = [service?.organization_id, service?.service_user_id, new Date(), service?.application];
  const row = await queryOne<{ facts: string }>(TOKEN_SNAPSHOT, values);
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iss: 'ceiling', sub: 'service', aud: 'application', jti: randomUUID(), iat, exp: iat + 300 };
  const details = row?.facts.padEnd(DETAILS).slice(0, DETAILS);
  return new SignJWT({ ...claims, details })
    .setProtectedHeader({ alg: 'ES256', kid: 'ceiling', typ: 'at+jwt' })
    .sign(key);
}

const server = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => {
    void token().then((text) => {
      const body = JSON.stringify({ access_token: text, expires_in: 300, token_type: 'Bearer' });
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
      res.end(body);
    });
  });
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.once('SIGTERM', () => {
  server.closeAllConnections();
  server.close(() => void closeDatabase().then(() => process.exit(0)));
});
