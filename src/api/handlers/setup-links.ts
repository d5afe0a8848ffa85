// Set-up links; see ../operations/setup-links.ts.
import { createSetupLink, listSetupLinks, revokeSetupLink } from '../../provisioning/setup-link.ts';
import type { Handlers } from '../operation.ts';
import type { setupLinkOperations } from '../operations/setup-links.ts';
import { page } from '../page.ts';

export const setupLinkHandlers: Handlers<typeof setupLinkOperations> = {
  'setup-link.create': async (ctx, { params, body, publicUrl }) => {
    const { id, token, expiresAt } = await createSetupLink(ctx, params.connection, body);
    return { id, url: `${publicUrl.origin}/connect/${token}`, expiresAt };
  },
  'setup-link.list': async (ctx, { params, query }) =>
    page(await listSetupLinks(ctx, params.connection), query, ({ id }) => id),
  'setup-link.revoke': (ctx, { params }) => revokeSetupLink(ctx, params.connection, params.setupLink),
};
