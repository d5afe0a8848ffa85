// The job that tells one application that a session ended. Until the application confirms (200 or 204) it comes again,
// later and later, for about a day: after that every token of the session has ended by itself. Each attempt is in the log.
import type { Logger } from 'pino';
import { findClient } from '../clients/find-client.ts';
import type { JobHandler } from '../database/jobs.ts';
import { query, queryOne } from '../database/query.ts';
import { logoutToken } from './logout-token.ts';
import { postOutside } from './post-outside.ts';

/** With waits that double from a second to an hour: some 20 hours. */
const MOST_ATTEMPTS = 31;
const MOST_ERROR = 300;

type LogoutSettings = {
  readonly issuer: string;
  /** Of a hub that is no production: applications on this machine are told, too. */
  readonly allowLoopback: boolean;
  readonly log: Logger;
};

type Delivery = {
  organizationId: string;
  id: string;
  userId: string;
  clientId: string;
  sid: string | null;
  attempts: number;
};
type Outcome = { delivered: boolean; status: number | null; error: string | null };

/** Told side by side; two at most of one application, so that one which does not answer holds nobody up. */
export const deliverLogout = (settings: LogoutSettings): JobHandler => ({
  retryLimit: MOST_ATTEMPTS - 1,
  workers: 3,
  workersPerGroup: 2,
  run: async ({ organizationId, id }) => {
    const delivery = await queryOne<Delivery>(
      `select organization_id as "organizationId", id, user_id as "userId", client_id as "clientId", sid, attempts
       from logout_deliveries where organization_id = $1 and id = $2 and state = 'waiting'`,
      [organizationId, id],
    );
    if (!delivery) return;
    const outcome = await tell(settings, delivery);
    const attempts = delivery.attempts + 1;
    const givenUp = !outcome.delivered && attempts >= MOST_ATTEMPTS;
    const state = outcome.delivered ? 'delivered' : givenUp ? 'given_up' : 'waiting';
    const now = new Date();
    await query(
      `update logout_deliveries set state = $3, attempts = $4, last_status = $5, last_error = $6, last_attempt_at = $7, settled_at = $8
       where organization_id = $1 and id = $2`,
      [
        delivery.organizationId,
        delivery.id,
        state,
        attempts,
        outcome.status,
        outcome.error,
        now,
        state === 'waiting' ? null : now,
      ],
    );
    if (givenUp) settings.log.error({ client: delivery.clientId, delivery: delivery.id }, 'a logout was given up');
    if (state === 'waiting') throw new Error(`${delivery.clientId}: ${outcome.error}`);
  },
});

async function tell({ issuer, allowLoopback }: LogoutSettings, delivery: Delivery): Promise<Outcome> {
  const client = await findClient(delivery.clientId);
  const address = client?.metadata['backchannel_logout_uri'];
  // Since it was queued the client ended or gave its address up: nobody is left to be told.
  if (!client || typeof address !== 'string') return { delivered: true, status: null, error: 'no address any more' };
  try {
    const token = await logoutToken({ ...delivery, issuer, client, now: new Date() });
    const body = new URLSearchParams({ logout_token: token }).toString();
    const status = await postOutside(
      address,
      { contentType: 'application/x-www-form-urlencoded', body },
      { allowLoopback },
    );
    const delivered = status === 200 || status === 204;
    return { delivered, status, error: delivered ? null : `answered ${status}` };
  } catch (error) {
    return {
      delivered: false,
      status: null,
      error: String(error instanceof Error ? error.message : error).slice(0, MOST_ERROR),
    };
  }
}
