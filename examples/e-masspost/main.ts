// Process entry for running the example on its own: settings from the environment, log to standard output.
import { pino } from 'pino';
import { z } from 'zod';
import { startExample } from './start-example.ts';

const Environment = z.object({
  ISSUER: z.url(),
  CLIENT_ID: z.string().min(1),
  CLIENT_SECRET: z.string().min(1),
  AUDIENCE: z.url(),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3100),
  PUBLIC_URL: z.url().optional(),
});

const log = pino();
const environment = Environment.safeParse(process.env);
if (!environment.success) {
  log.fatal(`The environment is not complete:\n${z.prettifyError(environment.error)}`);
  process.exit(1);
}
const { ISSUER, CLIENT_ID, CLIENT_SECRET, AUDIENCE, PORT, PUBLIC_URL } = environment.data;
const example = await startExample({
  issuer: ISSUER,
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  audience: AUDIENCE,
  port: PORT,
  publicUrl: PUBLIC_URL,
  log,
});
log.info(`e-MassPost is at ${example.url}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void example.close());
