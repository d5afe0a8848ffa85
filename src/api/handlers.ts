// What each operation of the table does; complete by its type.
import { assignmentHandlers } from './handlers/assignments.ts';
import { clientHandlers } from './handlers/clients.ts';
import { connectionHandlers } from './handlers/connections.ts';
import { customerAccountHandlers } from './handlers/customer-accounts.ts';
import { groupHandlers } from './handlers/groups.ts';
import { hubHandlers } from './handlers/hub.ts';
import { mandateHandlers } from './handlers/mandates.ts';
import { organizationHandlers } from './handlers/organizations.ts';
import { roleHandlers } from './handlers/roles.ts';
import { userHandlers } from './handlers/users.ts';
import type { Handlers } from './operation.ts';
import type { OPERATIONS } from './operations.ts';

export const HANDLERS: Handlers<typeof OPERATIONS> = {
  ...organizationHandlers,
  ...customerAccountHandlers,
  ...userHandlers,
  ...groupHandlers,
  ...roleHandlers,
  ...assignmentHandlers,
  ...mandateHandlers,
  ...connectionHandlers,
  ...clientHandlers,
  ...hubHandlers,
};
