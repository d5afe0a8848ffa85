// The SCIM error (RFC 7644 section 3.12, with the keywords of RFC 9865) and the one table from the
// domain's error codes to it. It writes no answer: the router does.
import { HubError, type ErrorCode } from '../errors.ts';

export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidVers'
  | 'sensitive'
  | 'invalidCursor'
  | 'expiredCursor'
  | 'invalidCount';

/** `detail` reaches the client: it names what the client sent, and holds no secret and nothing internal. */
export class ScimError extends Error {
  readonly status: number;
  readonly scimType: ScimType | undefined;
  readonly detail: string;
  /** Seconds, for the Retry-After header. */
  readonly retryAfter: number | undefined;
  /** Further headers of the answer. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    scimType: ScimType | undefined,
    detail: string,
    retryAfter?: number,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.name = 'ScimError';
    this.status = status;
    this.scimType = scimType;
    this.detail = detail;
    this.retryAfter = retryAfter;
    this.headers = headers;
  }
}

/** A 400 with its keyword: by far the most frequent refusal. */
export function badRequest(scimType: ScimType, detail: string): ScimError {
  return new ScimError(400, scimType, detail);
}

/** With the header that RFC 9110 section 15.5.6 asks for. Where GET is possible, so is HEAD. */
export function notAllowed(method: string, possible: readonly string[]): ScimError {
  const allow = possible.flatMap((one) => (one === 'GET' ? ['GET', 'HEAD'] : [one])).join(', ');
  return new ScimError(405, undefined, `${method} is not possible here: use ${possible.join(', ')}.`, undefined, {
    Allow: allow,
  });
}

const ERROR_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:Error';

type ScimErrorBody = { schemas: string[]; status: string; scimType?: ScimType; detail: string };

/** The body; `status` is a string by the RFC. */
export function toScimBody(error: ScimError): ScimErrorBody {
  return {
    schemas: [ERROR_SCHEMA],
    status: String(error.status),
    ...(error.scimType ? { scimType: error.scimType } : {}),
    detail: error.detail,
  };
}

type Form = { readonly status: number; readonly scimType?: ScimType };

const INVALID: Form = { status: 400, scimType: 'invalidValue' };
/** The connection's ceiling does not reach that far, or a person has to act. */
const FORBIDDEN: Form = { status: 403 };

const FORMS: Readonly<Record<ErrorCode, Form>> = {
  invalid_input: INVALID,
  not_found: { status: 404 },
  conflict: { status: 412 },
  uniqueness: { status: 409, scimType: 'uniqueness' },
  unknown_application: INVALID,
  unknown_value: INVALID,
  too_many: INVALID,
  grantor_lacks_right: FORBIDDEN,
  self_assignment: FORBIDDEN,
  outlasts_ceiling: FORBIDDEN,
  target_holds_more: FORBIDDEN,
  rank_too_low: FORBIDDEN,
  revocation_off: FORBIDDEN,
  last_chief: FORBIDDEN,
  group_not_opened: FORBIDDEN,
  directory_owned: FORBIDDEN,
  group_cycle: INVALID,
  group_too_deep: INVALID,
  mandate_cycle: INVALID,
  mandate_not_onward: FORBIDDEN,
  already_held: { status: 409 },
  already_asked: { status: 409 },
  last_owner: FORBIDDEN,
  four_eyes: FORBIDDEN,
  no_successor: { status: 409 },
  still_in_use: { status: 409 },
  consent_missing: { status: 409 },
  not_while_acting: FORBIDDEN,
  not_permitted: FORBIDDEN,
  profile_required: INVALID,
  profile_mandatory: INVALID,
  profile_excludes: INVALID,
  profile_conflict: INVALID,
  separation_of_duties: FORBIDDEN,
  profile_broken: INVALID,
  minimum_missing: INVALID,
  not_applicable: INVALID,
  not_master_contract: INVALID,
  only_conventional_routers: INVALID,
  only_etoe_partners: INVALID,
  placeholder: INVALID,
  retired: INVALID,
  no_active_contract: INVALID,
  operator_feature_off: FORBIDDEN,
  invalid_credentials: { status: 401 },
  throttled: { status: 429 },
  unavailable: { status: 503 },
};

/**
 * Any thrown thing as a ScimError. What is not known becomes a 500 whose text says nothing but the
 * request id; the caller logs the original.
 */
export function asScimError(error: unknown, requestId?: string): ScimError {
  if (error instanceof ScimError) return error;
  if (error instanceof HubError) {
    const form = FORMS[error.code];
    const retryAfter = error.details['retryAfter'];
    return new ScimError(
      form.status,
      form.scimType,
      error.message,
      typeof retryAfter === 'number' ? retryAfter : form.status === 503 ? 5 : undefined,
    );
  }
  const reference = requestId === undefined ? '' : ` Request ${requestId}.`;
  return new ScimError(500, undefined, `The request could not be completed.${reference}`);
}
