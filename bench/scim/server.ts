// The hub's SCIM edge alone, as a process: what the ceiling is compared with.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { pino } from 'pino';
import { loadCatalogue } from '../../src/applications/catalogue.ts';
import { setCatalogue } from '../../src/applications/current-catalogue.ts';
import { openSecrets } from '../../src/credentials/secrets.ts';
import { closeDatabase, openDatabase } from '../../src/database/connect.ts';
import { scim } from '../../src/scim/mount.ts';
import { assignRequestId } from '../../src/web/request-id.ts';
import { POOL_SIZE } from '../ceiling/pool-size.ts';

const log = pino({ level: 'warn' });
await openSecrets({
  secrets_key: randomBytes(32).toString('base64'),
  secrets_key_file: null,
  database_url: process.env['DATABASE_URL'] ?? null,
  data_dir: '',
  production: false,
});
setCatalogue(await loadCatalogue(new URL('../../config/applications/', import.meta.url).pathname));
await openDatabase({ databaseUrl: process.env['DATABASE_URL'] ?? '', dataDir: '', poolSize: POOL_SIZE }, log);
const app = express();
app.disable('x-powered-by');
app.use(assignRequestId({ trustProxy: 0 }));
app.use('/scim/v2', scim({ publicUrl: new URL('http://localhost:3000'), log }));
const server = createServer(app);
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.once('SIGTERM', () => {
  server.closeAllConnections();
  server.close(() => void closeDatabase().then(() => process.exit(0)));
});
