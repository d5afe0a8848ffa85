// A company that asks to be admitted, from the public form to the operator's decision. It belongs to the operator until
// it becomes an organization.
import type { Language } from '../applications/application.ts';

/**
 * unconfirmed: the mail's link has not been used. pending: waits for the operator. forwarded: the customer number belongs
 * to somebody already, who was told. The asker is told the same in both cases.
 */
type RegistrationState = 'unconfirmed' | 'pending' | 'forwarded' | 'approved' | 'denied' | 'expired';

export const DECIDED_OR_OPEN = [
  'pending',
  'forwarded',
  'approved',
  'denied',
] as const satisfies readonly RegistrationState[];

export type RegistrationDetails = {
  readonly company: string;
  readonly customerNumber: string;
  /** What shows that he may act for the company, in his words. */
  readonly proof: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly email: string;
  readonly phone: string;
  readonly language: Language;
  readonly applications: readonly string[];
};

export type Registration = RegistrationDetails & {
  readonly id: string;
  readonly state: RegistrationState;
  readonly createdAt: Date;
  readonly confirmedAt: Date | null;
  readonly decidedAt: Date | null;
  readonly decidedBy: { readonly label: string } | null;
  readonly note: string | null;
  /** The organization that it became. */
  readonly admittedId: string | null;
};

export const REGISTRATION_COLUMNS = `id, company, customer_number as "customerNumber", proof, given_name as "givenName",
  family_name as "familyName", email, phone, language, applications, state, created_at as "createdAt", confirmed_at as "confirmedAt",
  decided_at as "decidedAt", decided_by as "decidedBy", note, admitted_id as "admittedId"`;
