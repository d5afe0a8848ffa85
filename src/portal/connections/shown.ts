// A connection in words: its state from the last request seen, its requests, and how long ago something was. Shared by the
// administrator's pages and those behind a set-up link.
import type { Language } from '../../applications/application.ts';
import type { ListedToken, Product } from '../../provisioning/connection.ts';
import {
  isRefusal,
  SOON_DAYS,
  stateOf,
  type ConnectionOverview,
  type ConnectionState,
} from '../../provisioning/connection-overview.ts';
import type { RequestRow } from '../../provisioning/request-log.ts';
import type { Translate } from '../../texts.ts';

export type Telling = { readonly t: Translate; readonly language: Language; readonly now: Date };

const DAY_MS = 24 * 60 * 60 * 1000;
const UNITS = [
  ['day', DAY_MS],
  ['hour', 60 * 60 * 1000],
  ['minute', 60 * 1000],
] as const;

/** "3 minutes ago", in the largest unit that fits; "now" within the minute, since a page that says it says it again. */
export function ago(at: Date, { language, now }: Telling): string {
  const gone = Math.max(0, now.getTime() - at.getTime());
  const [unit, length] = UNITS.find(([, ms]) => gone >= ms) ?? (['second', Infinity] as const);
  const format = new Intl.RelativeTimeFormat(language === 'en' ? 'en-GB' : language, { numeric: 'auto' });
  return format.format(length === Infinity ? 0 : -Math.floor(gone / length), unit);
}

/**
 * What an answer means and what to do, in the reader's language; the log's own sentence names the particulars. A part of the
 * key below `connections:meaning`.
 */
function meaningOf({ status, scimType }: { status: number; scimType?: string | null }): string {
  if (status === 400) return scimType === 'invalidFilter' ? 'filter' : 'value';
  if (status === 401 || status === 403) return 'forbidden';
  if (status === 404) return 'gone';
  if (status === 409) return 'taken';
  if (status === 412 || status === 428) return 'version';
  if (status === 413) return 'large';
  return status === 429 || status >= 500 ? 'later' : 'value';
}

type ShownState = {
  readonly key: ConnectionState;
  readonly tone: 'ok' | 'wait' | 'bad';
  readonly icon: string;
  readonly text: string;
  /** Of a refusal: what it means, and the log's own sentence. */
  readonly meaning?: string;
  readonly why?: string;
};

const LOOK = {
  no_access: ['wait', 'key'],
  waiting: ['wait', 'clock'],
  refused: ['bad', 'alert'],
  in_use: ['ok', 'check'],
} as const;

export function shownState(connection: ConnectionOverview, telling: Telling): ShownState {
  const { t } = telling;
  const key = stateOf(connection);
  const { last } = connection;
  const [tone, icon] = LOOK[key];
  const text = t(`connections:state.${key}`, { ago: last ? ago(last.at, telling) : '' });
  if (key !== 'refused' || !last) return { key, tone, icon, text };
  return {
    key,
    tone,
    icon,
    text,
    meaning: t(`connections:meaning.${meaningOf(last)}`),
    ...(last.why !== null && { why: last.why }),
  };
}

/** Whole days until an end that is near; undefined for one that is not. */
export function daysLeft(end: Date | null, now: Date): number | undefined {
  if (end === null || end <= now) return undefined;
  const days = Math.ceil((end.getTime() - now.getTime()) / DAY_MS);
  return days <= SOON_DAYS ? days : undefined;
}

/** What a page says of a token; `state`: live, expired or revoked. */
export const shownToken = (token: ListedToken, telling: Telling) => ({
  ...token,
  state: token.revokedAt ? 'revoked' : token.expiresAt && token.expiresAt <= telling.now ? 'expired' : 'live',
  used: token.lastUsedAt && ago(token.lastUsedAt, telling),
  left: token.revokedAt ? undefined : daysLeft(token.expiresAt, telling.now),
});

export const shownRequest = (row: RequestRow, { t }: Telling) => {
  const refused = isRefusal(row);
  return { ...row, refused, meaning: refused ? t(`connections:meaning.${meaningOf(row)}`) : undefined };
};

/** The steps of the set-up page, in order; `url`, `token` and `test` bring their values with them. */
export const STEPS: Readonly<Record<Product, readonly string[]>> = {
  entra: ['app', 'mode', 'url', 'token', 'test', 'mappings', 'scope', 'start'],
  okta: ['app', 'mode', 'url', 'token', 'test', 'actions', 'assign', 'groups'],
  other: ['url', 'token', 'test', 'match', 'start'],
};
