// Does an application accept an entitlement as it is saved? All reasons at once, so that a screen can show
// them in place. Who may give it is another question: giving.ts. Two profiles on one contract: precedence.ts.
import {
  DIMENSIONS,
  type Application,
  type Dimension,
  type OrganizationAttribute,
  type Profile,
} from '../applications/application.ts';
import type { ErrorCode } from '../errors.ts';
import type { Entitlement } from './box.ts';
import type { Resource } from './resource.ts';
import { isFixed, mandatoryValues, valueRule } from './value-rule.ts';

export type Reason = { readonly code: ErrorCode; readonly dimension?: Dimension; readonly value?: string };

type Acceptance = {
  readonly application: Application;
  readonly entitlement: Pick<Entitlement, 'values' | 'profile'>;
  /** Of the organization whose user or group receives. */
  readonly attributes: readonly OrganizationAttribute[];
  /** All resources of the entitlement's customer account, closed ones included. */
  readonly resources: readonly Resource[];
};

/** Codes by which a profile refuses; the rest would refuse under any profile. */
const PROFILE_CODES: readonly ErrorCode[] = ['profile_mandatory', 'profile_excludes', 'not_applicable'];

/** Empty: accepted. */
export function accept(acceptance: Acceptance): Reason[] {
  const { application, entitlement } = acceptance;
  const profile = profileOf(application, entitlement.profile);
  const reasons: Reason[] = [];
  if (application.profiles.length > 0 && entitlement.profile === undefined) reasons.push({ code: 'profile_required' });
  else if (entitlement.profile !== undefined && profile === undefined)
    reasons.push({ code: 'unknown_value', value: entitlement.profile });
  return [...reasons, ...acceptUnder(acceptance, profile)];
}

/** The application's profile of that key. */
export function profileOf(application: Application, key: string | undefined): Profile | undefined {
  return application.profiles.find((profile) => profile.key === key);
}

/**
 * For sources that name no profile (import, SCIM): the key of the one profile whose cells fit the values, else undefined,
 * also where two fit. Minimum, attributes and resources are not asked here; `accept` tells them afterwards.
 */
export function inferProfile(application: Application, values: Entitlement['values']): string | undefined {
  const fitting = application.profiles.filter((profile) =>
    acceptUnder({ application, entitlement: { values }, attributes: [], resources: [] }, profile).every(
      ({ code }) => !PROFILE_CODES.includes(code),
    ),
  );
  return fitting.length === 1 ? fitting[0]?.key : undefined;
}

function acceptUnder(acceptance: Acceptance, profile: Profile | undefined): Reason[] {
  const { application, entitlement, attributes, resources } = acceptance;
  const rule = valueRule({ application, attributes, resources, ...(profile === undefined ? {} : { profile }) });
  const mandatory = mandatoryValues(profile);
  return DIMENSIONS.flatMap((dimension): Reason[] => {
    const given = entitlement.values[dimension];
    if (!application.dimensions.includes(dimension))
      return given === undefined ? [] : [{ code: 'invalid_input', dimension }];
    const listed: readonly string[] = given === '*' ? ['*'] : (given ?? []);
    const refused = listed.flatMap((value): Reason[] => {
      const code = rule.refusal(dimension, value);
      return code === null ? [] : [{ code, dimension, value }];
    });
    const demanded = isFixed(dimension) ? (mandatory.get(dimension) ?? []) : [];
    const left = demanded.filter((value) => !listed.includes(value));
    // A box with an empty list allows nothing, so each list needs one value even where the catalogue sets no minimum.
    const least = Math.max(1, application.minimum[dimension] ?? 1);
    return [
      ...refused,
      ...left.map((value): Reason => ({ code: 'profile_mandatory', dimension, value })),
      ...(given !== '*' && new Set(listed).size < least ? [{ code: 'minimum_missing' as const, dimension }] : []),
    ];
  });
}
