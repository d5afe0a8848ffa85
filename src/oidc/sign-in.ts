// The sign-in page: username or e-mail address and password, or a passkey. One sentence for every failure, whatever its
// reason. What comes after a right password is decided in `goOn`, for every step that leads there.
import type { Request, Response } from 'express';
import { HubError } from '../errors.ts';
import { requestDeviceLink } from '../credentials/device-link.ts';
import { verifySignIn, type Person } from '../credentials/verify-sign-in.ts';
import { passkeyRequestOptions } from '../credentials/passkeys.ts';
import { applicationLabel } from './application-label.ts';
import { readDevice, writeDevice } from './device-cookie.ts';
import { PASSWORD } from './assurance.ts';
import { systemCtx, type Interaction, type Interactions, type Verified } from './interaction.ts';
import { nextStep } from './next-step.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { ceremonyOf } from './passkey-ceremony.ts';

type Problem = { key: string; values?: Record<string, unknown>; field?: string };
export type Failure = { status: number; errors: Problem[] };

export type SignInPages = ReturnType<typeof signInPages>;

export const signInPath = (uid: string): string => `/sign-in/${uid}`;

export function signInPages(settings: OidcSettings, interactions: Interactions) {
  async function show(res: Response, interaction: Interaction, identifier?: string, failure?: Failure): Promise<void> {
    const application = await applicationLabel(settings, res, interaction.clientId);
    settings.render(
      res,
      'sign-in/sign-in',
      {
        action: signInPath(interaction.uid),
        application,
        identifier: identifier ?? interaction.params['login_hint'] ?? '',
        forgotHref: settings.recoverHref,
        newUserHref: settings.newUserHref,
        passkeyAction: `${signInPath(interaction.uid)}/passkey`,
        passkeyOptions: await passkeyRequestOptions(systemCtx(settings, res), ceremonyOf(settings, interaction)),
        errors: failure?.errors,
      },
      { status: failure?.status ?? 200 },
    );
  }

  async function attempt(req: Request, res: Response, interaction: Interaction): Promise<void> {
    const { identifier = '', password = '' } = (req.body ?? {}) as Record<string, string | undefined>;
    const missing = missingFields(String(identifier), String(password));
    if (missing.length > 0) return show(res, interaction, String(identifier), { status: 422, errors: missing });
    const attempted = await verify(req, res, interaction, String(identifier), String(password));
    if ('errors' in attempted) return show(res, interaction, String(identifier), attempted);
    await goOn(req, res, interaction, { persons: attempted.persons, amr: PASSWORD });
  }

  async function verify(req: Request, res: Response, interaction: Interaction, name: string, password: string) {
    try {
      const outcome = await verifySignIn(systemCtx(settings, res), {
        name,
        password,
        address: req.ip ?? '',
        organizationId: interaction.params['organization'],
        device: readDevice(req, settings.site),
      });
      writeDevice(res, outcome.device, settings.site);
      return outcome;
    } catch (error) {
      if (error instanceof HubError && error.details['linkNeeded'] === true)
        await requestDeviceLink(systemCtx(settings, res), name);
      return failureOf(error, res);
    }
  }

  /**
   * Several organizations: the person says which. A temporary password: he changes it. More to prove: he gives or sets
   * up his second factor. Else he is signed in.
   */
  async function goOn(req: Request, res: Response, interaction: Interaction, proven: Verified): Promise<void> {
    const [person, ...others] = proven.persons;
    if (!person) return res.redirect(303, signInPath(interaction.uid));
    const step = others.length > 0 ? 'organization' : await stepFor(req, interaction, person, proven.amr);
    const { persons, amr, authTime, enrolled = false, at } = proven;
    if (step === undefined) return interactions.signIn(req, res, interaction, { person, amr, authTime, enrolled, at });
    await interactions.keepVerified(req, res, { persons, amr, authTime, enrolled, ...(at !== undefined && { at }) });
    res.redirect(303, `${signInPath(interaction.uid)}/${step}`);
  }

  async function stepFor(req: Request, interaction: Interaction, person: Person, amr: readonly string[]) {
    const { organizationId, userId, mustChange } = person;
    const { clientId, params } = interaction;
    const acrValues = params['acr_values'];
    const step = await nextStep(settings, req, { organizationId, userId, amr, clientId, acrValues });
    // Who has a second factor gives it before he may choose a password.
    return mustChange && step !== 'second-factor' ? 'password' : step;
  }

  return { show, attempt, goOn };
}

function missingFields(identifier: string, password: string): Problem[] {
  return [
    ...(identifier.trim() === '' ? [{ key: 'sign-in:sign_in.identifier_missing', field: 'identifier' }] : []),
    ...(password === '' ? [{ key: 'sign-in:sign_in.password_missing', field: 'password' }] : []),
  ];
}

export function failureOf(error: unknown, res: Response, wrong = 'sign-in:sign_in.failed'): Failure {
  if (!(error instanceof HubError)) throw error;
  const retryAfter = Number(error.details['retryAfter']);
  if (error.code === 'throttled') {
    res.set('Retry-After', String(retryAfter));
    if (error.details['linkNeeded'] === true) return { status: 429, errors: [{ key: 'sign-in:sign_in.link_needed' }] };
    return {
      status: 429,
      errors: [{ key: 'sign-in:sign_in.throttled', values: { count: Math.ceil(retryAfter / 60) } }],
    };
  }
  if (error.code === 'unavailable') {
    res.set('Retry-After', String(retryAfter));
    return { status: 503, errors: [{ key: 'sign-in:sign_in.busy' }] };
  }
  if (error.code !== 'invalid_credentials') throw error;
  if (error.details['expired'] === true) return { status: 422, errors: [{ key: 'sign-in:sign_in.temporary_expired' }] };
  return { status: 422, errors: [{ key: wrong }] };
}
