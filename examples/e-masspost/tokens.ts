// From the token endpoint's answer to what a session keeps, and the refresh of it (RFC 6749 section 6).
import * as client from 'openid-client';
import { TokenRefused, verifyAccessToken, type TokenChecks } from './access-token.ts';
import { HubUnreachable, type Hub } from './hub.ts';
import { StaleRights, type ReadRights } from './rights.ts';
import type { Session, Tokens } from './sessions.ts';
import type { Log } from './settings.ts';

type Answer = Pick<client.TokenEndpointResponse, 'access_token' | 'refresh_token'>;

/** The hub takes the access away: the person was deactivated, signed out, or lost the last right here. */
export class AccessEnded extends Error {}

export type TokenKeeper = {
  /** The tokens of a new sign-in. Throws TokenRefused, also where the token is of another person than `sub`; HubUnreachable. */
  readonly accept: (answer: Answer, sub: string) => Promise<Tokens>;
  /** Renews the session's tokens where they are about to expire. Throws AccessEnded, HubUnreachable. */
  readonly keepFresh: (session: Session) => Promise<void>;
};

/** A token that is valid for less than this is renewed first. */
const MARGIN_MS = 30_000;

export function tokenKeeper(hub: Hub, checks: TokenChecks, readRights: ReadRights, log: Log): TokenKeeper {
  const read = async (answer: Answer, sub: string, before?: string): Promise<Tokens> => {
    const token = await verifyAccessToken(answer.access_token, checks);
    if (token.claims.sub !== sub) throw new TokenRefused('The access token is of another person');
    return {
      accessToken: answer.access_token,
      refreshToken: answer.refresh_token ?? before,
      expiresAt: token.claims.exp * 1000,
      elements: await readRights(token),
    };
  };

  const renew = async (refreshToken: string | undefined, sub: string): Promise<Tokens> => {
    if (refreshToken === undefined) throw new AccessEnded('There is no refresh token');
    const configuration = await hub.configuration();
    const answer = await client.refreshTokenGrant(configuration, refreshToken).catch((error: unknown) => {
      if (error instanceof client.ResponseBodyError && error.error === 'invalid_grant') {
        throw new AccessEnded('The hub refused the refresh token', { cause: error });
      }
      throw new HubUnreachable(error);
    });
    return read(answer, sub, refreshToken);
  };

  const refresh = async (session: Session): Promise<void> => {
    const { refreshToken, expiresAt } = session.tokens;
    try {
      session.tokens = await renew(refreshToken, session.sub);
    } catch (error) {
      if (error instanceof TokenRefused) throw new AccessEnded(error.message, { cause: error });
      if (!(error instanceof HubUnreachable) || expiresAt <= Date.now()) throw error;
      log.warn({ err: error }, 'The access token could not be renewed yet');
    }
  };

  return {
    accept: (answer, sub) =>
      read(answer, sub).catch((error: unknown) => {
        if (error instanceof StaleRights && answer.refresh_token) return renew(answer.refresh_token, sub);
        throw error;
      }),
    async keepFresh(session) {
      if (session.tokens.expiresAt - Date.now() > MARGIN_MS) return;
      // One refresh at a time: a rotated refresh token that is shown twice looks stolen to the hub.
      session.refreshing ??= refresh(session).finally(() => (session.refreshing = undefined));
      await session.refreshing;
    },
  };
}
