// `prompt=select_account`, or a `login_hint` that means somebody else: who is signed in here, to go on as he or to sign in
// as another. What the hint says is not shown: anybody can write it into a link.
import type { Request, Response } from 'express';
import { nameOf, signsInAs } from '../users/user-row.ts';
import { applicationLabel } from './application-label.ts';
import { SELECT_ACCOUNT } from './interaction-policy.ts';
import type { Interaction, Interactions } from './interaction.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { personOfSession } from './person-in-step.ts';
import { signInPath } from './sign-in.ts';

export function selectAccountPages(settings: OidcSettings, interactions: Interactions) {
  async function show(res: Response, interaction: Interaction): Promise<void> {
    const other = `${signInPath(interaction.uid)}?switch=yes`;
    const user = await personOfSession(res, interaction);
    if (!user) return res.redirect(303, other);
    const hint = interaction.params['login_hint'];
    settings.render(res, 'sign-in/select-account', {
      action: `${signInPath(interaction.uid)}/account`,
      application: await applicationLabel(settings, res, interaction.clientId),
      person: nameOf(user.document),
      userName: String(user.document['userName']),
      organization: user.organizationName,
      hinted: hint !== undefined && !signsInAs(user.document, hint),
      otherHref: other,
    });
  }

  const keep = (req: Request, res: Response, interaction: Interaction) =>
    interaction.prompt === SELECT_ACCOUNT ? interactions.answer(req, res, SELECT_ACCOUNT) : show(res, interaction);

  return { show, keep };
}
