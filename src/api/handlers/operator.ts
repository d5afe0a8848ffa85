// The operator's own work; see ../operations/operator.ts.
import { dropApproval } from '../../approvals/ask-approval.ts';
import { listApprovals } from '../../approvals/list-approvals.ts';
import { setLogo } from '../../applications/application-logo.ts';
import {
  askPublishing,
  confirmPublishing,
  dropDraft,
  listVersions,
  readApplicationText,
  saveDraft,
} from '../../applications/draft-application.ts';
import { draftEffect } from '../../applications/draft-effect.ts';
import { HubError } from '../../errors.ts';
import { readAttention } from '../../figures/attention.ts';
import { readFailedJobs, readHealth, readQueues, retryFailedJob } from '../../figures/jobs-and-health.ts';
import { busiestDirectories, readActivity } from '../../figures/read-activity.ts';
import { listDeliveries, retryMail } from '../../mail/delivery.ts';
import { askClosing, confirmClosing } from '../../organizations/close-organization.ts';
import { appointChief, createChief } from '../../organizations/create-chief.ts';
import { createStaff } from '../../organizations/create-staff.ts';
import { findOrganization } from '../../organizations/find-organization.ts';
import { listChiefs } from '../../organizations/list-chiefs.ts';
import { moveCustomerAccount, moveEffect } from '../../organizations/move-customer-account.ts';
import { organizationEffect } from '../../organizations/organization-effect.ts';
import { listStaff, setStaffRoles } from '../../organizations/staff-roles.ts';
import { expiringTokens } from '../../provisioning/expiring-tokens.ts';
import { approveRegistration, denyRegistration } from '../../registrations/decide-registration.ts';
import { findRegistration, listRegistrations } from '../../registrations/list-registrations.ts';
import type { PersonDetails } from '../../users/person-details.ts';
import { compact } from '../compact.ts';
import type { Handlers } from '../operation.ts';
import type { operatorOperations } from '../operations/operator.ts';
import { afterId, limitOf, page } from '../page.ts';

const SOON_DAYS = 30;

const detailsOf = (
  body: Omit<PersonDetails, 'userName' | 'salutation'> & { userName?: string | undefined },
): PersonDetails => ({
  userName: body.userName ?? body.email,
  salutation: '',
  givenName: body.givenName,
  familyName: body.familyName,
  email: body.email,
  language: body.language,
});

export const operatorHandlers: Handlers<typeof operatorOperations> = {
  'registration.list': async (ctx, { query }) => {
    const after = afterId(query);
    const asked = { state: query.state ?? 'pending', limit: limitOf(query), ...(after !== undefined && { after }) };
    const { registrations, next } = await listRegistrations(ctx, asked);
    return { items: registrations, next };
  },
  'registration.get': (ctx, { params }) => findRegistration(ctx, params.registration),
  'registration.approve': (ctx, { params, body }) => approveRegistration(ctx, params.registration, compact(body)),
  'registration.deny': (ctx, { params, body }) => denyRegistration(ctx, params.registration, body.reason),
  'chief.list': async (ctx, { query }) => page(await listChiefs(ctx), query, ({ id }) => id),
  'chief.create': async (ctx, { body }) => ({ id: await createChief(ctx, detailsOf(body)) }),
  'chief.appoint': (ctx, { params }) => appointChief(ctx, params.user),
  'customer-account.move-effect': (ctx, { params }) => moveEffect(ctx, params.customerAccount),
  'customer-account.move': (ctx, { params, body }) =>
    moveCustomerAccount(ctx, { customerAccountId: params.customerAccount, ...body }),
  'organization.effect': async (ctx) => {
    await findOrganization(ctx, ctx.organizationId);
    return organizationEffect(ctx);
  },
  'organization.close': (ctx, { params, body }) => askClosing(ctx, params.organization, body.reason),
  'organization.confirm-close': (ctx, { params }) => confirmClosing(ctx, params.organization),
  'organization.refuse-close': (ctx, { params }) =>
    dropApproval(ctx, 'close_organization', params.organization.toLowerCase()),
  'approval.list': (ctx) => listApprovals(ctx),
  'application.source': (ctx, { params }) => readApplicationText(ctx, params.application),
  'application.draft': async (ctx, { params, body }) => ({
    faults: await saveDraft(ctx, params.application, body.source),
  }),
  'application.drop-draft': (ctx, { params }) => dropDraft(ctx, params.application),
  'application.effect': async (ctx, { params }) => {
    const { draft } = await readApplicationText(ctx, params.application);
    if (!draft) throw new HubError('not_found', 'This application has no draft.');
    return draftEffect(ctx, params.application, draft.source);
  },
  'application.publish': (ctx, { params, body }) => askPublishing(ctx, params.application, body.reason),
  'application.confirm-publish': async (ctx, { params }) => ({
    version: await confirmPublishing(ctx, params.application),
  }),
  'application.refuse-publish': (ctx, { params }) => dropApproval(ctx, 'publish_application', params.application),
  'application.versions': async (ctx, { params }) => ({ items: await listVersions(ctx, params.application) }),
  'application.set-logo': (ctx, { params, body }) =>
    setLogo(ctx, params.application, body.picture === null ? null : Buffer.from(body.picture, 'base64')),
  'staff.list': async (ctx) => ({ items: await listStaff(ctx) }),
  'staff.create': async (ctx, { body }) => ({ id: await createStaff(ctx, detailsOf(body), body.roles) }),
  'staff.set-roles': (ctx, { params, body }) => setStaffRoles(ctx, params.user, body.roles),
  'mail.list': async (ctx, { query }) => {
    const { state, before } = query;
    const { deliveries, next } = await listDeliveries(ctx, {
      limit: limitOf(query),
      ...(state && { state }),
      ...(before && { before: before.toISOString() }),
    });
    return { items: deliveries, next };
  },
  'mail.retry': (ctx, { params }) => retryMail(ctx, ctx.organizationId, params.mail),
  'job.queues': async (ctx) => ({ items: await readQueues(ctx) }),
  'job.failed': async (ctx, { query }) => ({ items: await readFailedJobs(ctx, query.queue) }),
  'job.retry': (ctx, { params, body }) => retryFailedJob(ctx, body.queue, params.job),
  'hub.health': (ctx) => readHealth(ctx),
  'hub.overview': async (ctx, { query }) => {
    const span = query.span ?? 'day';
    const [attention, activity, directories] = await Promise.all([
      readAttention(ctx),
      readActivity(ctx, span),
      busiestDirectories(ctx, span),
    ]);
    return { attention, activity, directories };
  },
  'provisioning-token.expiring': async (ctx, { query }) => ({
    items: await expiringTokens(ctx, Number(query.days ?? SOON_DAYS)),
  }),
};
