// Errors of the JSON interfaces as RFC 9457 problem details. One table says which HTTP status each of the domain's
// codes has; pages use the same table. SCIM has its own form (RFC 7644 section 3.12) and its own table.
// `type` stays about:blank (RFC 9457 section 4.2.1) and `code` tells problems apart: it is the domain's own closed list.
import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { HubError } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';
import { requestIdOf } from './request-id.ts';

export const STATUS_OF = {
  invalid_input: 400,
  not_found: 404,
  conflict: 409,
  uniqueness: 409,
  unknown_application: 422,
  unknown_value: 422,
  too_many: 422,
  grantor_lacks_right: 403,
  self_assignment: 403,
  outlasts_ceiling: 403,
  target_holds_more: 403,
  rank_too_low: 403,
  revocation_off: 403,
  last_chief: 409,
  group_not_opened: 403,
  directory_owned: 403,
  group_cycle: 422,
  group_too_deep: 422,
  mandate_cycle: 422,
  mandate_not_onward: 403,
  not_permitted: 403,
  profile_required: 422,
  profile_mandatory: 422,
  profile_excludes: 422,
  profile_conflict: 409,
  separation_of_duties: 409,
  profile_broken: 422,
  minimum_missing: 422,
  not_applicable: 422,
  not_master_contract: 422,
  only_conventional_routers: 422,
  only_etoe_partners: 422,
  placeholder: 422,
  retired: 422,
  no_active_contract: 422,
  operator_feature_off: 403,
  already_held: 409,
  already_asked: 409,
  last_owner: 409,
  four_eyes: 403,
  no_successor: 409,
  still_in_use: 409,
  consent_missing: 409,
  not_while_acting: 403,
  invalid_credentials: 401,
  throttled: 429,
  unavailable: 503,
} as const satisfies Record<ErrorCode, number>;

export type Problem = {
  readonly status: number;
  readonly code: string;
  /** A sentence for people that holds no secret. */
  readonly detail: string;
  readonly details?: Readonly<Record<string, unknown>>;
};

const UNEXPECTED: Problem = {
  status: 500,
  code: 'internal',
  detail: 'The hub met an unexpected error. It was recorded.',
};

/** What the outside may know of a thrown value: everything of a HubError, the class of a refused request, nothing of others. */
export function toProblem(error: unknown): Problem {
  if (error instanceof HubError) {
    return { status: STATUS_OF[error.code], code: error.code, detail: error.message, details: error.details };
  }
  // Express and its body parsers mark what the sender may be told with a 4xx `status` and `expose`.
  if (error instanceof Error && 'status' in error && typeof error.status === 'number') {
    const { status } = error;
    if (status >= 400 && status < 500) {
      return {
        status,
        code: 'invalid_request',
        detail: `The request was refused: ${STATUS_CODES[status] ?? 'bad request'}.`,
      };
    }
  }
  return UNEXPECTED;
}

/** Sends a problem, with `Retry-After` (seconds) where its details name `retryAfter`. */
export function writeProblem(res: Response, problem: Problem): void {
  writeRetryAfter(res, problem);
  const requestId = requestIdOf(res);
  res
    .status(problem.status)
    .set('Cache-Control', 'no-store')
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: 'about:blank',
        title: STATUS_CODES[problem.status] ?? 'Error',
        status: problem.status,
        detail: problem.detail,
        code: problem.code,
        ...(requestId === '' ? {} : { request_id: requestId }),
        ...(problem.details && Object.keys(problem.details).length > 0 ? { details: problem.details } : {}),
      }),
    );
}

export function writeRetryAfter(res: Response, problem: Problem): void {
  const seconds = problem.details?.['retryAfter'];
  if (typeof seconds === 'number') res.set('Retry-After', String(Math.max(1, Math.ceil(seconds))));
}

/** Last middleware of a JSON interface. Unexpected errors go to the log whole, and to the caller as a request id. */
export function problemHandler(settings: { readonly log: Logger }): ErrorRequestHandler {
  return (error: unknown, _req, res, next) => {
    const problem = toProblem(error);
    if (problem.status >= 500) settings.log.error({ err: error, requestId: requestIdOf(res) }, 'request failed');
    if (res.headersSent) return next(error);
    writeProblem(res, problem);
  };
}
