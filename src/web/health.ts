// /livez (the process runs), /readyz (it can serve: the database answers and no stop is under way) and /metrics.
import { timingSafeEqual, createHash } from 'node:crypto';
import { Router, type RequestHandler } from 'express';
import { Counter, Registry, collectDefaultMetrics, Histogram } from 'prom-client';
import { passwordEvaluations } from '../credentials/password-hash.ts';

type HealthSettings = { ready: () => Promise<boolean>; metricsToken: string | null };

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);
const digest = (text: string) => createHash('sha256').update(text).digest();

/** Times every request by its first path segment: few series, whatever is asked. */
function measured(registry: Registry): RequestHandler {
  const histogram = new Histogram({
    name: 'mandate_http_request_seconds',
    help: 'Duration of requests by area, method and status',
    labelNames: ['area', 'method', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [registry],
  });
  const AREAS = new Set(['scim', 'oidc', 'api', 'sign-in', 'assets', 'entitlements', 'operator', 'portal']);
  return (req, res, next) => {
    const start = process.hrtime.bigint();
    res.once('finish', () => {
      const first = req.originalUrl.split(/[/?]/, 2)[1] ?? '';
      const seconds = Number(process.hrtime.bigint() - start) / 1e9;
      histogram.observe(
        { area: AREAS.has(first) ? first : 'other', method: req.method, status: res.statusCode },
        seconds,
      );
    });
    next();
  };
}

export function health(settings: HealthSettings): { measure: RequestHandler; routes: Router } {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'mandate_' });
  new Counter({
    name: 'mandate_password_evaluations_total',
    help: 'Passwords compared with a stored hash, or with one that nobody has',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(passwordEvaluations());
    },
  });
  const mayReadMetrics: RequestHandler = (req, res, next) => {
    const token = settings.metricsToken;
    const given = (req.headers.authorization ?? '').replace(/^Bearer /i, '');
    const allowed =
      token === null
        ? LOOPBACK.has(req.socket.remoteAddress ?? '') && !req.headers['x-forwarded-for']
        : timingSafeEqual(digest(given), digest(token));
    if (allowed) return next();
    res.status(404).end();
  };
  const routes = Router();
  routes.get('/livez', (_req, res) => void res.type('text').send('ok\n'));
  routes.get('/readyz', async (_req, res) => {
    const ready = await settings.ready();
    res
      .status(ready ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .type('text')
      .send(ready ? 'ready\n' : 'not ready\n');
  });
  routes.get('/metrics', mayReadMetrics, async (_req, res) => {
    res.type(registry.contentType).send(await registry.metrics());
  });
  return { measure: measured(registry), routes };
}
