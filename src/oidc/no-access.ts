// The page for a person who is signed in and holds nothing in the asking application: who can give it to him, and the
// ways on. He is not sent back with an empty token.
import type { Request, Response } from 'express';
import { findLiveUser } from '../credentials/live-user.ts';
import { waitingByApplication } from '../requests/request-row.ts';
import { findAdministrators } from '../users/find-administrators.ts';
import { decodeSubject } from '../users/subject.ts';
import { nameOf } from '../users/user-row.ts';
import { applicationLabel } from './application-label.ts';
import type { Interaction, Interactions } from './interaction.ts';
import { MOUNT_PATH, type OidcSettings } from './oidc-settings.ts';
import { applicationOf } from './rights.ts';
import { signInPath } from './sign-in.ts';

type Person = { readonly organizationId: string; readonly userId: string };

const CHOICES = ['request', 'switch', 'back', 'sign_out'] as const;

export function noAccessPages(settings: OidcSettings, interactions: Interactions) {
  async function show(res: Response, interaction: Interaction): Promise<void> {
    const subject = interaction.sub === undefined ? undefined : decodeSubject(interaction.sub);
    const user = subject && (await findLiveUser(subject.organizationId, subject.userId));
    if (!user) return res.redirect(303, `${signInPath(interaction.uid)}?switch=yes`);
    settings.render(
      res,
      'sign-in/no-access',
      {
        action: `${signInPath(interaction.uid)}/no-access`,
        application: await applicationLabel(settings, res, interaction.clientId),
        person: nameOf(user.document),
        organization: user.organizationName,
        administrators: await findAdministrators(user.organizationId, new Date()),
        choices: CHOICES,
        asked: (await askedBy(user, interaction))?.askedAt,
      },
      { status: 403 },
    );
  }

  /** The request for the asking application that waits for an answer. */
  async function askedBy({ organizationId, userId }: Person, { clientId }: Pick<Interaction, 'clientId'>) {
    const application = await applicationOf(clientId);
    return application === undefined
      ? undefined
      : (await waitingByApplication(organizationId, userId)).get(application);
  }

  /** Asking is a page of the portal, which knows the same session; so is what became of it. */
  async function ask(res: Response, interaction: Interaction): Promise<void> {
    const subject = interaction.sub === undefined ? undefined : decodeSubject(interaction.sub);
    const asked = subject && (await askedBy(subject, interaction));
    if (asked) return res.redirect(303, `/portal/requests/${asked.id}`);
    const application = (await applicationOf(interaction.clientId)) ?? '';
    res.redirect(303, `/portal/ask?application=${encodeURIComponent(application)}`);
  }

  async function choose(req: Request, res: Response, interaction: Interaction): Promise<void> {
    const choice = ((req.body ?? {}) as Record<string, unknown>)['choice'];
    if (choice === 'request') return ask(res, interaction);
    if (choice === 'back') return interactions.deny(req, res, 'the user holds no rights in this application');
    if (choice === 'sign_out') return res.redirect(303, `${MOUNT_PATH}/session/end`);
    if (choice === 'switch') return res.redirect(303, `${signInPath(interaction.uid)}?switch=yes`);
    return show(res, interaction);
  }

  return { show, choose };
}
