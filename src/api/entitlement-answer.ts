// Entitlements as the API answers them: instants instead of milliseconds, ids named as in requests.
import type { Entitlement, Validity } from '../entitlements/box.ts';

const dateOf = (milliseconds: number | null): Date | null => (milliseconds === null ? null : new Date(milliseconds));

export const isoSpan = ({ from, until }: Validity) => ({ validFrom: dateOf(from), validUntil: dateOf(until) });

export const boxAnswer = ({ application, customerAccount, profile, values }: Entitlement) => ({
  application,
  customerAccountId: customerAccount,
  profile: profile ?? null,
  values,
});
