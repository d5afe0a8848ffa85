// The steps between a right password and a sign-in: choosing the organization where the password fits several users, and
// replacing a temporary password. Nobody has a session before both are done.
import type { Request, Response } from 'express';
import { changeTemporaryPassword } from '../credentials/change-password.ts';
import { findPasswordOwner, type PasswordOwner } from '../credentials/store-password.ts';
import {
  answerPasswordCheck,
  isPasswordCheck,
  isPlainPasswordCheck,
  judgePassword,
  type Judged,
} from '../web/password-check.ts';
import { personCtx, type Interaction } from './interaction.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { brokenRulesOf, formFaults, showSetPassword, typedPasswords } from './set-password-page.ts';
import { signInPath, type SignInPages } from './sign-in.ts';

export function signInSteps(settings: OidcSettings, signIn: SignInPages) {
  const startAgain = (res: Response, { uid }: Interaction) => res.redirect(303, signInPath(uid));

  function chooseOrganization(res: Response, interaction: Interaction, missing = false): void {
    if (interaction.verified.length < 2) return startAgain(res, interaction);
    settings.render(
      res,
      'sign-in/choose-organization',
      {
        action: `${signInPath(interaction.uid)}/organization`,
        organizations: interaction.verified.map(({ organizationId, organizationName }) => ({
          id: organizationId,
          name: organizationName,
        })),
        cancelHref: signInPath(interaction.uid),
        ...(missing && { errors: [{ key: 'sign-in:choose_organization.missing', field: 'organization' }] }),
      },
      { status: missing ? 422 : 200 },
    );
  }

  async function chosenOrganization(req: Request, res: Response, interaction: Interaction): Promise<void> {
    const chosen = ((req.body ?? {}) as Record<string, unknown>)['organization'];
    const person = interaction.verified.find(({ organizationId }) => organizationId === chosen);
    if (!person) return chooseOrganization(res, interaction, true);
    await signIn.goOn(req, res, interaction, { ...interaction, persons: [person] });
  }

  async function passwordPage(
    res: Response,
    interaction: Interaction,
    broken?: readonly string[],
    judge?: (owner: PasswordOwner) => Promise<Judged>,
  ): Promise<void> {
    const [person, ...others] = interaction.verified;
    if (!person?.mustChange || others.length > 0) return startAgain(res, interaction);
    const owner = await findPasswordOwner(person.organizationId, person.userId);
    const action = `${signInPath(interaction.uid)}/password`;
    showSetPassword(
      settings,
      res,
      { action, purpose: 'temporary', userName: owner.userName, policy: owner.policy, endsSessions: true },
      broken,
      await judge?.(owner),
    );
  }

  async function changePassword(req: Request, res: Response, interaction: Interaction): Promise<void> {
    const [person, ...others] = interaction.verified;
    if (!person?.mustChange || others.length > 0) return startAgain(res, interaction);
    const typed = typedPasswords(req);
    const owner = await findPasswordOwner(person.organizationId, person.userId);
    if (isPasswordCheck(req)) return answerPasswordCheck(req, res, { owner, hasCurrent: true, site: settings.site });
    const judge = (of: PasswordOwner) => judgePassword(req, res, { owner: of, hasCurrent: true, site: settings.site });
    if (typed.password !== '' && isPlainPasswordCheck(req)) return passwordPage(res, interaction, undefined, judge);
    const faults = formFaults(typed);
    if (faults.length > 0) return passwordPage(res, interaction, faults);
    const { userName } = owner;
    try {
      const { organizationId, userId } = person;
      await changeTemporaryPassword(personCtx(settings, res, person, userName), {
        organizationId,
        userId,
        next: typed.password,
      });
    } catch (error) {
      return passwordPage(res, interaction, brokenRulesOf(error), judge);
    }
    // He chose the password himself, just now.
    const changed = { persons: [{ ...person, mustChange: false }], at: Date.now() };
    await signIn.goOn(req, res, interaction, { ...interaction, ...changed });
  }

  return { chooseOrganization, chosenOrganization, passwordPage, changePassword };
}
