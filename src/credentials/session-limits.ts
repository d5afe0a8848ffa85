// How long a session lives: idle, shorter for administrators and for the operator's staff, and in all. Settings of the
// organization, within bounds. The conditions stand in the statement that loads a session, at every door.

/** Long enough to write a page, and no session outlives a day. */
export const LIMIT_BOUNDS = {
  idleMinutesAdministrators: { least: 5, most: 120 },
  idleMinutesUsers: { least: 5, most: 1440 },
  sessionHours: { least: 1, most: 24 },
} as const;
export const DEFAULT_LIMITS = { idleMinutesAdministrators: 30, idleMinutesUsers: 480, sessionHours: 24 } as const;

const IDLE = (settings: string, administrator: string): string => `make_interval(mins => case when ${administrator}
  then coalesce((${settings} ->> 'idle_minutes_administrators')::int, ${DEFAULT_LIMITS.idleMinutesAdministrators})
  else coalesce((${settings} ->> 'idle_minutes_users')::int, ${DEFAULT_LIMITS.idleMinutesUsers}) end)`;

const WHOLE = (settings: string): string =>
  `make_interval(hours => coalesce((${settings} ->> 'session_hours')::int, ${DEFAULT_LIMITS.sessionHours}))`;

export type SessionAliases = {
  /** Of oidc_artefacts, the session's row. */
  readonly artefact: string;
  /** Of sessions, left-joined: what began before it was kept counts by the artefact alone. */
  readonly session: string;
  /** Of organizations. */
  readonly organization: string;
};

const used = ({ artefact, session }: SessionAliases) => `coalesce(${session}.used_at, ${artefact}.issued_at)`;
const administrator = ({ session, organization }: SessionAliases) =>
  `coalesce(${session}.administrator, false) or ${organization}.kind = 'operator'`;
const signedInAt = ({ artefact }: SessionAliases) => `to_timestamp((${artefact}.payload ->> 'loginTs')::bigint)`;

/** When it ends unless it is used before, as an SQL expression. */
export const idleEnd = (aliases: SessionAliases): string =>
  `(${used(aliases)} + ${IDLE(`${aliases.organization}.settings`, administrator(aliases))})`;

/** When it ends whatever happens. */
export const wholeEnd = (aliases: SessionAliases): string =>
  `(${signedInAt(aliases)} + ${WHOLE(`${aliases.organization}.settings`)})`;

/** That the session of a person was neither ended nor idle for too long nor too old, at `now` (a parameter). */
export const sessionLives = (aliases: SessionAliases, now: string): string =>
  `(${aliases.session}.ended_at is null and ${idleEnd(aliases)} > ${now} and ${wholeEnd(aliases)} > ${now})`;

export const lastUse = used;
