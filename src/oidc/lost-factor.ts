// For somebody whose password was right and whose second factor is lost, with no recovery code left: he asks, and an
// administrator of his organization decides.
import type { Request, Response } from 'express';
import { hasFactor } from '../credentials/factor-state.ts';
import { openFactorReset, requestFactorReset } from '../credentials/reset-factors.ts';
import { HubError } from '../errors.ts';
import { findAdministrators } from '../users/find-administrators.ts';
import { personCtx, type Interaction } from './interaction.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { personInStep, type PersonInStep } from './person-in-step.ts';
import { signInPath } from './sign-in.ts';

export function lostFactorPages(settings: OidcSettings) {
  async function open(res: Response, interaction: Interaction): Promise<PersonInStep | undefined> {
    const step = await personInStep(res, interaction);
    if (step && step.level === 1 && hasFactor(step.state)) return step;
    res.redirect(303, `${signInPath(interaction.uid)}?switch=yes`);
    return undefined;
  }

  async function show(res: Response, interaction: Interaction): Promise<void> {
    const step = await open(res, interaction);
    if (step) await render(res, interaction, step);
  }

  async function render(res: Response, interaction: Interaction, { person, user, state }: PersonInStep, wrong = false) {
    const now = new Date();
    const others = await findAdministrators(person.organizationId, now);
    const path = signInPath(interaction.uid);
    settings.render(
      res,
      'sign-in/lost-factor',
      {
        action: `${path}/lost-factor`,
        organization: user.organizationName,
        requestedAt: await openFactorReset(person, now),
        administrators: others.filter(({ id }) => id !== user.userId),
        recoveryHref: state.recoveryCodes > 0 ? `${path}/second-factor?method=recovery` : undefined,
        backHref: `${path}/second-factor`,
        ...(wrong && { errors: [{ key: 'second-factor:lost.reason_long', field: 'reason' }] }),
      },
      { status: wrong ? 422 : 200 },
    );
  }

  async function ask(req: Request, res: Response, interaction: Interaction): Promise<void> {
    const step = await open(res, interaction);
    if (!step) return;
    const { person, user } = step;
    const reason = String(((req.body ?? {}) as Record<string, unknown>)['reason'] ?? '');
    try {
      const ctx = personCtx(settings, res, person, String(user.document['userName']));
      await requestFactorReset(ctx, { organizationId: person.organizationId, userId: person.userId, reason });
    } catch (error) {
      if (!(error instanceof HubError) || error.code !== 'invalid_input') throw error;
      return render(res, interaction, step, true);
    }
    res.redirect(303, `${signInPath(interaction.uid)}/lost-factor`);
  }

  return { show, ask };
}
