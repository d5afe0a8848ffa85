// What the operations that give and take rights have in common: the parts of an entitlement, and the refusals.
import { z } from 'zod';
import { id, text, values, valuesAnswer } from '../shapes.ts';

export const entitlement = { application: text(64), customerAccountId: id, profile: text(64).optional(), values };
export const entitlementAnswer = {
  application: z.string(),
  customerAccountId: z.string(),
  profile: z.string().nullable(),
  values: valuesAnswer,
};

export const ACCEPTANCE = [
  'unknown_application',
  'unknown_value',
  'profile_required',
  'profile_mandatory',
  'profile_excludes',
  'profile_conflict',
  'minimum_missing',
  'not_applicable',
  'not_master_contract',
  'only_conventional_routers',
  'only_etoe_partners',
  'placeholder',
  'retired',
  'no_active_contract',
  'too_many',
] as const;
export const GIVING = ['grantor_lacks_right', 'outlasts_ceiling', 'group_not_opened', 'separation_of_duties'] as const;
export const TAKING = ['revocation_off', 'grantor_lacks_right'] as const;

export const ORGANIZATION = '/organizations/{organization}';
export const FLAG = '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10';
