// How long what the provider issues lives, in seconds.
import type { Config } from '../config.ts';

export const CODE_S = 60;
export const INTERACTION_S = 3600;
export const ANONYMOUS_SESSION_S = 3600;
export const ID_TOKEN_S = 3600;

export const epoch = () => Math.floor(Date.now() / 1000);
export const atLeastOne = (seconds: number) => Math.max(1, seconds);

/** Idle and absolute life with the session; with offline_access the absolute one alone. */
export function refreshSeconds(
  tokens: Config['tokens'],
  token: { readonly offline: boolean; readonly iiat?: number | undefined },
): number {
  const absolute =
    (token.iiat ?? epoch()) + (token.offline ? tokens.offline_refresh_seconds : tokens.session_seconds) - epoch();
  return atLeastOne(token.offline ? absolute : Math.min(absolute, tokens.refresh_idle_seconds));
}
