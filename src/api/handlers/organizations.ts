// Organizations; see ../operations/organizations.ts.
import { changeOrganization } from '../../organizations/change-organization.ts';
import { createOrganization } from '../../organizations/create-organization.ts';
import { exportOrganization } from '../../organizations/export-organization.ts';
import { findOrganization, listOrganizations } from '../../organizations/find-organization.ts';
import { resumeOrganization, suspendOrganization } from '../../organizations/suspend-organization.ts';
import type { Handlers } from '../operation.ts';
import type { organizationOperations } from '../operations/organizations.ts';
import { afterId, limitOf } from '../page.ts';
import { compact } from '../compact.ts';

export const organizationHandlers: Handlers<typeof organizationOperations> = {
  'organization.create': (ctx, { body }) => createOrganization(ctx, compact(body)),
  'organization.list': async (ctx, { query }) => {
    const before = afterId(query);
    const { organizations, next } = await listOrganizations(ctx, {
      ...compact({ name: query.name, number: query.customerNumber, state: query.state, before }),
      withoutChief: query.withoutChief === 'true',
      limit: limitOf(query),
    });
    return { items: organizations, next };
  },
  'organization.get': (ctx, { params }) => findOrganization(ctx, params.organization),
  'organization.export': (ctx) => exportOrganization(ctx),
  'organization.change': (ctx, { params, body }) => changeOrganization(ctx, params.organization, compact(body)),
  'organization.suspend': async (ctx, { params, body }) => {
    await suspendOrganization(ctx, params.organization, body.reason);
    return findOrganization(ctx, params.organization);
  },
  'organization.resume': async (ctx, { params, body }) => {
    await resumeOrganization(ctx, params.organization, body.reason);
    return findOrganization(ctx, params.organization);
  },
};
