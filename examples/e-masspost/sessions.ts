// Sessions of signed-in people, in the memory of this process. Good for an example: a real application keeps them where
// all of its processes see them, or a back-channel logout would reach only one.
import { randomBytes } from 'node:crypto';
import type { Element } from './enforce.ts';

export type Tokens = {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  /** Of the access token, milliseconds since 1970. */
  readonly expiresAt: number;
  readonly elements: readonly Element[];
};

export type Person = {
  readonly sub: string;
  /** The hub's session (OIDC Back-Channel Logout 1.0). */
  readonly sid: string | undefined;
  readonly name: string;
  readonly idToken: string;
  /** When the hub issued the ID token, in seconds by the hub's clock. */
  readonly issuedAt: number;
};

export type Session = Person & {
  readonly id: string;
  /** Stands in each form of this session. */
  readonly csrf: string;
  readonly endsAt: number;
  tokens: Tokens;
  /** The refresh that is under way: a refresh token must not be shown twice. */
  refreshing?: Promise<void> | undefined;
};

export type Sessions = {
  readonly start: (person: Person, tokens: Tokens) => Session;
  readonly find: (id: string | undefined) => Session | undefined;
  readonly end: (id: string) => void;
  /** Ends those of the hub's session, or else all of the person, that began by `issuedAt` (seconds); answers how many. */
  readonly endMatching: (whom: { sub?: string | undefined; sid?: string | undefined; issuedAt: number }) => number;
};

const LONGEST_MS = 24 * 60 * 60 * 1000;
export const randomId = (): string => randomBytes(32).toString('base64url');

export function createSessions(): Sessions {
  const sessions = new Map<string, Session>();
  const isOver = (session: Session): boolean => session.endsAt <= Date.now();
  return {
    start(person, tokens) {
      for (const session of sessions.values()) if (isOver(session)) sessions.delete(session.id);
      const session = { ...person, id: randomId(), csrf: randomId(), endsAt: Date.now() + LONGEST_MS, tokens };
      sessions.set(session.id, session);
      return session;
    },
    find(id) {
      const session = id === undefined ? undefined : sessions.get(id);
      return session !== undefined && !isOver(session) ? session : undefined;
    },
    end: (id) => void sessions.delete(id),
    endMatching({ sub, sid, issuedAt }) {
      const matching = [...sessions.values()].filter(
        (session) =>
          (sub === undefined || session.sub === sub) &&
          (sid === undefined || session.sid === sid) &&
          // A message that is repeated late must not end a session that began after it.
          session.issuedAt <= issuedAt,
      );
      for (const { id } of matching) sessions.delete(id);
      return matching.length;
    },
  };
}
