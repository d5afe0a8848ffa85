// An application's text: its draft, what publishing it would do, its published versions; and its logo; see ../operations/application-versions.ts.
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
import { dropApproval } from '../../approvals/ask-approval.ts';
import { HubError } from '../../errors.ts';
import type { Handlers } from '../operation.ts';
import type { applicationVersionOperations } from '../operations/application-versions.ts';

export const applicationVersionHandlers: Handlers<typeof applicationVersionOperations> = {
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
};
