// The same rule for programs: bearer tokens (RFC 6750) in, JSON out, errors as problem details (RFC 9457).
import { json, Router, type Request, type RequestHandler, type Response } from 'express';
import { TokenRefused, verifyAccessToken, type TokenChecks } from './access-token.ts';
import { DepositForm, wrongFields } from './deposit-form.ts';
import { isRefusal, type Deposit, type Deposits, type Holder } from './deposits.ts';
import type { ReadRights } from './rights.ts';
import type { Log } from './settings.ts';

export type ApiParts = {
  readonly checks: TokenChecks;
  readonly readRights: ReadRights;
  readonly deposits: Deposits;
  readonly log: Log;
};

/** `type` is `about:blank`: the status says what kind of problem it is. */
export function sendProblem(
  res: Response,
  status: number,
  title: string,
  more: Readonly<Record<string, unknown>> = {},
): void {
  res
    .status(status)
    .type('application/problem+json')
    .json({ type: 'about:blank', title, status, ...more });
}

export function depositApi({ checks, readRights, deposits, log }: ApiParts): Router {
  const router = Router();
  router.use(noStore, bearer(checks, readRights, log), json({ limit: '16kb' }));

  router.get('/deposits', (_req, res) => {
    res.json({ deposits: deposits.visibleTo(holder(res)).map(shown) });
  });

  router.post('/deposits', (req, res) => {
    const form = DepositForm.safeParse(req.body);
    if (!form.success)
      return void sendProblem(res, 400, 'The deposit is not complete', { fields: wrongFields(form.error) });
    const answer = deposits.create(holder(res), form.data);
    if (!isRefusal(answer)) return void res.status(201).location(`/api/deposits/${answer.id}`).json(shown(answer));
    const { act, heldNowhere } = answer;
    sendProblem(res, 403, 'No single element of your rights covers this deposit', {
      detail:
        heldNowhere.length > 0
          ? `Not in your rights: ${heldNowhere.join(', ')}.`
          : 'You hold each of these values, but not together in one element.',
      refused: act,
      held_nowhere: heldNowhere,
    });
  });

  router.get('/deposits/:id', (req, res) => {
    // One that may not be seen answers as one that does not exist.
    const found = deposits.visibleTo(holder(res)).find(({ id }) => id === req.params.id);
    if (found === undefined) return void sendProblem(res, 404, 'There is no such deposit');
    res.json(shown(found));
  });

  return router;
}

const noStore: RequestHandler = (_req, res, next) => {
  res.set('Cache-Control', 'no-store');
  next();
};

const holder = (res: Response): Holder => res.locals['holder'] as Holder;

function bearer(checks: TokenChecks, readRights: ReadRights, log: Log): RequestHandler {
  return async (req: Request, res, next) => {
    const raw = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(req.get('authorization') ?? '')?.[1];
    if (raw === undefined) {
      res.set('WWW-Authenticate', 'Bearer realm="e-masspost"');
      return void sendProblem(res, 401, 'An access token is needed');
    }
    try {
      const token = await verifyAccessToken(raw, checks);
      const { sub } = token.claims;
      res.locals['holder'] = { sub, name: '', elements: await readRights(token) } satisfies Holder;
    } catch (error) {
      if (!(error instanceof TokenRefused)) throw error;
      log.warn({ err: error }, 'An access token was refused');
      res.set('WWW-Authenticate', 'Bearer realm="e-masspost", error="invalid_token"');
      return void sendProblem(res, 401, 'The access token was refused');
    }
    next();
  };
}

const shown = (deposit: Deposit) => ({
  id: deposit.id,
  customer_account: deposit.customerAccount,
  product: deposit.product,
  billing_address: deposit.billingAddress,
  items: deposit.items,
  reference: deposit.reference,
  created_by: deposit.createdBy.sub,
  created_at: deposit.createdAt.toISOString(),
});
