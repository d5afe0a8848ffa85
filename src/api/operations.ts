// The table of all operations, in the order of the documentation. Data only: the command line reads it without
// loading the server.
import type { Operation } from './operation.ts';
import { accessOperations } from './operations/access.ts';
import { accountMoveOperations } from './operations/account-moves.ts';
import { applicationVersionOperations } from './operations/application-versions.ts';
import { approvalOperations } from './operations/approvals.ts';
import { assignmentOperations } from './operations/assignments.ts';
import { bulkActOperations } from './operations/bulk-acts.ts';
import { chiefOperations } from './operations/chiefs.ts';
import { clientOperations } from './operations/clients.ts';
import { connectionSettingsOperations } from './operations/connection-settings.ts';
import { connectionOperations } from './operations/connections.ts';
import { customerAccountOperations } from './operations/customer-accounts.ts';
import { emailChangeOperations } from './operations/email-changes.ts';
import { groupOperations } from './operations/groups.ts';
import { handoverOperations } from './operations/handovers.ts';
import { hubOperations } from './operations/hub.ts';
import { importOperations } from './operations/imports.ts';
import { jobOperations } from './operations/jobs.ts';
import { keyOperations } from './operations/keys.ts';
import { logoutOperations } from './operations/logouts.ts';
import { mailOperations } from './operations/mails.ts';
import { mandateOperations } from './operations/mandates.ts';
import { newsOperations } from './operations/news.ts';
import { noticePreferenceOperations } from './operations/notice-preferences.ts';
import { organizationClosingOperations } from './operations/organization-closing.ts';
import { organizationOperations } from './operations/organizations.ts';
import { overviewOperations } from './operations/overview.ts';
import { policyOperations } from './operations/policies.ts';
import { registrationOperations } from './operations/registrations.ts';
import { requestOperations } from './operations/requests.ts';
import { reviewOperations } from './operations/reviews.ts';
import { roleOperations } from './operations/roles.ts';
import { secondFactorOperations } from './operations/second-factors.ts';
import { setupLinkOperations } from './operations/setup-links.ts';
import { staffOperations } from './operations/staff.ts';
import { supportOperations } from './operations/support.ts';
import { userOperations } from './operations/users.ts';

export const OPERATIONS = {
  ...organizationOperations,
  ...customerAccountOperations,
  ...userOperations,
  ...policyOperations,
  ...secondFactorOperations,
  ...logoutOperations,
  ...emailChangeOperations,
  ...noticePreferenceOperations,
  ...importOperations,
  ...bulkActOperations,
  ...groupOperations,
  ...roleOperations,
  ...assignmentOperations,
  ...accessOperations,
  ...reviewOperations,
  ...mandateOperations,
  ...requestOperations,
  ...connectionOperations,
  ...connectionSettingsOperations,
  ...setupLinkOperations,
  ...handoverOperations,
  ...clientOperations,
  ...keyOperations,
  ...newsOperations,
  ...registrationOperations,
  ...chiefOperations,
  ...accountMoveOperations,
  ...organizationClosingOperations,
  ...approvalOperations,
  ...applicationVersionOperations,
  ...staffOperations,
  ...supportOperations,
  ...mailOperations,
  ...jobOperations,
  ...overviewOperations,
  ...hubOperations,
} as const;

export type OperationKey = keyof typeof OPERATIONS;

/** The same, for whoever walks over all of them. */
export const everyOperation: readonly (readonly [OperationKey, Operation])[] = Object.entries(OPERATIONS) as [
  OperationKey,
  Operation,
][];
