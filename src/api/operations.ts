// The table of all operations, in the order of the documentation. Data only: the command line reads it without
// loading the server.
import type { Operation } from './operation.ts';
import { assignmentOperations } from './operations/assignments.ts';
import { clientOperations } from './operations/clients.ts';
import { connectionOperations } from './operations/connections.ts';
import { customerAccountOperations } from './operations/customer-accounts.ts';
import { groupOperations } from './operations/groups.ts';
import { hubOperations } from './operations/hub.ts';
import { mandateOperations } from './operations/mandates.ts';
import { organizationOperations } from './operations/organizations.ts';
import { roleOperations } from './operations/roles.ts';
import { userOperations } from './operations/users.ts';

export const OPERATIONS = {
  ...organizationOperations,
  ...customerAccountOperations,
  ...userOperations,
  ...groupOperations,
  ...roleOperations,
  ...assignmentOperations,
  ...mandateOperations,
  ...connectionOperations,
  ...clientOperations,
  ...hubOperations,
} as const;

export type OperationKey = keyof typeof OPERATIONS;

/** The same, for whoever walks over all of them. */
export const everyOperation: readonly (readonly [OperationKey, Operation])[] = Object.entries(OPERATIONS) as [
  OperationKey,
  Operation,
][];
