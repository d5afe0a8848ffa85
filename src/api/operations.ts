// The table of all operations, in the order of the documentation. Data only: the command line reads it without
// loading the server.
import type { Operation } from './operation.ts';
import { accessOperations } from './operations/access.ts';
import { assignmentOperations } from './operations/assignments.ts';
import { clientOperations } from './operations/clients.ts';
import { connectionSettingsOperations } from './operations/connection-settings.ts';
import { connectionOperations } from './operations/connections.ts';
import { customerAccountOperations } from './operations/customer-accounts.ts';
import { emailChangeOperations } from './operations/email-changes.ts';
import { groupOperations } from './operations/groups.ts';
import { handoverOperations } from './operations/handovers.ts';
import { hubOperations } from './operations/hub.ts';
import { keyOperations } from './operations/keys.ts';
import { importOperations } from './operations/imports.ts';
import { mandateOperations } from './operations/mandates.ts';
import { newsOperations } from './operations/news.ts';
import { noticePreferenceOperations } from './operations/notice-preferences.ts';
import { operatorOperations } from './operations/operator.ts';
import { organizationOperations } from './operations/organizations.ts';
import { requestOperations } from './operations/requests.ts';
import { reviewOperations } from './operations/reviews.ts';
import { roleOperations } from './operations/roles.ts';
import { securityOperations } from './operations/security.ts';
import { setupLinkOperations } from './operations/setup-links.ts';
import { userOperations } from './operations/users.ts';

export const OPERATIONS = {
  ...organizationOperations,
  ...customerAccountOperations,
  ...userOperations,
  ...securityOperations,
  ...emailChangeOperations,
  ...noticePreferenceOperations,
  ...importOperations,
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
  ...operatorOperations,
  ...hubOperations,
} as const;

export type OperationKey = keyof typeof OPERATIONS;

/** The same, for whoever walks over all of them. */
export const everyOperation: readonly (readonly [OperationKey, Operation])[] = Object.entries(OPERATIONS) as [
  OperationKey,
  Operation,
][];
