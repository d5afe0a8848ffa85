// Support acting for customers' administrators, as the operator sees it. The consent itself is no operation: only a chief
// administrator gives it, signed in to the portal; if the operator's tokens could, it would be worth nothing. Neither is
// beginning to act, which hangs on a person's own session and second factor.
import { z } from 'zod';
import type { VisitOutcome } from '../../support/end-visit.ts';
import { operations } from '../operation.ts';
import { instant, pageOf, pageQuery } from '../shapes.ts';

const ORGANIZATION = '019391c2-7a5e-7c11-9a63-0c5f7a2f9f10';
const VISIT = '019391c6-1122-7334-8556-778899aabbcc';

/** Complete by its type; the list itself stands beside statements that the command line must not load. */
const OUTCOMES = {
  stopped: 'stopped',
  withdrawn: 'withdrawn',
  expired: 'expired',
  role_lost: 'role_lost',
  administrator_gone: 'administrator_gone',
  organization_inactive: 'organization_inactive',
  signed_out: 'signed_out',
} as const satisfies { [Outcome in VisitOutcome]: Outcome };

const consent = z
  .object({
    id: z.string(),
    administratorId: z.string(),
    administrator: z.string(),
    givenBy: z.string(),
    givenAt: instant,
    expiresAt: instant,
    withdrawnAt: instant.nullable(),
    valid: z.boolean().meta({ description: 'Support can act with it now.' }),
  })
  .meta({ id: 'SupportConsent' });

const visit = z
  .object({
    id: z.string(),
    administratorId: z.string(),
    administrator: z.string(),
    staffId: z.string(),
    staff: z.string(),
    reason: z.string(),
    startedAt: instant,
    endedAt: instant.nullable().meta({ description: 'Null: it goes on.' }),
    outcome: z.enum(OUTCOMES).nullable(),
    changes: z.int().meta({ description: 'How many events it left; `audit-event list --visit` lists them.' }),
  })
  .meta({ id: 'SupportVisit' });

const staffVisit = visit
  .extend({
    organizationId: z.string(),
    organization: z.string(),
    consentBy: z.string().meta({ description: 'The chief administrator who let support act.' }),
  })
  .meta({ id: 'StaffVisit' });

export const supportOperations = operations({
  'staff-visit.list': {
    noun: 'staff-visit',
    verb: 'list',
    method: 'get',
    path: '/staff/{user}/support-visits',
    summary:
      'Lists where a member of staff acted for an administrator, when, why and with whose consent, the newest first.',
    needs: 'audit.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(staffVisit),
    columns: ['id', 'organization', 'administrator', 'consentBy', 'reason', 'startedAt', 'endedAt', 'changes'],
    example: '019391c2-9c02-7b3d-a1e6-5f0c9b8d7e32',
  },
  'support-consent.list': {
    noun: 'support-consent',
    verb: 'list',
    method: 'get',
    path: '/organizations/{organization}/support-consents',
    summary:
      'Lists the consents by which chief administrators let support act for one of theirs, the newest first; only they give and withdraw them, in the portal.',
    needs: 'organizations.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(consent),
    columns: ['id', 'administrator', 'givenBy', 'expiresAt', 'withdrawnAt', 'valid'],
    example: `--organization ${ORGANIZATION}`,
  },
  'support-visit.list': {
    noun: 'support-visit',
    verb: 'list',
    method: 'get',
    path: '/organizations/{organization}/support-visits',
    summary: 'Lists who of the staff acted for an administrator of the organization, when and why, the newest first.',
    needs: 'organizations.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(visit),
    columns: ['id', 'staff', 'administrator', 'reason', 'startedAt', 'endedAt', 'changes'],
    example: `--organization ${ORGANIZATION}`,
  },
  'support-visit.end': {
    noun: 'support-visit',
    verb: 'end',
    method: 'delete',
    path: '/organizations/{organization}/support-visits/{visit}',
    summary: 'Ends what a member of staff does for an administrator, from his next request on.',
    needs: 'organizations.act',
    example: `--organization ${ORGANIZATION} ${VISIT}`,
  },
});
