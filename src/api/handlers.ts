// What each operation of the table does; complete by its type.
import { accessHandlers } from './handlers/access.ts';
import { assignmentHandlers } from './handlers/assignments.ts';
import { clientHandlers } from './handlers/clients.ts';
import { connectionSettingsHandlers } from './handlers/connection-settings.ts';
import { connectionHandlers } from './handlers/connections.ts';
import { customerAccountHandlers } from './handlers/customer-accounts.ts';
import { emailChangeHandlers } from './handlers/email-changes.ts';
import { groupHandlers } from './handlers/groups.ts';
import { handoverHandlers } from './handlers/handovers.ts';
import { hubHandlers } from './handlers/hub.ts';
import { keyHandlers } from './handlers/keys.ts';
import { importHandlers } from './handlers/imports.ts';
import { mandateHandlers } from './handlers/mandates.ts';
import { newsHandlers } from './handlers/news.ts';
import { noticePreferenceHandlers } from './handlers/notice-preferences.ts';
import { operatorHandlers } from './handlers/operator.ts';
import { organizationHandlers } from './handlers/organizations.ts';
import { requestHandlers } from './handlers/requests.ts';
import { reviewHandlers } from './handlers/reviews.ts';
import { roleHandlers } from './handlers/roles.ts';
import { securityHandlers } from './handlers/security.ts';
import { setupLinkHandlers } from './handlers/setup-links.ts';
import { userHandlers } from './handlers/users.ts';
import type { Handlers } from './operation.ts';
import type { OPERATIONS } from './operations.ts';

export const HANDLERS: Handlers<typeof OPERATIONS> = {
  ...organizationHandlers,
  ...customerAccountHandlers,
  ...userHandlers,
  ...securityHandlers,
  ...emailChangeHandlers,
  ...noticePreferenceHandlers,
  ...importHandlers,
  ...groupHandlers,
  ...roleHandlers,
  ...assignmentHandlers,
  ...accessHandlers,
  ...reviewHandlers,
  ...mandateHandlers,
  ...requestHandlers,
  ...connectionHandlers,
  ...connectionSettingsHandlers,
  ...setupLinkHandlers,
  ...handoverHandlers,
  ...clientHandlers,
  ...keyHandlers,
  ...newsHandlers,
  ...operatorHandlers,
  ...hubHandlers,
};
