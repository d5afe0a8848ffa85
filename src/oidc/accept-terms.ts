// The terms of a person's organization, before an application gets a code for him: in his language, to accept or to go back.
import type { Request, Response } from 'express';
import { acceptTerms, termsToAccept } from '../credentials/terms.ts';
import { HubError } from '../errors.ts';
import { languageOf } from '../web/page.ts';
import { ACCEPT_TERMS } from './interaction-policy.ts';
import { personCtx, type Interaction, type Interactions } from './interaction.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { personOfSession } from './person-in-step.ts';
import { signInPath } from './sign-in.ts';

export function acceptTermsPages(settings: OidcSettings, interactions: Interactions) {
  async function show(req: Request, res: Response, interaction: Interaction, changed = false): Promise<void> {
    const user = await personOfSession(res, interaction);
    if (!user) return res.redirect(303, `${signInPath(interaction.uid)}?switch=yes`);
    const terms = await termsToAccept(user.organizationId, user.userId);
    if (!terms) return interactions.answer(req, res, ACCEPT_TERMS);
    const text = terms.texts[languageOf(res, settings.site)];
    settings.render(
      res,
      'sign-in/terms',
      {
        action: `${signInPath(interaction.uid)}/terms`,
        organization: user.organizationName,
        version: terms.version,
        publishedAt: terms.publishedAt,
        paragraphs: text.split(/\n\s*\n/),
        ...(changed && { errors: [{ key: 'second-factor:terms.changed' }] }),
      },
      { status: changed ? 409 : 200 },
    );
  }

  async function decide(req: Request, res: Response, interaction: Interaction): Promise<void> {
    const { choice, version } = (req.body ?? {}) as Record<string, unknown>;
    if (choice === 'decline') return interactions.deny(req, res, 'the terms were not accepted');
    const user = await personOfSession(res, interaction);
    if (!user) return show(req, res, interaction);
    const { organizationId, userId, organizationName, document } = user;
    const person = { organizationId, userId, organizationName, mustChange: false };
    try {
      const ctx = personCtx(settings, res, person, String(document['userName']));
      await acceptTerms(ctx, { organizationId, userId, version: Number(version) });
    } catch (error) {
      if (!(error instanceof HubError) || error.code !== 'conflict') throw error;
      return show(req, res, interaction, true);
    }
    return interactions.answer(req, res, ACCEPT_TERMS);
  }

  return { show, decide };
}
