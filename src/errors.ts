// The one error of the domain, with a closed list of codes. No protocol in it: each edge has one
// table from code to its own form (problem+json, SCIM error, page).

export const ERROR_CODES = [
  // input
  'invalid_input', // details.issues: [{path, message}]
  'not_found',
  'conflict', // changed by somebody else meanwhile
  'uniqueness', // details.attribute
  'unknown_application',
  'unknown_value',
  'too_many',
  // giving and taking away
  'grantor_lacks_right',
  'self_assignment',
  'outlasts_ceiling',
  'target_holds_more',
  'rank_too_low',
  'revocation_off',
  'last_chief',
  'group_not_opened',
  'directory_owned',
  'group_cycle',
  'group_too_deep',
  'mandate_cycle',
  'mandate_not_onward',
  'not_permitted',
  // what a profile, a value rule or a resource says
  'profile_required',
  'profile_mandatory',
  'profile_excludes',
  'profile_conflict',
  'separation_of_duties', // details: pair, between (its name by language), userId, customerAccountId
  'profile_broken',
  'minimum_missing',
  'not_applicable',
  'not_master_contract',
  'only_conventional_routers',
  'only_etoe_partners',
  'placeholder',
  'retired',
  'no_active_contract',
  'operator_feature_off',
  // asking for access
  'already_held',
  'already_asked', // details.request: the one that waits
  // what the operator does
  'last_owner',
  'four_eyes', // the one who asked cannot confirm
  'no_successor', // a key that signs and has no next one
  'still_in_use', // details.counts: what would end
  'consent_missing', // the organization has not let support act, or not any more
  'not_while_acting', // support in the place of an administrator
  // the hub itself
  'invalid_credentials',
  'throttled', // details.retryAfter seconds
  'unavailable', // the database or a queue; details.retryAfter seconds
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Thrown by the domain. `message` is an English sentence that a person understands and that holds no secret. */
export class HubError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.name = 'HubError';
    this.code = code;
    this.details = details;
  }
}
