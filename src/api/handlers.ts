// What each operation of the table does; complete by its type.
import { accessHandlers } from './handlers/access.ts';
import { accountMoveHandlers } from './handlers/account-moves.ts';
import { applicationVersionHandlers } from './handlers/application-versions.ts';
import { approvalHandlers } from './handlers/approvals.ts';
import { assignmentHandlers } from './handlers/assignments.ts';
import { bulkActHandlers } from './handlers/bulk-acts.ts';
import { chiefHandlers } from './handlers/chiefs.ts';
import { clientHandlers } from './handlers/clients.ts';
import { connectionSettingsHandlers } from './handlers/connection-settings.ts';
import { connectionHandlers } from './handlers/connections.ts';
import { customerAccountHandlers } from './handlers/customer-accounts.ts';
import { emailChangeHandlers } from './handlers/email-changes.ts';
import { groupHandlers } from './handlers/groups.ts';
import { handoverHandlers } from './handlers/handovers.ts';
import { hubHandlers } from './handlers/hub.ts';
import { importHandlers } from './handlers/imports.ts';
import { jobHandlers } from './handlers/jobs.ts';
import { keyHandlers } from './handlers/keys.ts';
import { logoutHandlers } from './handlers/logouts.ts';
import { mailHandlers } from './handlers/mails.ts';
import { mandateHandlers } from './handlers/mandates.ts';
import { newsHandlers } from './handlers/news.ts';
import { noticePreferenceHandlers } from './handlers/notice-preferences.ts';
import { organizationClosingHandlers } from './handlers/organization-closing.ts';
import { organizationHandlers } from './handlers/organizations.ts';
import { overviewHandlers } from './handlers/overview.ts';
import { policyHandlers } from './handlers/policies.ts';
import { registrationHandlers } from './handlers/registrations.ts';
import { requestHandlers } from './handlers/requests.ts';
import { reviewHandlers } from './handlers/reviews.ts';
import { roleHandlers } from './handlers/roles.ts';
import { secondFactorHandlers } from './handlers/second-factors.ts';
import { setupLinkHandlers } from './handlers/setup-links.ts';
import { staffHandlers } from './handlers/staff.ts';
import { supportHandlers } from './handlers/support.ts';
import { userHandlers } from './handlers/users.ts';
import type { Handlers } from './operation.ts';
import type { OPERATIONS } from './operations.ts';

export const HANDLERS: Handlers<typeof OPERATIONS> = {
  ...organizationHandlers,
  ...customerAccountHandlers,
  ...userHandlers,
  ...policyHandlers,
  ...secondFactorHandlers,
  ...logoutHandlers,
  ...emailChangeHandlers,
  ...noticePreferenceHandlers,
  ...importHandlers,
  ...bulkActHandlers,
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
  ...registrationHandlers,
  ...chiefHandlers,
  ...accountMoveHandlers,
  ...organizationClosingHandlers,
  ...approvalHandlers,
  ...applicationVersionHandlers,
  ...staffHandlers,
  ...supportHandlers,
  ...mailHandlers,
  ...jobHandlers,
  ...overviewHandlers,
  ...hubHandlers,
};
